-- How models stand: their limit, sizes, the oldest that waits, starts of what runs, latest run times.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, models or false for all, statuses }
-- Reply   false when it must be sent again, else { a list a model: model, type, maxConcurrent, paused, updatedAt,
--         active, waiting, delayed, oldest in line, { starts }, { run times }, { count a status } }
-- include: header keys state order models promote rows
local at, wanted, statuses = clock(C[1]), C[2], C[3]
if not promote(at) then return AGAIN end

-- The first of each priority is its oldest; a set holds few priorities, and at most 2001.
local function oldest_since(model)
  local key, oldest, from = READY .. model, false, '-inf'
  while true do
    local first = call('ZRANGEBYSCORE', key, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    if not first[1] then return oldest end
    local score = tonumber(first[2])
    local since = score % ORDER_STEP
    if not oldest or since < oldest then oldest = since end
    from = string.format('%.0f', score - since + ORDER_STEP)
  end
end

local function starts_of(model)
  local starts = {}
  for _, packed in ipairs(read_many(ROW, call('ZRANGE', HELD .. model, 0, -1))) do
    local row = packed and open(packed)
    if row and row[STARTED] then starts[#starts + 1] = row[STARTED] end
  end
  table.sort(starts)
  for i = #starts, STARTS_MAX + 1, -1 do starts[i] = nil end
  return starts
end

local function counts_of(model)
  local counts = {}
  for i, status in ipairs(statuses) do counts[i] = call('ZCARD', INDEX .. status .. ':' .. model) end
  return counts
end

local function runs_of(model)
  local runs = call('LRANGE', RUNS .. model, 0, RUNS_MAX - 1)
  for i, ms in ipairs(runs) do runs[i] = tonumber(ms) end
  return runs
end

local reply = {}
for _, model in ipairs(wanted or call('ZRANGE', MODELS, 0, -1)) do
  local m = model_of(model)
  if m then
    local updated = open(call('HGET', LIMITS, model))[4]
    reply[#reply + 1] = {
      model, m.type, m.max, m.paused and 1 or 0, updated, m.active, m.waiting, m.delayed,
      oldest_since(model), starts_of(model), runs_of(model), counts_of(model),
    }
  end
end
return pack(reply)
