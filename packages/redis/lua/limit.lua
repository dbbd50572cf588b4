-- Creates and changes models' limits.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, items of { model, type, maxConcurrent, paused (0, 1), 1 only to create, default type, default limit } }
-- Reply   { { 5 values an item: type, maxConcurrent, paused, updatedAt, active } }
-- include: header keys clock models sizes writes
local items = C[2]
local answers = {}

local function set(m, type, max, paused, default_type, default_max)
  if not m.max then
    m.type, m.max, m.paused = default_type, default_max, false
    pair(adds, MODELS, 0, m.id)
  end
  m.type, m.max, m.updated = type or m.type, max or m.max, at
  if paused then m.paused = paused == 1 end
  pair(puts, LIMITS, m.id, pack({ m.type, m.max, m.paused and 1 or 0, at }))
end

for i = 1, #items do
  local model, type, max, paused, only_new, default_type, default_max = unpack(items[i])
  local m, n = sizes_of(model_of(model)), #answers
  if only_new == 0 or not m.max then set(m, type, max, paused, default_type, default_max) end
  answers[n + 1], answers[n + 2], answers[n + 3] = m.type, m.max, m.paused and 1 or 0
  answers[n + 4], answers[n + 5] = m.updated, m.active
end
-- include: flush wake
return { pack(answers) }
