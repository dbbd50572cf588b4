-- A waiting row gets a slot and a lease; the caller has made sure that it may start, and takes it out of the queue.
-- Answers the row as it is then.
local expires_text, grant_entry = format('%d', at + lease_ms), move[EVENT] .. '@' .. at_text .. ','

local function grant(id, packed, token)
  local _, cost, user, priority, attempts_max, wait_max, used, attempt, since, not_before, deadline, _, ended, _, _,
    status, model, type, _, _, url, output, fault, timeline = open_struct(ROW_FORMAT, packed)
  local m = models[model] or model_of(model)
  attempt = attempt + 1
  packed = pack_struct(
    ROW_FORMAT, move[TO_PLACE], cost, user, priority, attempts_max, wait_max, used, attempt, since, -1, -1, at, ended,
    at + lease_ms, -1, move[TO], model, type, token, NONE, url, output, fault, append(timeline, grant_entry))
  local n = #stores
  stores[n + 1], stores[n + 2] = ROW .. id, packed
  local held, unindexed = m.held_adds, m.unindexed
  if not held then
    held, unindexed = list_in(adds, m.held), list_in(drops, INDEX .. status .. ':' .. model)
    m.held_adds, m.unindexed, m.event = held, unindexed, cell_of(m, move[EVENT], 0)
  end
  n = #held
  held[n + 1], held[n + 2] = expires_text, id
  unindexed[#unindexed + 1] = id
  m.event[1] = m.event[1] + 1
  if attempt == 1 then
    local waited = at > since and at - since or 0
    tally(m, 'wait', bin_of(waited), waited)
  end
  if not_before >= 0 then table.insert(list_in(drops, m.later), id) end
  if deadline >= 0 then table.insert(list_in(drops, DEADLINES), id) end
  return packed
end
