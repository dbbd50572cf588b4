-- Accounts that this command looks at, kept in step as it decides.
local ACCOUNT_FORMAT = '<i4i4ddI4' -- balance, reserved, granted, captured, live rows that cost something
local BALANCE, RESERVED, GRANTED, CAPTURED, LIVE, TOUCHED = 1, 2, 3, 4, 5, 6
local accounts = {}

-- Users without repeats.
local function load_accounts(users)
  if not users[1] then return end
  local found = call('HMGET', ACCOUNTS, unpack(users))
  for i = 1, #users do
    local balance, reserved, granted, captured, live = 0, 0, 0, 0, 0
    if found[i] then balance, reserved, granted, captured, live = open_struct(ACCOUNT_FORMAT, found[i]) end
    accounts[users[i]] = found[i] and { balance, reserved, granted, captured, live, false }
  end
end
