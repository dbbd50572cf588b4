-- Admits requests: reserves their tickets and queues them, or starts them where a slot is free and nobody waits.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, move into the queue, move into a slot, leaseMs, maxQueued, { 10 values an item: user, user NUL key,
--         model, type, cost, priority, maxWaitMs or -1, token, fingerprint, head of the row } }; no key twice
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
  names[i] = items[i * 10 - 8]
  if items[i * 10 - 5] > 0 and accounts[user] == nil then
    accounts[user] = false
    users[#users + 1] = user
  end
end
load_accounts(users)
local known = call('HMGET', ONCE, unpack(names))
local last = tonumber(call('GET', IDS) or 0)
local first_new, once, owned = last, {}, {}
local reply, rows = { at }, {}
local entry_waiting, entry_started = moment(wait_move[EVENT], at), moment(slot_move[EVENT], at)
local middle_plain = pack_row(MIDDLE_FORMAT, -1, 0, at, -1, -1, -1, -1, -1, -1)

-- The place behind all of one priority: what stood before it when this command came, what this command put
-- before it, and what it added itself.
local function open_lane(m, priority)
  local score = string.format('%.0f', order_of(priority, at))
  local lane = { priority = priority, score = score, before = call('ZCOUNT', m.ready, '-inf', score), added = 0 }
  for _, other in ipairs(m.lanes) do
    if other.priority > priority then lane.before = lane.before + other.added end
  end
  m.lanes[#m.lanes + 1] = lane
  return lane
end

-- The next place in a lane; all lanes behind it move up by one.
local function take_place(m, priority)
  local lanes, lane = m.lanes, nil
  for i = 1, #lanes do
    local other = lanes[i]
    if other.priority == priority then
      lane = other
    elseif other.priority < priority then
      other.before = other.before + 1
    end
  end
  lane = lane or open_lane(m, priority)
  lane.added = lane.added + 1
  return lane.before + lane.added, lane.score
end

-- Where a row stands that was there before this command, what this command added counted in.
local function position_of(id, row)
  if row.place ~= IN_QUEUE then return false end
  local own = order_of(row.priority, row.since)
  local rank = rank_of(id, row.model, own)
  local m = models[row.model]
  for _, lane in ipairs(m and m.lanes or {}) do
    if order_of(lane.priority, at) < own then rank = rank + lane.added end
  end
  return rank + 1
end

local function answer(kind, a, b, c)
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = kind, a, b, c
end

-- The same user and key again: the row as it is, unless the payload differs.
local function recognise(id, print)
  local packed = call('GET', ROW .. id)
  if open(call('GET', REQUEST .. id))[5] ~= print then return answer(0, 'idempotency_conflict', false, id) end
  rows[#rows + 1] = packed
  answer(2, id, position_of(id, row_of(packed)), false)
end

-- What this command keeps for a model once it admits to it.
local function prepare(m)
  m.lanes, m.tails = {}, {}
  m.index_adds, m.ready_adds = list_in(adds, index_of(m, wait_move[TO])), list_in(adds, m.ready)
  m.event = cell_of(m, wait_move[EVENT], 0)
end

local function tail_of(m, type)
  local tail = m.tails[type]
  if not tail then
    tail = pack_row(TAIL_FORMAT, wait_move[TO], m.id, type, NONE, NONE, NONE, NONE, NONE, entry_waiting)
    m.tails[type] = tail
  end
  return tail
end

local function wait_in_line(m, id, type, priority, wait_max, head)
  if not m.lanes then prepare(m) end
  local middle = middle_plain
  if wait_max >= 0 then
    pair(adds, DEADLINES, at + wait_max, id)
    middle = pack_row(MIDDLE_FORMAT, -1, 0, at, -1, at + wait_max, -1, -1, -1, -1)
  end
  local position, score = take_place(m, priority)
  m.waiting = m.waiting + 1
  m.event[1] = m.event[1] + 1
  local index, ready = m.index_adds, m.ready_adds
  local n, o = #index, #ready
  index[n + 1], index[n + 2] = id, id
  ready[o + 1], ready[o + 2] = score, id
  return head .. middle .. tail_of(m, type), position
end

-- As one that waited and was granted the slot at once, but for its event.
local function start(m, id, type, token, head)
  pair(adds, m.held, at + lease_ms, id)
  m.active = m.active + 1
  tally(m, slot_move[EVENT], 0, 0)
  tally(m, 'wait', 0, 0)
  return struct.pack('B', slot_move[TO_PLACE]) .. string.sub(head, 2)
    .. pack_row(MIDDLE_FORMAT, -1, 1, at, -1, -1, at, -1, at + lease_ms, -1)
    .. pack_row(TAIL_FORMAT, slot_move[TO], m.id, type, token, NONE, NONE, NONE, NONE, entry_started)
end

local function decide(i, user, name, model, type, cost, priority, wait_max, token, print, head)
  if known[i] then return recognise(known[i], print) end
  local m = models[model] or model_of(model)
  if not m.max then return answer(0, 'model_unknown', false, false) end
  local starts = token and m.waiting == 0 and free_slots(m) > 0
  if not starts and m.waiting + m.delayed >= waiting_max then return answer(0, 'queue_full', false, false) end
  if cost > 0 and cost > available(accounts[user]) then
    return answer(0, 'tickets_short', available(accounts[user]), false)
  end
  last = last + 1
  local id, packed, position = id_text(last), nil, false
  if starts then
    packed = start(m, id, type or m.type, token, head)
  else
    packed, position = wait_in_line(m, id, type or m.type, priority, wait_max, head)
  end
  local n = #stores
  stores[n + 1], stores[n + 2], stores[n + 3], stores[n + 4] = REQUEST .. id, ARGV[i + 1], ROW .. id, packed
  if cost > 0 then reserve(user, cost, at, last) end
  n = #once
  once[n + 1], once[n + 2], owned[n + 1], owned[n + 2] = name, id, OWNED .. user, id
  answer(1, last, position, not type and m.type)
end

for i = 1, count do decide(i, unpack(items, i * 10 - 9, i * 10)) end

if last > first_new then
  store(IDS, last)
  puts[ONCE] = once
  save_accounts()
  flush()
  for i = 1, #owned, 2 do call('RPUSH', owned[i], owned[i + 1]) end
  write_ledgers(at)
  write_tallies(at)
  wake()
end
return { pack(reply), unpack(rows) }
