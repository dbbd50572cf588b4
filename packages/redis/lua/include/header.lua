-- The command's arguments, packed as one value; false stands for null, both ways.
local call, pack, open = redis.call, cmsgpack.pack, cmsgpack.unpack
local C = open(ARGV[1])

-- Epoch milliseconds: the time that the caller gave, or the server's.
local function clock(given)
  if given then return given end
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
