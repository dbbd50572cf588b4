-- Starts given generations, each only within the free slots that its place in the queue gives it.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, move, leaseMs, items of { id, token } }
-- Reply   false when it must be sent again, else { 3 values an item }: refused 0, code, status; started 1, request, row
-- include: header keys id state move order write models promote timeline facts members grant rows
local at, move, lease_ms, items = clock(C[1]), C[2], C[3], C[4]
if not promote(at) then return AGAIN end

local ids = {}
for i = 1, #items do ids[i] = items[i][1] end
local packed_rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
local rows, taken, reply = {}, {}, {}
for i, id in ipairs(ids) do rows[id] = rows[id] or (packed_rows[i] and open(packed_rows[i])) end

-- Generations that stand before this one, less those that this command has started.
local function ahead_of(id, row)
  local rank = call('ZRANK', READY .. row[MODEL], id) or 0
  local own = order_of(row[PRIORITY], row[SINCE])
  for _, other in ipairs(taken[row[MODEL]] or {}) do
    if other[1] < own or (other[1] == own and other[2] < id) then rank = rank - 1 end
  end
  return rank
end

local function refusal_of(id, row)
  if not row then return 'generation_unknown' end
  if row[STATUS] ~= move[FROM] then return 'status_mismatch' end
  local m = model_of(row[MODEL])
  if not m then return 'model_unknown' end
  if row[NOT_BEFORE] and row[NOT_BEFORE] > at then return 'not_due' end
  if m.paused then return 'model_paused' end
  if ahead_of(id, row) >= free_slots(m) then return 'model_full' end
end

local function take(id, row)
  local m = model_of(row[MODEL])
  m.active = m.active + 1
  m.waiting = m.waiting - 1
  local list = taken[row[MODEL]] or {}
  taken[row[MODEL]] = list
  list[#list + 1] = { order_of(row[PRIORITY], row[SINCE]), id }
end

local entry = moment(move[EVENT], at)
for i, item in ipairs(items) do
  local id, n = item[1], #reply
  local row = rows[id]
  local code = refusal_of(id, row)
  if code then
    reply[n + 1], reply[n + 2] = 0, code
    reply[n + 3] = row and code ~= 'model_unknown' and row[STATUS]
  else
    take(id, row)
    reply[n + 1], reply[n + 2] = 1, requests[i]
    reply[n + 3] = grant(id, row, item[2], move, lease_ms, at, entry)
  end
end
flush()
write_tallies(at)
return pack(reply)
