-- The row starts at once, under the item's token.
pair(adds, m.held, format('%d', at + lease_ms), id)
m.active = m.active + 1
tally(bins_of(m, slot_move[EVENT]), 0, 0)
tally(bins_of(m, 'wait'), 0, 0)
packed = pack_struct(
  HOT, slot_move[TO_PLACE], -1, 1, at, -1, -1, at, -1, at + lease_ms, -1, slot_move[TO], token, NONE)
  .. fixed .. (type or m.type) .. '\0' .. no_results .. slot_move[EVENT] .. '@' .. at_text .. ','
