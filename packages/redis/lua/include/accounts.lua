-- Accounts as { balance, reserved, granted, captured }, loaded once per command, kept in step, written by flush().
local BALANCE, RESERVED, GRANTED, CAPTURED = 1, 2, 3, 4
local accounts, lines, entry = {}, {}, nil

local function load_accounts(users)
  if #users == 0 then return end
  for i, packed in ipairs(call('HMGET', ACCOUNTS, unpack(users))) do
    accounts[users[i]] = packed and open(packed)
  end
end

local function available(account)
  return account and account[BALANCE] - account[RESERVED] or 0
end

-- A ledger line with the account as it stands now; kinds by number, see src/row.ts.
local function book(user, at, kind, amount, id, key, memo)
  local account = accounts[user]
  if not entry then entry = tonumber(call('GET', ENTRIES) or 0) end
  entry = entry + 1
  local list = lines[user]
  if not list then
    list = {}
    lines[user] = list
  end
  list[#list + 1] = pack({ entry, at, kind, amount, account[BALANCE], account[RESERVED], id, key, memo })
end

local function reserve(user, cost, at, id)
  local account = accounts[user]
  account[RESERVED] = account[RESERVED] + cost
  book(user, at, 3, cost, id, false, false)
end

local function settle(user, cost, used, at, id)
  local account = accounts[user]
  if used > 0 then
    account[BALANCE] = account[BALANCE] - used
    account[CAPTURED] = account[CAPTURED] + used
    account[RESERVED] = account[RESERVED] - used
    book(user, at, 4, used, id, false, false)
  end
  if used < cost then
    account[RESERVED] = account[RESERVED] - (cost - used)
    book(user, at, 5, cost - used, id, false, false)
  end
end

-- Before flush(): the accounts that changed.
local function save_accounts()
  for user in pairs(lines) do put(ACCOUNTS, user, pack(accounts[user])) end
  if entry then store(ENTRIES, entry) end
end

-- After flush(). A ledger that begins is noted with its time, for retention.
local function write_ledgers(at)
  for user, list in pairs(lines) do
    if call('RPUSH', LEDGER .. user, unpack(list)) == #list then call('ZADD', LEDGERS, at, user) end
  end
end
