-- Tells the listeners, once all is written, which models of this command may start something now.
do
  local names = {}
  for id, m in pairs(models) do
    if m.waiting > 0 and free_slots(m) > 0 then names[#names + 1] = id end
  end
  if names[1] then call('PUBLISH', BASE .. 'wake', cjson.encode(names)) end
end
