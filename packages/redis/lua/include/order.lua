-- The order of one model's queue as one exact double: priority first, then the time queued (below 2^42); the
-- id decides a tie, because members of one score stand in text order.
local function order_of(priority, since)
  return (PRIORITY_MAX - priority) * 4398046511104 + since
end
