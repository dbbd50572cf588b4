-- Rows and requests of many ids in one read: rows first, then as many requests. The names of the rows come with them.
local function read_both(ids)
  local count, names = #ids, {}
  if count == 0 then return {}, names end
  for i = 1, count do
    local id = ids[i]
    names[i], names[count + i] = ROW .. id, REQUEST .. id
  end
  return call('MGET', unpack(names)), names
end
