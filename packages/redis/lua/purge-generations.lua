-- Removes generations that settled at or before a time, oldest first, in the statuses asked for.
-- KEYS[1] base of the namespace
-- ARGV[1] { statuses, before, most }
-- Reply   { { removed, 1 when there may be more } }
-- include: header keys row row-of writes read-many
local statuses, before, most = C[1], C[2], C[3]

local TRIM_MAX, TIES_MAX = 1000, 100

-- Entries are id:time in the order of settling; a millisecond may hold more of them than are removed.
local found = {}
for number, status in ipairs(statuses) do
  for _, entry in ipairs(call('LRANGE', SETTLED .. status, 0, most + TIES_MAX - 1)) do
    local time = tonumber(string.sub(entry, 16))
    if time > before then break end
    found[#found + 1] = { time, string.sub(entry, 1, 14), number, entry }
  end
end
table.sort(found, function(a, b)
  for i = 1, 3 do
    if a[i] ~= b[i] then return a[i] < b[i] end
  end
  return false
end)

local ids = {}
for i = 1, math.min(most, #found) do ids[i] = found[i][2] end

-- An entry whose generation went on or settled again since is passed over; settled twice within a millisecond, a
-- generation has two equal entries and is removed once.
local rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
local gone, users, taken, removed = {}, {}, {}, 0
for i, id in ipairs(ids) do
  local row, status = rows[i] and row_of(rows[i]), statuses[found[i][3]]
  if row and not taken[id] and row.status == status and row.ended == found[i][1] then
    taken[id] = true
    rows[i] = false
    removed = removed + 1
    gone[#gone + 1] = ROW .. id
    gone[#gone + 1] = REQUEST .. id
    table.insert(list_in(drops, INDEX .. status .. ':' .. row.model), id)
    users[row.user] = true
    if requests[i] then call('HDEL', ONCE, row.user .. '\0' .. open(requests[i])[4]) end
  end
end
if #gone > 0 then call('DEL', unpack(gone)) end
for i = 1, #ids do call('LREM', SETTLED .. statuses[found[i][3]], 1, found[i][4]) end
-- include: flush

-- Ids whose rows are gone leave a user's list when they come first; others are passed over until then.
for user in pairs(users) do
  local first, old = call('LRANGE', OWNED .. user, 0, TRIM_MAX - 1), 0
  for _, packed in ipairs(read_many(ROW, first)) do
    if packed then break end
    old = old + 1
  end
  if old > 0 then call('LTRIM', OWNED .. user, old, -1) end
end
return { pack({ removed, #ids == most and 1 or 0 }) }
