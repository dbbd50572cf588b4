-- The same user and key again: the row as it is, unless the payload differs; its place counts what this command added.
local id = known[i]
local packed = call('GET', ROW .. id)
if open(call('GET', REQUEST .. id))[5] ~= open(ARGV[i + 1])[5] then
  code, its_id = 'idempotency_conflict', id
else
  rows[#rows + 1] = packed
  local place, bytes, _, _, since = open_struct(HOT_NUMBERS, packed)
  local _, _, its_priority, _, _, its_model = open_struct(FIXED, packed, bytes + 1)
  reply[n], reply[n + 1], reply[n + 2] = -1, id, false
  if place == IN_QUEUE then
    -- include: rank
    local position = rank_of(id, its_model, order_of(its_priority, since)) + 1
    local seen = models[its_model]
    for _, lane in ipairs(seen and seen.lanes or {}) do
      if lane.priority > its_priority or (lane.priority == its_priority and at < since) then
        position = position + lane.added
      end
    end
    reply[n + 2] = position
  end
end
