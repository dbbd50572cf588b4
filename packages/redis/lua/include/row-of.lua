-- The values of a row that the less frequent commands look at, by name.
local function row_of(packed)
  local place, _, attempt, since, not_before, _, started, ended, expires, _, status, token, _, rest =
    open_struct(HOT, packed)
  local cost, user, priority, attempts_max, _, model = open_struct(FIXED, packed, rest)
  return {
    place = place, priority = priority, cost = cost, attempts_max = attempts_max, attempt = attempt, since = since,
    not_before = not_before, started = started, ended = ended, expires = expires, status = status, user = user,
    model = model, token = token,
  }
end
