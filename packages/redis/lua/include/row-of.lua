-- The values of a row that the less frequent commands look at, by name.
local function row_of(packed)
  local place, bytes, _, attempt, since, started, first, _, status, holder = open_struct(HOT, packed)
  local cost, user, priority, attempts_max, _, model = open_struct(FIXED, packed, bytes + 1)
  return {
    place = place, priority = priority, cost = cost, attempts_max = attempts_max, attempt = attempt, since = since,
    not_before = place == IN_QUEUE and first or -1, started = started, ended = place == OUT and first or -1,
    expires = place == IN_SLOT and first or -1, status = status, user = user, model = model,
    token = place == IN_SLOT and holder or NONE,
  }
end
