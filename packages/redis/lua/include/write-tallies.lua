-- After the flush: the rollups. Their index is written when a field is new, which covers every new hash.
do
  local hour = format('%d', at - at % HOUR_MS)
  for model, m in pairs(models) do
    local name, fresh = hour .. ':' .. model, false
    local key = ROLLUP .. name
    for measure, bins in pairs(m.tallies or {}) do
      for bin, cell in pairs(bins) do
        local field = measure .. ':' .. bin
        if call('HINCRBY', key, field .. ':n', cell[1]) == cell[1] then fresh = true end
        if cell[2] ~= 0 then call('HINCRBY', key, field .. ':s', cell[2]) end
      end
    end
    if fresh then call('ZADD', HOURS, hour, name) end
  end
end
