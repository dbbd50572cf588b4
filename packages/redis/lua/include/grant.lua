-- A waiting row gets a slot and a lease; the caller has made sure that it may start. Answers the row as it is then.
local function grant(id, packed, token, move, lease_ms, at, entry)
  local _, cost, user, priority, attempts_max, wait_max, used, attempt, since, not_before, deadline, _, ended, _, _,
    status, model, type, _, _, url, output, fault, timeline = open_row(ROW_FORMAT, packed)
  local m = models[model] or model_of(model)
  attempt = attempt + 1
  packed = pack_row(
    ROW_FORMAT, move[TO_PLACE], cost, user, priority, attempts_max, wait_max, used, attempt, since, -1, -1, at, ended,
    at + lease_ms, -1, move[TO], model, type, token, NONE, url, output, fault, append(timeline, entry))
  local n = #stores
  stores[n + 1], stores[n + 2] = ROW .. id, packed
  local held = m.held_adds
  if not held then
    held = list_in(adds, m.held)
    m.held_adds, m.index_drops = held, list_in(drops, index_of(m, status))
  end
  n = #held
  held[n + 1], held[n + 2] = at + lease_ms, id
  m.index_drops[#m.index_drops + 1] = id
  if not_before >= 0 then single(drops, m.later, id) end
  if deadline >= 0 then single(drops, DEADLINES, id) end
  if attempt == 1 then
    local waited = at > since and at - since or 0
    tally(m, 'wait', bin_of(waited), waited)
  end
  tally(m, move[EVENT], 0, 0)
  return packed
end
