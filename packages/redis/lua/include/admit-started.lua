-- As one that waited and was granted its slot at once, but for its event.
pair(adds, m.held, format('%d', at + lease_ms), id)
m.active = m.active + 1
tally(m, slot_move[EVENT], 0, 0)
tally(m, 'wait', 0, 0)
packed = pack_struct('B', slot_move[TO_PLACE]) .. string.sub(head, 2)
  .. pack_struct(MIDDLE_FORMAT, -1, 1, at, -1, -1, at, -1, at + lease_ms, -1)
  .. pack_struct(
    TAIL_FORMAT, slot_move[TO], model, type, token, NONE, NONE, NONE, NONE, slot_move[EVENT] .. '@' .. at_text .. ',')
