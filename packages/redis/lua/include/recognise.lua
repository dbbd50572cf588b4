-- The same user and key again: the row as it is, unless the payload differs; what this command added counts in its place.
local id = known[i]
local packed = call('GET', ROW .. id)
a = id
if open(call('GET', REQUEST .. id))[5] ~= print then
  a, c = 'idempotency_conflict', id
else
  kind = 2
  rows[#rows + 1] = packed
  local place, _, _, since, _, _, _, _, _, _, _, _, _, rest = open_struct(HOT, packed)
  local _, _, its_priority, _, _, its_model = open_struct(FIXED, packed, rest)
  if place == IN_QUEUE then
    -- include: rank
    b = rank_of(id, its_model, order_of(its_priority, since)) + 1
    for _, lane in ipairs(model_of(its_model).lanes or {}) do
      if lane.priority > its_priority or (lane.priority == its_priority and at < since) then b = b + lane.added end
    end
  end
end
