-- A waiting row gets a slot and a lease; the caller has made sure that it may start, and takes it out of the queue.
-- Answers the row as it is then; `name` is its key.
local expires, grant_entry = at + lease_ms, event .. '@' .. at_text .. ','
local expires_text, grant_bytes = format('%d', expires), HOT_BYTES + #to

local function grant(m, id, name, packed, token)
  local _, bytes, used, attempt, since, _, not_before, deadline = open_struct(HOT_NUMBERS, packed)
  local cold = sub(packed, bytes + 1)
  if #cold + #grant_entry > TIMELINE_MAX then cold = trim(cold, grant_entry) end
  packed = pack_struct(HOT, to_place, grant_bytes + #token, used, attempt + 1, since, at, expires, -1, to, token)
    .. cold .. grant_entry
  local leased, indexed, n = m.leased, m.indexed, #stores
  stores[n + 1], stores[n + 2] = name, packed
  if not leased then
    leased, indexed = list_in(adds, m.held), list_in(drops, INDEX .. from .. ':' .. m.id)
    m.leased, m.indexed, m.waits, m.event = leased, indexed, bins_of(m, 'wait'), events_of(m, event)
  end
  n = #leased
  leased[n + 1], leased[n + 2] = expires_text, id
  indexed[#indexed + 1] = id
  m.event[1] = m.event[1] + 1
  if attempt == 0 then tally_time(m.waits, at > since and at - since or 0) end
  if not_before >= 0 then append(list_in(drops, m.later), id) end
  if deadline >= 0 then append(list_in(drops, DEADLINES), id) end
  return packed
end
