-- Accounts that this command looks at, kept in step as it decides.
local ACCOUNT_FORMAT = '<i4i4ddI4' -- balance, reserved, granted, captured, live rows that cost something
local BALANCE, RESERVED, GRANTED, CAPTURED, LIVE, TOUCHED = 1, 2, 3, 4, 5, 6
local accounts = {}

-- Users without repeats; false for those who have none.
local function load_accounts(users)
  if not users[1] then return end
  local found = call('HMGET', ACCOUNTS, unpack(users))
  for i = 1, #users do
    local packed = found[i]
    if packed then
      local balance, reserved, granted, captured, live = open_struct(ACCOUNT_FORMAT, packed)
      packed = { balance, reserved, granted, captured, live, false }
    end
    accounts[users[i]] = packed
  end
end
