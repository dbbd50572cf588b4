-- The values of a row that the less frequent commands look at, by name.
local function row_of(packed)
  local place, cost, user, priority, attempts_max, _, _, attempt, since, not_before, _, started, ended, expires, _,
    status, model, _, token = open_struct(ROW_FORMAT, packed)
  return {
    place = place, priority = priority, cost = cost, attempts_max = attempts_max, attempt = attempt, since = since,
    not_before = not_before, started = started, ended = ended, expires = expires, status = status, user = user,
    model = model, token = token,
  }
end
