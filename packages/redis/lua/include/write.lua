-- Writes gathered while a command decides, made by flush() once nothing can be refused any more. What needs
-- memory goes first: a server that is out of memory then refuses the first write, and nothing has changed.
local STEP = 2000 -- arguments of one call; unpack() ends near 8000
local stores, adds, drops, pushes, puts = {}, {}, {}, {}, {}

local function store(key, value)
  local n = #stores
  stores[n + 1] = key
  stores[n + 2] = value
end

local function add(key, score, member)
  local list = adds[key]
  if not list then
    list = {}
    adds[key] = list
  end
  local n = #list
  list[n + 1] = score
  list[n + 2] = member
end

local function put(key, field, value)
  local list = puts[key]
  if not list then
    list = {}
    puts[key] = list
  end
  local n = #list
  list[n + 1] = field
  list[n + 2] = value
end

local function drop(key, member)
  local list = drops[key]
  if not list then
    list = {}
    drops[key] = list
  end
  list[#list + 1] = member
end

local function push(key, value)
  local list = pushes[key]
  if not list then
    list = {}
    pushes[key] = list
  end
  list[#list + 1] = value
end

local function each_step(command, key, list)
  for from = 1, #list, STEP do
    local to = math.min(from + STEP - 1, #list)
    if key then call(command, key, unpack(list, from, to)) else call(command, unpack(list, from, to)) end
  end
end

local function flush()
  each_step('MSET', nil, stores)
  for key, list in pairs(puts) do each_step('HSET', key, list) end
  for key, list in pairs(adds) do each_step('ZADD', key, list) end
  for key, list in pairs(pushes) do each_step('RPUSH', key, list) end
  for key, list in pairs(drops) do each_step('ZREM', key, list) end
end
