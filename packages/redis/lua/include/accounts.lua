-- Accounts, loaded once per command, kept in step, written by flush(); and the ledger lines of this command.
local ACCOUNT_FORMAT = '<dddd'
local ENTRY_FORMAT = '<ddBddddss' -- entryId, at, kind, amount, balance, reserved, queueId or -1, key, memo
local GRANTED_LINE, REVOKED_LINE, RESERVED_LINE, CAPTURED_LINE, REFUNDED_LINE = 1, 2, 3, 4, 5 -- kinds, as src/row.ts numbers them
local BALANCE, RESERVED, GRANTED, CAPTURED, LINES = 1, 2, 3, 4, 5
local accounts, entry = {}, nil

local function read_account(packed)
  local balance, reserved, granted, captured = struct.unpack(ACCOUNT_FORMAT, packed)
  return { balance, reserved, granted, captured, false }
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
local function book(account, at, kind, amount, id, key, memo)
  if not entry then entry = tonumber(call('GET', ENTRIES) or 0) end
  entry = entry + 1
  local lines = account[LINES]
  if not lines then
    lines = {}
    account[LINES] = lines
  end
  lines[#lines + 1] =
    struct.pack(ENTRY_FORMAT, entry, at, kind, amount, account[BALANCE], account[RESERVED], id, key, memo)
end

local function reserve(account, cost, at, id)
  account[RESERVED] = account[RESERVED] + cost
  book(account, at, RESERVED_LINE, cost, id, NONE, NONE)
end

local function settle(account, cost, used, at, id)
  if used > 0 then
    account[BALANCE] = account[BALANCE] - used
    account[CAPTURED] = account[CAPTURED] + used
    account[RESERVED] = account[RESERVED] - used
    book(account, at, CAPTURED_LINE, used, id, NONE, NONE)
  end
  if used < cost then
    account[RESERVED] = account[RESERVED] - (cost - used)
    book(account, at, REFUNDED_LINE, cost - used, id, NONE, NONE)
  end
end

-- Before flush(): the accounts that changed.
local function save_accounts()
  for user, a in pairs(accounts) do
    if a and a[LINES] then put(ACCOUNTS, user, struct.pack(ACCOUNT_FORMAT, a[1], a[2], a[3], a[4])) end
  end
  if entry then store(ENTRIES, entry) end
end

-- After flush(). A ledger that begins is noted with its time, for retention.
local function write_ledgers(at)
  for user, account in pairs(accounts) do
    local lines = account and account[LINES]
    if lines and call('RPUSH', LEDGER .. user, unpack(lines)) == #lines then call('ZADD', LEDGERS, at, user) end
  end
end
