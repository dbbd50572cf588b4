-- Heartbeats: moves the expiry of leases that are still this token's, with their progress.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, leaseMs, items of { id, token, progress } }
-- Reply   { 3 values an item }: refused 0, code, status; renewed 1, expiry, false
-- include: header keys state write rows
local at, lease_ms, items = clock(C[1]), C[2], C[3]
local ids, rows, changed, reply = {}, {}, {}, {}
for i = 1, #items do ids[i] = items[i][1] end
for i, packed in ipairs(read_many(ROW, ids)) do rows[ids[i]] = rows[ids[i]] or (packed and open(packed)) end

for i = 1, #items do
  local id, token, progress = items[i][1], items[i][2], items[i][3]
  local row, n = rows[id], #reply
  if row and row[TOKEN] == token then
    row[EXPIRES] = at + lease_ms
    row[PROGRESS] = progress or row[PROGRESS]
    changed[id] = row
    reply[n + 1], reply[n + 2], reply[n + 3] = 1, row[EXPIRES], false
  else
    local code = not row and 'generation_unknown' or row[TOKEN] and 'lease_mismatch' or 'status_mismatch'
    reply[n + 1], reply[n + 2], reply[n + 3] = 0, code, row and row[STATUS]
  end
end

for id, row in pairs(changed) do
  store(ROW .. id, pack(row))
  add(HELD .. row[MODEL], row[EXPIRES], id)
end
flush()
return pack(reply)
