-- Values of many ids at once, in their order; false where there is none.
local READ_STEP = 4000 -- unpack() ends near 8000

local function read_many(prefix, ids)
  local found = {}
  for from = 1, #ids, READ_STEP do
    local names, n = {}, 0
    for i = from, math.min(from + READ_STEP - 1, #ids) do
      n = n + 1
      names[n] = prefix .. ids[i]
    end
    local values = call('MGET', unpack(names))
    if #ids <= READ_STEP then return values end
    for i = 1, n do found[from + i - 1] = values[i] end
  end
  return found
end
