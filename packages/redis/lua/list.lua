-- A page of rows, newest first: of a user, or of the models and statuses asked for.
-- KEYS[1] base of the namespace
-- ARGV[1] { user or false, models or false for all, waiting and done statuses, 1 to include what holds a slot,
--         ids below this one or false, most }
-- Reply   { { last id of a page that has another behind it, else false; ids }, then request and row of each }
-- include: header keys read-many
local user, wanted, statuses, held, below, most = C[1], C[2], C[3], C[4] == 1, C[5], C[6]
local found, floor = {}, '-inf'
local sought = most + 1 -- one more tells whether there is another page

local function newest_first(a, b) return a > b end

-- How many of a user's ids stand below `below`: they are in order.
local function count_below(key)
  local low, high = 0, call('LLEN', key)
  while below and low < high do
    local middle = math.floor((low + high) / 2)
    if call('LINDEX', key, middle) < below then low = middle + 1 else high = middle end
  end
  return below and low or high
end

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

-- What holds a slot stands by its lease's expiry; the model's limit bounds how many that are.
local function gather_held(model)
  local ids = {}
  for _, id in ipairs(call('ZRANGE', HELD .. model, 0, -1)) do
    if not below or id < below then ids[#ids + 1] = id end
  end
  gather(ids)
end

if user then
  local key = OWNED .. user
  local stop = count_below(key)
  if stop > 0 then gather(call('LRANGE', key, math.max(0, stop - sought), stop - 1)) end
else
  for _, model in ipairs(wanted or call('ZRANGE', MODELS, 0, -1)) do
    for _, status in ipairs(statuses) do
      local key = INDEX .. status .. ':' .. model
      gather(call('ZREVRANGEBYSCORE', key, below and '(' .. below or '+inf', floor, 'LIMIT', 0, sought))
    end
    if held then gather_held(model) end
  end
end
cut()

local more = #found > most and found[most]
found[sought] = nil
local shown, reply = {}, { '' }
local rows, requests = read_many(ROW, found), read_many(REQUEST, found)
for i, id in ipairs(found) do
  if rows[i] and requests[i] then
    shown[#shown + 1] = id
    local n = #reply
    reply[n + 1], reply[n + 2] = requests[i], rows[i]
  end
end
reply[1] = pack({ more, shown })
return reply
