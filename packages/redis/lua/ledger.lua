-- A page of a user's ledger, newest first.
-- KEYS[1] base of the namespace
-- ARGV[1] { user, queueId or false for all, entries below this one or false, most, most to look at }
-- Reply   { { last entry looked at or false at the end }, then packed entries }
-- include: header keys entry
local user, only, below, most, look = C[1], C[2], C[3], C[4], C[5]
local key = LEDGER .. user
local length = call('LLEN', key)

-- How many entries stand before `below`: they are in the order of their numbers.
local function count_below()
  if not below then return length end
  local low, high = 0, length
  while low < high do
    local middle = math.floor((low + high) / 2)
    local id = open_struct(ENTRY_FORMAT, call('LINDEX', key, middle))
    if id < below then low = middle + 1 else high = middle end
  end
  return low
end

local stop = count_below()
local start = math.max(0, stop - look)
local list = stop > 0 and call('LRANGE', key, start, stop - 1) or {}
local reply, last = { '' }, false
for i = #list, 1, -1 do
  local id, _, _, _, _, _, generation = open_struct(ENTRY_FORMAT, list[i])
  last = id
  if not only or generation == only then reply[#reply + 1] = list[i] end
  if #reply > most then
    start = start + i - 1
    break
  end
end
reply[1] = pack({ start > 0 and last })
return reply
