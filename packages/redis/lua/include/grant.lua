-- A waiting row gets a slot and a lease; the caller has made sure that it may start. Answers the row as it is then.
local function grant(id, packed, token, move, lease_ms, at, entry)
  local _, priority, cost, attempts_max, used, attempt, wait_max, since, not_before, deadline, _, ended, _, _,
    status, user, model, type, _, _, url, output, fault, timeline = open_row(ROW_FORMAT, packed)
  local m = model_of(model)
  attempt = attempt + 1
  packed = pack_row(
    ROW_FORMAT, move[TO_PLACE], priority, cost, attempts_max, used, attempt, wait_max, since, -1, -1, at, ended,
    at + lease_ms, -1, move[TO], user, model, type, token, NONE, url, output, fault, append(timeline, entry))
  store(ROW .. id, packed)
  add(m.held, at + lease_ms, id)
  drop(m.ready, id)
  drop(index_of(m, status), id)
  if not_before >= 0 then drop(m.later, id) end
  if deadline >= 0 then drop(DEADLINES, id) end
  tally(m, move[EVENT])
  if attempt == 1 then tally_time(m, 'wait', math.max(0, at - since)) end
  return packed
end
