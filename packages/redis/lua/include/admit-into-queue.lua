-- The row waits, at the end of its lane.
local indexed, lined, tails = m.indexed, m.lined, m.tails
if not indexed then
  indexed, lined, tails = list_in(adds, INDEX .. wait_to .. ':' .. model), list_in(adds, m.ready), {}
  m.lanes, m.tails, m.indexed, m.lined, m.event = {}, tails, indexed, lined, events_of(m, wait_event)
end
local hot, tail, lane = plain_hot, tails[type], m.lane
if wait_max >= 0 then
  pair(adds, DEADLINES, format('%d', at + wait_max), id)
  hot = pack_struct(HOT, wait_place, plain_bytes, -1, 0, at, -1, -1, at + wait_max, wait_to, NONE)
end
if not tail then
  tail = (type or m.type) .. no_results .. wait_entry
  tails[type] = tail
end
packed = hot .. fixed .. tail
m.waiting = m.waiting + 1
m.event[1] = m.event[1] + 1
if not lane or lane.priority ~= priority or m.lanes[2] then
  lane = lane_of(m, priority)
  m.lane = lane
end
lane.added = lane.added + 1
reply[n] = lane.before + lane.added
local k = #lined
indexed[k + 1], indexed[k + 2], lined[k + 1], lined[k + 2] = id, id, lane.score, id
