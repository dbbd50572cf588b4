-- Values of many ids at once, in their order; false where there is none.
local MGET_STEP = 4000

local function read_many(prefix, ids)
  local found = {}
  for from = 1, #ids, MGET_STEP do
    local names = {}
    for i = from, math.min(from + MGET_STEP - 1, #ids) do names[#names + 1] = prefix .. ids[i] end
    local values = call('MGET', unpack(names))
    if #ids <= MGET_STEP then return values end
    for i, value in ipairs(values) do found[from + i - 1] = value end
  end
  return found
end
