-- Delayed generations whose time has come join the waiting sets, PROMOTE_MAX at most, before the command looks at
-- them. When more are due it answers nothing, having done nothing else, and is sent again.
if call('EXISTS', DELAYS) == 1 and call('ZRANGEBYSCORE', DELAYS, '-inf', at_text, 'LIMIT', '0', '1')[1] then
  local room = PROMOTE_MAX
  for _, model in ipairs(call('ZRANGEBYSCORE', DELAYS, '-inf', at_text)) do
    local ids = room > 0 and call('ZRANGEBYSCORE', DELAYED .. model, '-inf', at_text, 'LIMIT', 0, room) or {}
    local scored = {}
    for _, id in ipairs(ids) do
      local packed = call('GET', ROW .. id)
      if packed then
        local _, hot_bytes, _, _, since = open_struct(HOT_NUMBERS, packed)
        local _, _, priority = open_struct(FIXED, packed, hot_bytes + 1)
        local n = #scored
        scored[n + 1], scored[n + 2] = order_of(priority, since), id
      end
    end
    if #scored > 0 then call('ZADD', READY .. model, unpack(scored)) end
    if #ids > 0 then call('ZREM', DELAYED .. model, unpack(ids)) end
    local first = call('ZRANGE', DELAYED .. model, 0, 0, 'WITHSCORES')
    if first[2] then call('ZADD', DELAYS, first[2], model) else call('ZREM', DELAYS, model) end
    room = room - #ids
  end
  if call('ZRANGEBYSCORE', DELAYS, '-inf', at_text, 'LIMIT', '0', '1')[1] then return {} end
end
