-- Accounts of users.
-- KEYS[1] base of the namespace
-- ARGV[1] { users }
-- Reply   { { 1 or 0 a user: whether there is one; then balance, reserved, granted, captured } }
-- include: header keys accounts
local answers = {}
load_accounts(C[1])
for _, user in ipairs(C[1]) do
  local account = accounts[user]
  answers[#answers + 1] = account and 1 or 0
  for i = 1, account and 4 or 0 do answers[#answers + 1] = account[i] end
end
return { pack(answers) }
