-- A waiting row gets a slot and a lease; the caller has made sure that it may start, and takes it out of the queue.
-- Answers the row as it is then.
local expires, grant_entry = at + lease_ms, move[EVENT] .. '@' .. at_text .. ','
local expires_text = format('%d', expires)

local function grant(m, id, packed, token)
  local _, used, attempt, since, not_before, deadline, _, ended, _, _, _, _, _, rest = open_struct(HOT, packed)
  local cold = string.sub(packed, rest)
  if #cold + #grant_entry > TIMELINE_MAX then cold = trim(cold, grant_entry) end
  packed = pack_struct(
    HOT, move[TO_PLACE], used, attempt + 1, since, -1, -1, at, ended, expires, -1, move[TO], token, NONE)
    .. cold .. grant_entry
  local n = #stores
  stores[n + 1], stores[n + 2] = ROW .. id, packed
  local leased, indexed = m.leased, m.indexed
  if not leased then
    leased, indexed = list_in(adds, m.held), list_in(drops, INDEX .. move[FROM] .. ':' .. m.id)
    m.leased, m.indexed, m.waits, m.event = leased, indexed, bins_of(m, 'wait'), events_of(m, move[EVENT])
  end
  n = #leased
  leased[n + 1], leased[n + 2] = expires_text, id
  indexed[#indexed + 1] = id
  m.event[1] = m.event[1] + 1
  if attempt == 0 then tally_time(m.waits, at > since and at - since or 0) end
  if not_before >= 0 then table.insert(list_in(drops, m.later), id) end
  if deadline >= 0 then table.insert(list_in(drops, DEADLINES), id) end
  return packed
end
