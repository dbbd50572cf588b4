-- Recomputes what a user has reserved from the live rows, and the grants from balance and captures.
-- KEYS[1] base of the namespace
-- ARGV[1] { user }
-- Reply   1
-- include: header keys state write rows
local user, cost = C[1], 0
local ids = call('ZRANGEBYSCORE', OWNED .. user, '-inf', '(0')
for i, packed in ipairs(read_many(ROW, ids)) do
  local row = packed and open(packed)
  if not row then
    drop(OWNED .. user, ids[i])
  elseif row[PLACE] == OUT then
    add(OWNED .. user, ids[i], ids[i])
  else
    cost = cost + row[COST]
  end
end
local found = call('HGET', ACCOUNTS, user)
if found then
  local account = open(found)
  put(ACCOUNTS, user, pack({ account[1], cost, account[1] + account[4], account[4] }))
end
flush()
return pack(1)
