-- Grants tickets, opening accounts, and revokes what is not reserved; each key counts once per user.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, items of { user, amount, key, memo or false } }
-- Reply   { { 5 values an item }: refused 0, code, available, 0, 0; posted 1 or repeated 2, and the account }
-- include: header keys clock row accounts book writes
local items = C[2]
local users, posted, answers = {}, {}, {}
for i = 1, #items do
  local user = items[i][1]
  if accounts[user] == nil then
    accounts[user] = false
    posted[user] = {}
    users[#users + 1] = user
  end
end
load_accounts(users)

local function available_to(account)
  return account and account[BALANCE] - account[RESERVED] or 0
end

local function earlier_amount(user, key)
  if posted[user][key] then return posted[user][key] end
  local amount = call('HGET', POSTED .. user, key)
  return amount and tonumber(amount)
end

local function refusal_of(account, amount, earlier)
  if earlier then return earlier ~= amount and 'idempotency_conflict' or nil end
  if amount < 0 and -amount > available_to(account) then return 'tickets_short' end
  if (account and account[BALANCE] or 0) + amount > BALANCE_MAX then return 'tickets_overflow' end
end

local function post(user, amount, key, memo)
  local account = accounts[user]
  if not account then
    account = { 0, 0, 0, 0, 0, false }
    accounts[user] = account
    pair(adds, USERS, 0, user)
  end
  account[BALANCE] = account[BALANCE] + amount
  account[GRANTED] = account[GRANTED] + amount
  posted[user][key] = amount
  pair(puts, POSTED .. user, key, amount)
  book(user, account, amount < 0 and REVOKED_LINE or GRANTED_LINE, math.abs(amount), -1, key, memo or NONE)
end

for i = 1, #items do
  local user, amount, key, n = items[i][1], items[i][2], items[i][3], #answers
  local earlier = earlier_amount(user, key)
  local code = refusal_of(accounts[user], amount, earlier)
  if code then
    answers[n + 1], answers[n + 2], answers[n + 4], answers[n + 5] = 0, code, 0, 0
    answers[n + 3] = code ~= 'idempotency_conflict' and available_to(accounts[user])
  else
    if not earlier then post(user, amount, key, items[i][4]) end
    local account = accounts[user] or { 0, 0, 0, 0 }
    answers[n + 1] = earlier and 2 or 1
    for j = 1, 4 do answers[n + 1 + j] = account[j] end
  end
end
-- include: save-accounts flush write-ledgers
return { pack(answers) }
