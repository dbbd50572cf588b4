-- Rollups of models from an hour on, a page of hashes at a time.
-- KEYS[1] base of the namespace
-- ARGV[1] { models or false for all, from hour, hashes to pass over, most hashes }
-- Reply   { { 1 when there may be more, then 4 values a hash: hour, model, measure, { field, value, ... } } }
-- include: header keys
local wanted, from, skip, most = C[1], C[2], C[3], C[4]
local only = wanted and {}
for _, model in ipairs(wanted or {}) do only[model] = true end
local names = call('ZRANGEBYSCORE', HOURS, from, '+inf', 'LIMIT', skip, most)
local reply = { #names == most and 1 or 0 }
for _, name in ipairs(names) do
  local hour, model, measure = string.match(name, '^(%d+):(.*):(%w+)$')
  local n = #reply
  if not only or only[model] then
    reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = hour, model, measure, call('HGETALL', ROLLUP .. name)
  end
end
return { pack(reply) }
