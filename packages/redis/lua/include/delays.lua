-- After flush(): when a model's next delayed generation is due.
local function note_delay(model)
  local first = call('ZRANGE', DELAYED .. model, 0, 0, 'WITHSCORES')
  if first[2] then call('ZADD', DELAYS, first[2], model) end
end
