-- Brings a step of one of a model's sets in line with the rows: strays leave, and what is there joins every set
-- that it belongs to. Each row is mended whole.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, model, waiting and done statuses, number of the set, members to pass over, most }
-- Reply   { { members looked at and kept, 1 when the set has more, 1 when there is another set } }
-- include: header keys clock row row-of order writes read-many
local model, statuses, number, skip, most = C[2], C[3], C[4], C[5], C[6]
local sets = { READY .. model, DELAYED .. model, HELD .. model }
for _, status in ipairs(statuses) do sets[#sets + 1] = INDEX .. status .. ':' .. model end
local key = sets[number]

-- The set of the row's place and its score there; nothing for what is done.
local function place_of(row)
  if row.place == IN_SLOT then return HELD .. model, row.expires end
  if row.place ~= IN_QUEUE then return nil end
  if row.not_before > at then return DELAYED .. model, row.not_before end
  return READY .. model, order_of(row.priority, row.since)
end

local ids, kept = call('ZRANGE', key, skip, skip + most - 1), 0
for i, packed in ipairs(read_many(ROW, ids)) do
  local row, id = packed and row_of(packed), ids[i]
  if not row or row.model ~= model then
    table.insert(list_in(drops, key), id)
  else
    local index = row.place ~= IN_SLOT and INDEX .. row.status .. ':' .. model
    local place, score = place_of(row)
    if index then pair(adds, index, id, id) end
    if place then pair(adds, place, score, id) end
    if key == index or key == place then kept = kept + 1 else table.insert(list_in(drops, key), id) end
  end
end
-- include: flush
local first = call('ZRANGE', DELAYED .. model, 0, 0, 'WITHSCORES')
if first[2] then call('ZADD', DELAYS, first[2], model) end
return { pack({ kept, #ids == most and 1 or 0, number < #sets and 1 or 0 }) }
