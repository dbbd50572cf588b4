-- Creates and changes models' limits.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, items of { model, type, maxConcurrent, paused (0, 1), 1 only to create, default type, default limit } }
-- Reply   { 5 values an item: type, maxConcurrent, paused, updatedAt, active }
-- include: header keys write models wake
local at, items = clock(C[1]), C[2]
local stamps, reply = {}, {}

local function stamp_of(model)
  if not stamps[model] then stamps[model] = open(call('HGET', LIMITS, model))[4] end
  return stamps[model]
end

local function set(model, type, max, paused, default_type, default_max)
  local m = model_of(model)
  if not m then
    m = { type = default_type, max = default_max, paused = false, active = 0, waiting = 0, delayed = 0 }
    models[model] = m
    add(MODELS, 0, model)
  end
  m.type = type or m.type
  m.max = max or m.max
  if paused then m.paused = paused == 1 end
  stamps[model] = at
  put(LIMITS, model, pack({ m.type, m.max, m.paused and 1 or 0, at }))
end

for i = 1, #items do
  local model, type, max, paused, only_new, default_type, default_max = unpack(items[i])
  if only_new == 0 or not model_of(model) then set(model, type, max, paused, default_type, default_max) end
  local m, n = models[model], #reply
  reply[n + 1], reply[n + 2], reply[n + 3] = m.type, m.max, m.paused and 1 or 0
  reply[n + 4], reply[n + 5] = stamp_of(model), m.active
end
flush()
wake()
return pack(reply)
