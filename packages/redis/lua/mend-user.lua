-- Recomputes what a user has reserved from all the rows, and the grants from balance and captures. A row that holds
-- a slot gets its place among the slots taken back, where nothing but its owner's list still tells of it.
-- KEYS[1] base of the namespace
-- ARGV[1] { user }
-- Reply   { { 1 } }
-- include: header keys row row-of accounts writes read-many
local user = C[1]
local cost, live, step = 0, 0, 1000

for start = 0, call('LLEN', OWNED .. user) - 1, step do
  local ids = call('LRANGE', OWNED .. user, start, start + step - 1)
  for i, packed in ipairs(read_many(ROW, ids)) do
    local row = packed and row_of(packed)
    if row and row.place ~= OUT and row.cost > 0 then cost, live = cost + row.cost, live + 1 end
    if row and row.place == IN_SLOT then pair(adds, HELD .. row.model, row.expires, ids[i]) end
  end
end

load_accounts({ user })
local a = accounts[user]
if a then
  local granted = a[BALANCE] + a[CAPTURED]
  pair(puts, ACCOUNTS, user, pack_struct(ACCOUNT_FORMAT, a[BALANCE], cost, granted, a[CAPTURED], live))
end
-- include: flush
return { pack({ 1 }) }
