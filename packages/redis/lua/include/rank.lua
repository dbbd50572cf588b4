-- How many generations of the model may start before this one. One that is delayed stands where it will stand
-- when its time has come; the ties are those of one priority and one millisecond.
local function rank_of(id, model, order)
  local key = READY .. model
  local rank = call('ZRANK', key, id)
  if rank then return rank end
  rank = call('ZCOUNT', key, '-inf', '(' .. order)
  for _, other in ipairs(call('ZRANGEBYSCORE', key, order, order)) do
    if other < id then rank = rank + 1 end
  end
  return rank
end
