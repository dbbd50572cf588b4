-- Starts given generations, each only within the free slots that its place in the queue gives it.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, move, leaseMs, items of { id, token } }
-- Reply   nothing when it must be sent again, else { { 3 values an item }, request and row of each that started }:
--         refused 0, code, status; started 1, false, false
-- include: header keys row move order write models promote timeline facts grant rows
local at, move, lease_ms, items = clock(C[1]), C[2], C[3], C[4]
if not promote(at) then return AGAIN end

local ids = {}
for i = 1, #items do ids[i] = items[i][1] end
local found, requests = read_many(ROW, ids), read_many(REQUEST, ids)
local packed_rows, taken, answers, reply = {}, {}, {}, { '' }
for i, id in ipairs(ids) do packed_rows[id] = found[i] end

-- Generations that stand before this one, less those that this command has started.
local function ahead_of(m, id, order)
  local rank = call('ZRANK', m.ready, id) or 0
  for _, other in ipairs(taken) do
    if other[1] == m.id and (other[2] < order or (other[2] == order and other[3] < id)) then rank = rank - 1 end
  end
  return rank
end

local function refusal_of(id, row)
  if row.status ~= move[FROM] then return 'status_mismatch' end
  local m = model_of(row.model)
  if not m.max then return 'model_unknown' end
  if row.not_before > at then return 'not_due' end
  if m.paused then return 'model_paused' end
  if ahead_of(m, id, order_of(row.priority, row.since)) >= free_slots(m) then return 'model_full' end
end

local function start(id, token, packed, row, entry)
  local m = model_of(row.model)
  m.active, m.waiting = m.active + 1, m.waiting - 1
  taken[#taken + 1] = { m.id, order_of(row.priority, row.since), id }
  single(drops, m.ready, id)
  packed_rows[id] = grant(id, packed, token, move, lease_ms, at, entry)
end

local function answer(kind, code, status)
  local n = #answers
  answers[n + 1], answers[n + 2], answers[n + 3] = kind, code, status
end

local entry = moment(move[EVENT], at)
for i, item in ipairs(items) do
  local id = item[1]
  local packed = packed_rows[id]
  local row = packed and row_of(packed)
  local code = not row and 'generation_unknown' or row and refusal_of(id, row)
  if code then
    answer(0, code, row and code ~= 'model_unknown' and row.status)
  else
    start(id, item[2], packed, row, entry)
    local n = #reply
    reply[n + 1], reply[n + 2] = requests[i], packed_rows[id]
    answer(1, false, false)
  end
end
flush()
write_tallies(at)
reply[1] = pack(answers)
return reply
