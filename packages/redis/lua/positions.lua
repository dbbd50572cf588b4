-- Places in the queue, counted from 1; false for what does not wait.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, ids }
-- Reply   nothing when it must be sent again, else { { a position an id } }
-- include: header keys clock row row-of order promote rank read-many
local ids = C[2]

local function position_of(id, row)
  return row.place == IN_QUEUE and rank_of(id, row.model, order_of(row.priority, row.since)) + 1
end

local positions = {}
for i, packed in ipairs(read_many(ROW, ids)) do positions[i] = packed and position_of(ids[i], row_of(packed)) end
return { pack(positions) }
