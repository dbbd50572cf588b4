-- After the flush: the rollups. Their index is written when a field is new, which covers every new hash.
do
  local hour = format('%d', at - at % HOUR_MS)
  for model, m in pairs(models) do
    for measure, bins in pairs(m.tallies or {}) do
      local name, fresh = hour .. ':' .. model .. ':' .. measure, false
      local key = ROLLUP .. name
      for bin, cell in pairs(bins) do
        if call('HINCRBY', key, bin .. ':n', cell[1]) == cell[1] then fresh = true end
        if cell[2] ~= 0 then call('HINCRBY', key, bin .. ':s', cell[2]) end
      end
      if fresh then call('ZADD', HOURS, hour, name) end
    end
  end
end
