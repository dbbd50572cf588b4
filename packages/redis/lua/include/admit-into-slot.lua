-- The row starts at once, under the item's token.
pair(adds, m.held, format('%d', at + lease_ms), id)
m.active = m.active + 1
tally(bins_of(m, slot_event), 0, 0)
tally(bins_of(m, 'wait'), 0, 0)
packed = pack_struct(
  HOT, slot_place, HOT_BYTES + #slot_to + #token, -1, 1, at, at, at + lease_ms, -1, slot_to, token)
  .. fixed .. (type or m.type) .. no_results .. slot_event .. '@' .. at_text .. ','
reply[n] = -2
