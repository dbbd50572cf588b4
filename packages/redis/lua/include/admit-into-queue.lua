-- The row waits, at the end of its lane.
if not m.lanes then
  m.lanes, m.tails, m.event = {}, {}, events_of(m, wait_move[EVENT])
  m.indexed, m.lined = list_in(adds, INDEX .. wait_move[TO] .. ':' .. model), list_in(adds, m.ready)
end
local hot, tail = plain_hot, m.tails[type]
if wait_max >= 0 then
  pair(adds, DEADLINES, format('%d', at + wait_max), id)
  hot = pack_struct(
    HOT, wait_move[TO_PLACE], -1, 0, at, -1, at + wait_max, -1, -1, -1, -1, wait_move[TO], NONE, NONE)
end
if not tail then
  tail = (type or m.type) .. '\0' .. wait_end
  m.tails[type] = tail
end
packed = hot .. fixed .. tail
m.waiting = m.waiting + 1
m.event[1] = m.event[1] + 1
local indexed, lined, n, score = m.indexed, m.lined, #m.lined, nil
b, score = take_place(m, priority)
indexed[n + 1], indexed[n + 2], lined[n + 1], lined[n + 2] = id, id, score, id
