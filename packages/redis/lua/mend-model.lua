-- Brings a step of one of a model's sets in line with the rows: strays leave, and what is there joins every set
-- that it belongs to. Each row is mended whole.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, model, all statuses, number of the set, members to pass over, most }
-- Reply   { members looked at and kept, 1 when the set has more, 1 when there is another set }
-- include: header keys state order write rows
local at, model, statuses, number, skip, most = clock(C[1]), C[2], C[3], C[4], C[5], C[6]
local sets = { READY .. model, DELAYED .. model, HELD .. model }
for _, status in ipairs(statuses) do sets[#sets + 1] = INDEX .. status .. ':' .. model end
local key = sets[number]

-- The set of the row's place and its score there; nothing for what is done.
local function place_of(row)
  if row[PLACE] == IN_SLOT then return HELD .. model, row[EXPIRES] end
  if row[PLACE] ~= IN_QUEUE then return nil end
  if row[NOT_BEFORE] and row[NOT_BEFORE] > at then return DELAYED .. model, row[NOT_BEFORE] end
  return READY .. model, order_of(row[PRIORITY], row[SINCE])
end

local ids, kept = call('ZRANGE', key, skip, skip + most - 1), 0
for i, packed in ipairs(read_many(ROW, ids)) do
  local row, id = packed and open(packed), ids[i]
  if not row or row[MODEL] ~= model then
    drop(key, id)
  else
    local index = INDEX .. row[STATUS] .. ':' .. model
    local place, score = place_of(row)
    add(index, id, id)
    if place then add(place, score, id) end
    if key == index or key == place then kept = kept + 1 else drop(key, id) end
  end
end
flush()
local first = call('ZRANGE', DELAYED .. model, 0, 0, 'WITHSCORES')
if first[2] then call('ZADD', DELAYS, first[2], model) end
return pack({ kept, #ids == most and 1 or 0, number < #sets and 1 or 0 })
