-- All models with their limits and the slots taken.
-- KEYS[1] base of the namespace
-- ARGV[1] {}
-- Reply   { { 6 values a model: model, type, maxConcurrent, paused, updatedAt, active } }
-- include: header keys
local all, reply = call('HGETALL', LIMITS), {}
for i = 1, #all, 2 do
  local limit, n = open(all[i + 1]), #reply
  reply[n + 1] = all[i]
  for j = 1, 4 do reply[n + 1 + j] = limit[j] end
  reply[n + 6] = call('ZCARD', HELD .. all[i])
end
return { pack(reply) }
