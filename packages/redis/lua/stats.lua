-- How models stand: their limit, sizes, the head of their queue, starts of what runs, latest run times.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, models or false for all, waiting and done statuses }
-- Reply   nothing when it must be sent again, else { { a list a model: model, type, maxConcurrent, paused, updatedAt,
--         active, waiting, delayed, time the head of the queue asked, { starts }, { run times }, { count a status } } }
-- include: header keys clock row row-of order promote models sizes runs read-many
local wanted, statuses = C[2], C[3]

local function head_since(m)
  local first = call('ZRANGE', m.ready, 0, 0, 'WITHSCORES')
  return first[2] and tonumber(first[2]) % ORDER_STEP or false
end

local function starts_of(m)
  local starts = {}
  for _, packed in ipairs(read_many(ROW, call('ZRANGE', m.held, 0, -1))) do
    if packed then starts[#starts + 1] = row_of(packed).started end
  end
  table.sort(starts)
  for i = #starts, STARTS_MAX + 1, -1 do starts[i] = nil end
  return starts
end

local function counts_of(m)
  local counts = {}
  for i, status in ipairs(statuses) do counts[i] = call('ZCARD', INDEX .. status .. ':' .. m.id) end
  return counts
end

local function runs_of(m)
  local packed, runs = call('GET', RUNS .. m.id) or '', {}
  for at = #packed - RUN_BYTES + 1, 1, -RUN_BYTES do append(runs, (open_struct(RUN_FORMAT, packed, at))) end
  return runs
end

local answers = {}
for _, model in ipairs(wanted or call('ZRANGE', MODELS, '0', '-1')) do
  local m = sizes_of(model_of(model))
  if m.max then
    answers[#answers + 1] = {
      model, m.type, m.max, m.paused and 1 or 0, m.updated, m.active, m.waiting, m.delayed, head_since(m),
      starts_of(m), runs_of(m), counts_of(m),
    }
  end
end
return { pack(answers) }
