-- The order of one model's queue as one exact double: priority first, then the time of asking (below 2^42); the
-- id decides a tie, because members of one score stand in text order.
local ORDER_STEP = 4398046511104

local function order_of(priority, since)
  return format('%d', (PRIORITY_MAX - priority) * ORDER_STEP + since)
end
