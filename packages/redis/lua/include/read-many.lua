-- Values of many keys, or of many ids' keys, in one read; their order, false where there is none.
local READ_STEP = 4000 -- unpack() ends near 8000

local function read_names(names)
  if #names <= READ_STEP then return names[1] and call('MGET', unpack(names)) or {} end
  local found = {}
  for from = 1, #names, READ_STEP do
    local values = call('MGET', unpack(names, from, math.min(from + READ_STEP - 1, #names)))
    for i = 1, #values do found[from + i - 1] = values[i] end
  end
  return found
end

local function read_many(prefix, ids)
  local names = {}
  for i = 1, #ids do names[i] = prefix .. ids[i] end
  return read_names(names)
end
