-- Accounts of users.
-- KEYS[1] base of the namespace
-- ARGV[1] { users }
-- Reply   { { balance, reserved, granted, captured } or false, a user }
-- include: header keys
local reply = {}
if #C[1] > 0 then
  for i, packed in ipairs(call('HMGET', ACCOUNTS, unpack(C[1]))) do reply[i] = packed and open(packed) end
end
return pack(reply)
