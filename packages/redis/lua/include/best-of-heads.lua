-- The best of several models' queues: their heads in one order.
local found = {}
for _, m in ipairs(heads) do
  local list = call('ZRANGE', m.ready, '0', m.most, 'WITHSCORES')
  for i = 1, #list, 2 do found[#found + 1] = { tonumber(list[i + 1]), list[i], m } end
end
table.sort(found, function(a, b)
  if a[1] ~= b[1] then return a[1] < b[1] end
  return a[2] < b[2]
end)
for i = 1, math.min(room, #found) do
  local m = found[i][3]
  ids[i], owner[i] = found[i][2], m
  m.took = (m.took or 0) + 1
end
