-- Leases that expired, or deadlines to start by that passed, oldest first.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, 1 for leases and 0 for deadlines, most }
-- Reply   { { 6 values an item: id, model, user, token, attempt, attempts allowed } }
-- include: header keys clock row row-of read-many
local leases, most = C[2] == 1, C[3]
local found = {}

local function gather(key)
  local list = call('ZRANGEBYSCORE', key, '-inf', at_text, 'WITHSCORES', 'LIMIT', 0, most)
  for i = 1, #list, 2 do found[#found + 1] = { tonumber(list[i + 1]), list[i] } end
end

if leases then
  for _, model in ipairs(call('ZRANGE', MODELS, 0, -1)) do gather(HELD .. model) end
else
  gather(DEADLINES)
end
table.sort(found, function(a, b)
  if a[1] ~= b[1] then return a[1] < b[1] end
  return a[2] < b[2]
end)

local ids, answers = {}, {}
for i = 1, math.min(most, #found) do ids[i] = found[i][2] end
for i, packed in ipairs(read_many(ROW, ids)) do
  local row, n = packed and row_of(packed), #answers
  if row then
    answers[n + 1], answers[n + 2], answers[n + 3] = ids[i], row.model, row.user
    answers[n + 4], answers[n + 5], answers[n + 6] = row.token ~= NONE and row.token, row.attempt, row.attempts_max
  end
end
return { pack(answers) }
