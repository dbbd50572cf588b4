-- Places in the queue, counted from 1; false for what does not wait.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, ids }
-- Reply   false when it must be sent again, else { a position an id }
-- include: header keys state order promote rank rows
local at, ids = clock(C[1]), C[2]
if not promote(at) then return AGAIN end

local function position_of(id, row)
  return row[PLACE] == IN_QUEUE and rank_of(id, row) + 1
end

local reply = {}
for i, packed in ipairs(read_many(ROW, ids)) do reply[i] = packed and position_of(ids[i], open(packed)) end
return pack(reply)
