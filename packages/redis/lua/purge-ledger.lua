-- Removes ledger entries written at or before a time, oldest first; balances stay. A grant's key goes with its entry.
-- KEYS[1] base of the namespace
-- ARGV[1] { before, most }
-- Reply   { { removed, 1 when there may be more } }
-- include: header keys row entry
local before, most = C[1], C[2]
local removed = 0

local function purge(user)
  local key, gone = LEDGER .. user, 0
  for _, packed in ipairs(call('LRANGE', key, 0, most - removed - 1)) do
    local _, at, _, _, _, _, _, posted = open_struct(ENTRY_FORMAT, packed)
    if at > before then break end
    gone = gone + 1
    if posted ~= NONE then call('HDEL', POSTED .. user, posted) end
  end
  removed = removed + gone
  call('LTRIM', key, gone, -1)
  local first = call('LINDEX', key, 0)
  if not first then return call('ZREM', LEDGERS, user) end
  local _, at = open_struct(ENTRY_FORMAT, first)
  call('ZADD', LEDGERS, at, user)
end

for _, user in ipairs(call('ZRANGEBYSCORE', LEDGERS, '-inf', before, 'LIMIT', 0, most)) do
  if removed < most then purge(user) end
end
return { pack({ removed, removed == most and 1 or 0 }) }
