-- Writes gathered while a command decides, made by flush.lua once nothing can be refused any more: keys and values;
-- and by key the fields and values, scores and members, values, and members to remove.
local stores, puts, adds, pushes, drops = {}, {}, {}, {}, {}

local function list_in(lists, key)
  local list = lists[key]
  if not list then
    list = {}
    lists[key] = list
  end
  return list
end

local function pair(lists, key, first, second)
  local list = list_in(lists, key)
  local n = #list
  list[n + 1], list[n + 2] = first, second
end
