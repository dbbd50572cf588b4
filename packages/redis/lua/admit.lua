-- Admits requests: reserves their tickets and queues them, or starts them where a slot is free and nobody waits.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, move into the queue, move into a slot, leaseMs, maxQueued, { 10 values an item: user, model, type,
--         priority, cost, maxAttempts, maxWaitMs or -1, token, key, fingerprint } }
-- ARGV[2] and on: the packed request of each item
-- Reply   nothing when it must be sent again, else { { at, then 4 values an item }, rows of those known already }:
--         refused 0, code, available, id; admitted 1, id, position, the model's type (when none was asked for);
--         known already 2, id, position, false
-- include: header keys row id move order write models promote rank accounts timeline facts wake
local at, wait_move, slot_move, lease_ms, waiting_max, items = clock(C[1]), C[2], C[3], C[4], C[5], C[6]
if not promote(at) then return AGAIN end
local count = #items / 10

local names, users = {}, {}
for i = 1, count do
  local user = items[i * 10 - 9]
  names[i] = user .. '\0' .. items[i * 10 - 1]
  if items[i * 10 - 5] > 0 and accounts[user] == nil then
    accounts[user] = false
    users[#users + 1] = user
  end
end
load_accounts(users)
local known = call('HMGET', ONCE, unpack(names))
local last = tonumber(call('GET', IDS) or 0)
local first_new, fresh, once = last, {}, {}
local reply, rows = { at }, {}
local wait_entry, slot_entry = moment(wait_move[EVENT], at), moment(slot_move[EVENT], at)

-- The place behind all of one priority: what stood before it when this command came, and what it added.
local function lane_of(m, priority)
  local lanes = m.lanes
  if not lanes then
    lanes = {}
    m.lanes = lanes
  end
  local lane = lanes[priority]
  if not lane then
    local score = string.format('%.0f', order_of(priority, at))
    lane = { score = score, before = call('ZCOUNT', m.ready, '-inf', score), added = 0 }
    lanes[priority] = lane
  end
  return lane
end

local function added_above(m, priority)
  local sum = 0
  for other, lane in pairs(m.lanes or {}) do
    if other > priority then sum = sum + lane.added end
  end
  return sum
end

-- Where a row stands that was known before this item: `added` when this command brought it.
local function position_of(id, row, added)
  if row.place ~= IN_QUEUE then return false end
  local m = model_of(row.model)
  if added then return lane_of(m, row.priority).before + added_above(m, row.priority) + added end
  local own = order_of(row.priority, row.since)
  local rank = rank_of(id, row.model, own)
  for priority, lane in pairs(m.lanes or {}) do
    if order_of(priority, at) < own then rank = rank + lane.added end
  end
  return rank + 1
end

local function answer(kind, a, b, c)
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = kind, a, b, c
end

-- The same user and key again: the row as it is, unless the payload differs.
local function recognise(print, id, here)
  local packed = here and here.packed or call('GET', ROW .. id)
  local earlier = here and here.print or open(call('GET', REQUEST .. id))[5]
  if earlier ~= print then return answer(0, 'idempotency_conflict', false, id) end
  rows[#rows + 1] = packed
  answer(2, id, position_of(id, row_of(packed), here and here.added), false)
end

-- Gathers the writes of one admission; answers its id, its row, and for one that waits its place and how far it
-- stands behind its lane's beginning.
local function admit(m, starts, user, model, type, priority, cost, attempts_max, wait_max, token, request)
  last = last + 1
  local id, move = id_text(last), starts and slot_move or wait_move
  local deadline = wait_max >= 0 and not starts and at + wait_max or -1
  local packed = pack_row(
    ROW_FORMAT, move[TO_PLACE], priority, cost, attempts_max, -1, starts and 1 or 0, wait_max, at, -1, deadline,
    starts and at or -1, -1, starts and at + lease_ms or -1, -1, move[TO], user, model, type or m.type,
    starts and token or NONE, NONE, NONE, NONE, NONE, starts and slot_entry or wait_entry)
  store(REQUEST .. id, request)
  store(ROW .. id, packed)
  add(OWNED .. user, '-' .. id, id)
  if cost > 0 then reserve(accounts[user], cost, at, last) end
  tally(m, move[EVENT])
  if starts then
    add(m.held, at + lease_ms, id)
    m.active = m.active + 1
    tally_time(m, 'wait', 0)
    return id, packed
  end
  local lane = lane_of(m, priority)
  lane.added = lane.added + 1
  m.waiting = m.waiting + 1
  add(index_of(m, move[TO]), id, id)
  add(m.ready, lane.score, id)
  if deadline >= 0 then add(DEADLINES, deadline, id) end
  return id, packed, lane.before + added_above(m, priority) + lane.added, lane.added
end

local function decide(i, user, model, type, priority, cost, attempts_max, wait_max, token, _, print)
  local name = names[i]
  local here = fresh[name]
  if here or known[i] then return recognise(print, here and here.id or known[i], here) end
  local m = model_of(model)
  if not m.max then return answer(0, 'model_unknown', false, false) end
  local starts = token and m.waiting == 0 and free_slots(m) > 0
  if not starts and m.waiting + m.delayed >= waiting_max then return answer(0, 'queue_full', false, false) end
  if cost > available(accounts[user]) then
    return answer(0, 'tickets_short', available(accounts[user]), false)
  end
  local id, packed, position, added =
    admit(m, starts, user, model, type, priority, cost, attempts_max, wait_max, token, ARGV[i + 1])
  fresh[name] = { id = id, packed = packed, added = added, print = print }
  local n = #once
  once[n + 1], once[n + 2] = name, id
  answer(1, last, position or false, not type and m.type)
end

for i = 1, count do decide(i, unpack(items, i * 10 - 9, i * 10)) end

if last > first_new then
  store(IDS, last)
  puts[ONCE] = once
  save_accounts()
  flush()
  write_ledgers(at)
  write_tallies(at)
  wake()
end
return { pack(reply), unpack(rows) }
