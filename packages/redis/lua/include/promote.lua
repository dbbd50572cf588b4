-- Delayed generations whose time has come join the waiting sets, PROMOTE_MAX at most, before a command looks
-- at them. False when more are due: the command then answers AGAIN, having done nothing else, and is sent again.
local AGAIN = {}

local function promote_model(model, at, room)
  local key = DELAYED .. model
  local ids = call('ZRANGEBYSCORE', key, '-inf', at, 'LIMIT', 0, room)
  local names, scored = {}, {}
  for i, id in ipairs(ids) do names[i] = ROW .. id end
  local rows = #ids > 0 and call('MGET', unpack(names)) or {}
  for i, id in ipairs(ids) do
    if rows[i] then
      local row, n = row_of(rows[i]), #scored
      scored[n + 1], scored[n + 2] = order_of(row.priority, row.since), id
    end
  end
  if #scored > 0 then call('ZADD', READY .. model, unpack(scored)) end
  if #ids > 0 then call('ZREM', key, unpack(ids)) end
  local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if first[2] then call('ZADD', DELAYS, first[2], model) else call('ZREM', DELAYS, model) end
  return #ids
end

local function promote(at)
  local room = PROMOTE_MAX
  for _, model in ipairs(call('ZRANGEBYSCORE', DELAYS, '-inf', at)) do
    if room == 0 then return false end
    room = room - promote_model(model, at, room)
  end
  return room > 0 or #call('ZRANGEBYSCORE', DELAYS, '-inf', at, 'LIMIT', 0, 1) == 0
end
