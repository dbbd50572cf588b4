-- Starts given generations, each only within the free slots that its place in the queue gives it.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, event, statuses from and to, place, leaseMs, items of { id, token } }
-- Reply   nothing when it must be sent again, else { { 3 values an item }, request and row of each that started }:
--         refused 0, code, status; started 1, false, false
-- include: header keys clock row row-of order promote models tally tally-time writes trim read-both
local event, from, to, to_place, lease_ms, items = unpack(C, 2, 7)
-- include: grant
local ids, now_rows, taken, answers, reply = {}, {}, {}, {}, { '' }
for i = 1, #items do ids[i] = items[i][1] end
local found, names = read_both(ids)
for i, id in ipairs(ids) do now_rows[id] = found[i] end

-- Generations that stand before this one, less those that this command has started.
local function ahead_of(m, id, order)
  local rank = call('ZRANK', m.ready, id) or 0
  for _, other in ipairs(taken) do
    local before = tonumber(other[2]) < tonumber(order) or (other[2] == order and other[3] < id)
    if other[1] == m.id and before then rank = rank - 1 end
  end
  return rank
end

local function refusal_of(id, row)
  if row.status ~= from then return 'status_mismatch' end
  local m = model_of(row.model)
  if not m.max then return 'model_unknown' end
  if row.not_before > at then return 'not_due' end
  if m.paused then return 'model_paused' end
  if ahead_of(m, id, order_of(row.priority, row.since)) >= free_slots(m) then return 'model_full' end
end

for i, item in ipairs(items) do
  local id, n = item[1], #answers
  local row = now_rows[id] and row_of(now_rows[id])
  local code = not row and 'generation_unknown' or row and refusal_of(id, row)
  if code then
    answers[n + 1], answers[n + 2] = 0, code
    answers[n + 3] = row and code ~= 'model_unknown' and row.status
  else
    local m = model_of(row.model)
    m.active = m.active + 1
    taken[#taken + 1] = { m.id, order_of(row.priority, row.since), id }
    table.insert(list_in(drops, m.ready), id)
    now_rows[id] = grant(m, id, names[i], now_rows[id], item[2])
    answers[n + 1], answers[n + 2], answers[n + 3] = 1, false, false
    reply[#reply + 1] = found[#ids + i]
    reply[#reply + 1] = now_rows[id]
  end
end
-- include: flush write-tallies
reply[1] = pack(answers)
return reply
