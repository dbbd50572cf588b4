-- A model's limit and the sizes of its sets, read once per command and kept in step as the command decides;
-- false for a model without a limit.
local models = {}

local function model_of(id)
  local m = models[id]
  if m ~= nil then return m end
  m = false
  local packed = call('HGET', LIMITS, id)
  if packed then
    local limit = open(packed)
    m = {
      type = limit[1],
      max = limit[2],
      paused = limit[3] == 1,
      active = call('ZCARD', HELD .. id),
      waiting = call('ZCARD', READY .. id),
      delayed = call('ZCARD', DELAYED .. id),
    }
  end
  models[id] = m
  return m
end

local function free_slots(m)
  if m.paused then return 0 end
  return math.max(0, m.max - m.active)
end
