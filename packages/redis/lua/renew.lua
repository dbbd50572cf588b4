-- Heartbeats: moves the expiry of leases that are still this token's, with their progress.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, leaseMs, items of { id, token, progress or -1 } }
-- Reply   { { 3 values an item }: refused 0, code, status; renewed 1, expiry, false }
-- include: header keys clock row row-of writes read-many
local lease_ms, items = C[2], C[3]
local ids, rows, answers = {}, {}, {}
for i = 1, #items do ids[i] = items[i][1] end
for i, packed in ipairs(read_many(ROW, ids)) do rows[ids[i]] = packed end

local function renew(id, packed, expires, reported)
  local place, bytes, used, attempt, since, started, _, progress, status, token = open_struct(HOT, packed)
  local _, _, _, _, _, model = open_struct(FIXED, packed, bytes + 1)
  if reported >= 0 then progress = reported end
  rows[id] = pack_struct(HOT, place, bytes, used, attempt, since, started, expires, progress, status, token)
    .. sub(packed, bytes + 1)
  stores[#stores + 1] = ROW .. id
  stores[#stores + 1] = rows[id]
  pair(adds, HELD .. model, expires, id)
end

for i = 1, #items do
  local id, token, progress = items[i][1], items[i][2], items[i][3]
  local row, n = rows[id] and row_of(rows[id]), #answers
  if row and row.token == token then
    renew(id, rows[id], at + lease_ms, progress)
    answers[n + 1], answers[n + 2], answers[n + 3] = 1, at + lease_ms, false
  else
    local code = not row and 'generation_unknown' or row.token ~= NONE and 'lease_mismatch' or 'status_mismatch'
    answers[n + 1], answers[n + 2], answers[n + 3] = 0, code, row and row.status
  end
end
-- include: flush
return { pack(answers) }
