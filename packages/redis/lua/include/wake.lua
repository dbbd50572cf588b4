-- Tells the listeners which models may start something now; after flush(), over the models that were looked at.
local function wake()
  local names = {}
  for id, m in pairs(models) do
    if m and m.waiting > 0 and free_slots(m) > 0 then names[#names + 1] = id end
  end
  if #names > 0 then call('PUBLISH', BASE .. 'wake', cjson.encode(names)) end
end
