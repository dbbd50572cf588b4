-- Epoch milliseconds: the time that the caller gave, or the server's; and as text, because a number that goes to
-- redis.call is printed with 17 digits, which costs as much as the call.
local at = C[1]
if not at then
  local t = call('TIME')
  at = t[1] * 1000 + math.floor(t[2] / 1000)
end
local at_text = format('%d', at)
