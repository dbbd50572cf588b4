-- Admits requests: reserves their tickets and queues them, or starts them where a slot is free and nobody waits.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, move into the queue, move into a slot, leaseMs, maxQueued, items }, an item being
--         { user, model, type, priority, cost, maxAttempts, maxWaitMs, token, key, fingerprint, request }
-- Reply   false when it must be sent again, else { at, then 4 values an item }:
--         refused 0, code, available, id; admitted 1, id, position, the model's type (when none was asked for);
--         known already 2, id, position, row
-- include: header keys id state move order write models promote rank accounts timeline facts wake
local at, wait_move, slot_move, lease_ms, waiting_max, items = clock(C[1]), C[2], C[3], C[4], C[5], C[6]
if not promote(at) then return AGAIN end

local names, users = {}, {}
for i = 1, #items do
  local user = items[i][1]
  names[i] = user .. '\0' .. items[i][9]
  if items[i][5] > 0 and accounts[user] == nil then
    accounts[user] = false
    users[#users + 1] = user
  end
end
load_accounts(users)
local known = call('HMGET', ONCE, unpack(names))
local last = tonumber(call('GET', IDS) or 0)
local first_new = last
local fresh = {}
local reply = { at }
local at_text = string.format('%.0f', at)
local wait_entry, slot_entry = moment(wait_move[EVENT], at), moment(slot_move[EVENT], at)

-- The line in front of a place in a model's queue: what stood there before this command, and what it added.
local function lane_of(model, m, priority)
  local lanes = m.lanes
  if not lanes then
    lanes = {}
    m.lanes = lanes
  end
  local lane = lanes[priority]
  if not lane then
    local score = string.format('%.0f', order_of(priority, at))
    lane = { score = score, before = call('ZCOUNT', READY .. model, '-inf', score), added = 0 }
    lanes[priority] = lane
  end
  return lane
end

local function added_above(m, priority)
  local count = 0
  for other, lane in pairs(m.lanes or {}) do
    if other > priority then count = count + lane.added end
  end
  return count
end

-- Where a row stands that was known before this item: `added` when this command brought it.
local function position_of(id, row, added)
  if row[PLACE] ~= IN_QUEUE then return false end
  local m = model_of(row[MODEL])
  if added then return lane_of(row[MODEL], m, row[PRIORITY]).before + added_above(m, row[PRIORITY]) + added end
  local own, rank = order_of(row[PRIORITY], row[SINCE]), rank_of(id, row)
  for priority, lane in pairs(m.lanes or {}) do
    if order_of(priority, at) < own then rank = rank + lane.added end
  end
  return rank + 1
end

local function answer(kind, a, b, c)
  local n = #reply
  reply[n + 1] = kind
  reply[n + 2] = a
  reply[n + 3] = b
  reply[n + 4] = c
end

-- The same user and key again: the row as it is, unless the payload differs.
local function recognise(item, id, here)
  local row, print
  if here then
    row, print = here.row, here.print
  else
    row = open(call('GET', ROW .. id))
    print = open(call('GET', REQUEST .. id))[5]
  end
  if print ~= item[10] then return answer(0, 'idempotency_conflict', false, id) end
  answer(2, id, position_of(id, row, here and here.added), pack(row))
end

local function refusal_of(item, m, starts)
  if not m then return 'model_unknown' end
  if not starts and m.waiting + m.delayed >= waiting_max then return 'queue_full' end
  if item[5] > available(accounts[item[1]]) then return 'tickets_short' end
end

-- Gathers the writes of one admission.
local function admit(item, m, starts, name)
  local user, model, cost, wait_max = item[1], item[2], item[5], item[7]
  last = last + 1
  local id = id_text(last)
  local move = starts and slot_move or wait_move
  local row = {
    move[TO], move[TO_PLACE], user, model, item[3] or m.type, item[4], cost, item[6], wait_max,
    false, starts and 1 or 0, at, false, wait_max and not starts and at + wait_max, starts and at, false,
    starts and item[8], starts and at + lease_ms, false, false, false, false, false,
    starts and slot_entry or wait_entry,
  }
  store(REQUEST .. id, item[11])
  store(ROW .. id, pack(row))
  put(ONCE, name, id)
  add(INDEX .. move[TO] .. ':' .. model, id, id)
  add(OWNED .. user, '-' .. id, id)
  if cost > 0 then reserve(user, cost, at, last) end
  tally(model, move[EVENT], 0, 0)
  local position, added = false, nil
  if starts then
    add(HELD .. model, at + lease_ms, id)
    m.active = m.active + 1
    tally(model, 'wait', 0, 0)
  else
    local lane = lane_of(model, m, item[4])
    add(READY .. model, lane.score, id)
    m.waiting = m.waiting + 1
    lane.added = lane.added + 1
    added = lane.added
    position = lane.before + added_above(m, item[4]) + added
    if row[DEADLINE] then add(DEADLINES, row[DEADLINE], id) end
  end
  fresh[name] = { id = id, row = row, added = added, print = item[10] }
  answer(1, last, position, not item[3] and m.type)
end

for i = 1, #items do
  local item, name = items[i], names[i]
  local here = fresh[name]
  if here or known[i] then
    recognise(item, here and here.id or known[i], here)
  else
    local m = model_of(item[2])
    local starts = item[8] and m and m.waiting == 0 and free_slots(m) > 0
    local code = refusal_of(item, m, starts)
    if code then
      answer(0, code, code == 'tickets_short' and available(accounts[item[1]]), false)
    else
      admit(item, m, starts, name)
    end
  end
end

if last > first_new then
  store(IDS, last)
  save_accounts()
  flush()
  write_ledgers(at)
  write_tallies(at)
  wake()
end
return pack(reply)
