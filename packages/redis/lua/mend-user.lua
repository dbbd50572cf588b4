-- Recomputes what a user has reserved from the live rows, and the grants from balance and captures. A row that
-- holds a slot gets its place among the slots taken back, where nothing but its owner's list still tells of it.
-- KEYS[1] base of the namespace
-- ARGV[1] { user }
-- Reply   { { 1 } }
-- include: header keys row write accounts rows
local user, cost = C[1], 0
local ids = call('ZRANGEBYSCORE', OWNED .. user, '-inf', '(0')
for i, packed in ipairs(read_many(ROW, ids)) do
  local row = packed and row_of(packed)
  if not row then
    drop(OWNED .. user, ids[i])
  elseif row.place == OUT then
    add(OWNED .. user, ids[i], ids[i])
  else
    cost = cost + row.cost
    if row.place == IN_SLOT then add(HELD .. row.model, row.expires, ids[i]) end
  end
end
local found = call('HGET', ACCOUNTS, user)
if found then
  local a = read_account(found)
  put(ACCOUNTS, user, struct.pack(ACCOUNT_FORMAT, a[BALANCE], cost, a[BALANCE] + a[CAPTURED], a[CAPTURED]))
end
flush()
return { pack({ 1 }) }
