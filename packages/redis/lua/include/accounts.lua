-- Accounts, loaded once per command, kept in step, written by flush(); and the ledger lines of this command.
local ACCOUNT_FORMAT = '<i4i4ddI4' -- balance, reserved, granted, captured, live rows that cost something
local ENTRY_FORMAT = '<ddBi4i4i4dss' -- entryId, at, kind, amount, balance, reserved, queueId or -1, key, memo
local GRANTED_LINE, REVOKED_LINE, RESERVED_LINE, CAPTURED_LINE, REFUNDED_LINE = 1, 2, 3, 4, 5 -- see src/row.ts
local BALANCE, RESERVED, GRANTED, CAPTURED, LIVE, TOUCHED = 1, 2, 3, 4, 5, 6
local accounts, entry = {}, nil
local line_users, lines = {}, {}

local function read_account(packed)
  local balance, reserved, granted, captured, live = struct.unpack(ACCOUNT_FORMAT, packed)
  return { balance, reserved, granted, captured, live, false }
end

-- Users in a list without repeats.
local function load_accounts(users)
  if #users == 0 then return end
  for i, packed in ipairs(call('HMGET', ACCOUNTS, unpack(users))) do
    accounts[users[i]] = packed and read_account(packed)
  end
end

local function available(account)
  return account and account[BALANCE] - account[RESERVED] or 0
end

-- A ledger line with the account as it stands now.
local function book(user, account, at, kind, amount, id, key, memo)
  if not entry then entry = tonumber(call('GET', ENTRIES) or 0) end
  entry = entry + 1
  local n = #lines + 1
  line_users[n] = user
  lines[n] = struct.pack(ENTRY_FORMAT, entry, at, kind, amount, account[BALANCE], account[RESERVED], id, key, memo)
  account[TOUCHED] = true
end

local function reserve(user, cost, at, id)
  local account = accounts[user]
  account[RESERVED] = account[RESERVED] + cost
  account[LIVE] = account[LIVE] + 1
  book(user, account, at, RESERVED_LINE, cost, id, NONE, NONE)
end

local function settle(user, cost, used, at, id)
  local account = accounts[user]
  account[LIVE] = account[LIVE] - 1
  if used > 0 then
    account[BALANCE] = account[BALANCE] - used
    account[CAPTURED] = account[CAPTURED] + used
    account[RESERVED] = account[RESERVED] - used
    book(user, account, at, CAPTURED_LINE, used, id, NONE, NONE)
  end
  if used < cost then
    account[RESERVED] = account[RESERVED] - (cost - used)
    book(user, account, at, REFUNDED_LINE, cost - used, id, NONE, NONE)
  end
end

-- Before flush(): the accounts that changed.
local function save_accounts()
  local list = {}
  for user, a in pairs(accounts) do
    if a and a[TOUCHED] then
      local n = #list
      list[n + 1], list[n + 2] = user, struct.pack(ACCOUNT_FORMAT, a[1], a[2], a[3], a[4], a[5])
    end
  end
  if #list > 0 then puts[ACCOUNTS] = list end
  if entry then store(ENTRIES, entry) end
end

-- After flush(). A ledger that begins is noted with its time, for retention.
local function write_ledgers(at)
  for i = 1, #lines do
    local user = line_users[i]
    if call('RPUSH', LEDGER .. user, lines[i]) == 1 then call('ZADD', LEDGERS, at, user) end
  end
end
