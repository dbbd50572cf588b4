-- A page of rows, newest first: of a user, or of the models and statuses asked for.
-- KEYS[1] base of the namespace
-- ARGV[1] { user or false, models or false for all, statuses, ids below this one or false, most }
-- Reply   { last id of a page that has another behind it, else false, then 3 values a generation: id, request, row }
-- include: header keys rows
local user, wanted, statuses, below, most = C[1], C[2], C[3], C[4], C[5]
local found, floor = {}, '-inf'
local sought = most + 1 -- one more tells whether there is another page

local function newest_first(a, b) return a > b end

-- Keeps the newest; what is older than all of them need not be read any more.
local function cut()
  table.sort(found, newest_first)
  for i = #found, sought + 1, -1 do found[i] = nil end
  if #found == sought then floor = '(' .. found[sought] end
end

local function gather(ids)
  for _, id in ipairs(ids) do found[#found + 1] = id end
  if #found > 2 * sought then cut() end
end

if user then
  local key = OWNED .. user
  gather(call('ZRANGEBYSCORE', key, below and '(-' .. below or '-inf', '(0', 'LIMIT', 0, sought))
  gather(call('ZREVRANGEBYSCORE', key, below and '(' .. below or '+inf', '(0', 'LIMIT', 0, sought))
else
  for _, model in ipairs(wanted or call('ZRANGE', MODELS, 0, -1)) do
    for _, status in ipairs(statuses) do
      local key = INDEX .. status .. ':' .. model
      gather(call('ZREVRANGEBYSCORE', key, below and '(' .. below or '+inf', floor, 'LIMIT', 0, sought))
    end
  end
end
cut()

local reply = { #found > most and found[most] }
found[sought] = nil
local rows, requests = read_many(ROW, found), read_many(REQUEST, found)
for i, id in ipairs(found) do
  if rows[i] and requests[i] then
    local n = #reply
    reply[n + 1], reply[n + 2], reply[n + 3] = id, requests[i], rows[i]
  end
end
return pack(reply)
