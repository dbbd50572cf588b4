-- Removes the rollups of hours that began at or before a time, a measure of a model's hour at once.
-- KEYS[1] base of the namespace
-- ARGV[1] { before, most measures }
-- Reply   { { measures removed, 1 when there may be more } }
-- include: header keys
local before, most = C[1], C[2]
local names, removed, gone = call('ZRANGEBYSCORE', HOURS, '-inf', before, 'LIMIT', 0, most), 0, 0
for _, name in ipairs(names) do
  if removed >= most then break end
  for _, field in ipairs(call('HKEYS', ROLLUP .. name)) do
    if string.sub(field, -2) == ':n' then removed = removed + 1 end
  end
  call('DEL', ROLLUP .. name)
  call('ZREM', HOURS, name)
  gone = gone + 1
end
-- As many as were asked for may not be all that there are.
return { pack({ removed, (gone < #names or #names == most) and 1 or 0 }) }
