-- A model as this command sees it: its limit (no `max` without one), the slots taken, kept in step as the command
-- decides, the names of its sets, and what the command keeps for it. All its fields stand here: a table that grows is
-- built anew.
local models = {}

local function model_of(id)
  local m = models[id]
  if m then return m end
  m = {
    id = id, ready = READY .. id, later = DELAYED .. id, held = HELD .. id, type = false, max = false, paused = false,
    updated = 0, active = 0, waiting = 0, delayed = 0, found = 0, lane = false, lanes = false, tails = false, indexed = false,
    lined = false, leased = false, event = false, waits = false, tallies = false, looked = false, took = false,
    most = false,
  }
  local packed = call('HGET', LIMITS, id)
  if packed then
    local limit = open(packed)
    m.type, m.max, m.paused, m.updated = limit[1], limit[2], limit[3] == 1, limit[4]
  end
  m.active = call('ZCARD', m.held)
  models[id] = m
  return m
end

local function free_slots(m)
  if m.paused or not m.max then return 0 end
  return math.max(0, m.max - m.active)
end
