-- Writes gathered while a command decides, made by flush() once nothing can be refused any more. What needs
-- memory goes first: a server that is out of memory then refuses the first write, and nothing has changed.
-- Commands fill the lists themselves: `stores` with keys and values, the lists of a key by list_in.
local STEP = 4000 -- arguments of one call; unpack() ends near 8000
local stores, puts, adds, drops, pushes = {}, {}, {}, {}, {}

local function list_in(lists, key)
  local list = lists[key]
  if not list then
    list = {}
    lists[key] = list
  end
  return list
end

local function store(key, value)
  local n = #stores
  stores[n + 1], stores[n + 2] = key, value
end

-- A field and its value (puts), or a score and its member (adds).
local function pair(lists, key, first, second)
  local list = list_in(lists, key)
  local n = #list
  list[n + 1], list[n + 2] = first, second
end

local function single(lists, key, value)
  local list = list_in(lists, key)
  list[#list + 1] = value
end

local function write_each(command, lists)
  for key, list in pairs(lists) do
    if #list <= STEP then
      call(command, key, unpack(list))
    else
      for from = 1, #list, STEP do call(command, key, unpack(list, from, math.min(from + STEP - 1, #list))) end
    end
  end
end

local function flush()
  for from = 1, #stores, STEP do call('MSET', unpack(stores, from, math.min(from + STEP - 1, #stores))) end
  write_each('HSET', puts)
  write_each('ZADD', adds)
  write_each('RPUSH', pushes)
  write_each('ZREM', drops)
end
