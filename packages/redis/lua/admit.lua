-- Admits requests: reserves their tickets and queues them, or starts them where a slot is free and nobody waits.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, move into the queue, move into a slot, leaseMs, maxQueued, { 10 values an item: user, user NUL key,
--         model, type, cost, priority, maxWaitMs or -1, token, fingerprint, the row's fixed part up to its type } };
--         no key twice
-- ARGV[2] and on: the packed request of each item
-- Reply   nothing when it must be sent again, else { { at, then 4 values an item }, rows of those known already }:
--         refused 0, code, available, id; admitted 1, id, position, the model's type (when none was asked for);
--         known already 2, id, position, false
-- include: header keys clock row move order promote models accounts book tally writes
local wait_move, slot_move, lease_ms, waiting_max, items = C[2], C[3], C[4], C[5], C[6]
local WIDTH = 10
local count = #items / WIDTH

local names, users = {}, {}
for i = 1, count do
  local k = (i - 1) * WIDTH
  local user = items[k + 1]
  names[i] = items[k + 2]
  if items[k + 5] > 0 and accounts[user] == nil then
    accounts[user] = false
    users[#users + 1] = user
  end
end
load_accounts(users)
local known = call('HMGET', ONCE, unpack(names))
local last = tonumber(call('GET', IDS) or 0)
local first, reply, rows, once, owned = last, { at }, {}, {}, {}
local no_results = NONE .. '\0' .. NONE .. '\0' .. NONE .. '\0'
local wait_end = no_results .. wait_move[EVENT] .. '@' .. at_text .. ','
local plain_hot = pack_struct(HOT, wait_move[TO_PLACE], -1, 0, at, -1, -1, -1, -1, -1, -1, wait_move[TO], NONE, NONE)

-- The next place behind all of one priority. A lane knows what stands before it; those behind it move up by one.
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
  if not lane then
    local score = order_of(priority, at)
    lane = { priority = priority, score = score, before = call('ZCOUNT', m.ready, '-inf', score), added = 0 }
    for _, other in ipairs(lanes) do
      if other.priority > priority then lane.before = lane.before + other.added end
    end
    lanes[#lanes + 1] = lane
  end
  lane.added = lane.added + 1
  return lane.before + lane.added, lane.score
end

for i = 1, count do
  local user, name, model, type, cost, priority, wait_max, token, print, fixed =
    unpack(items, (i - 1) * WIDTH + 1, i * WIDTH)
  local m, account, kind, a, b, c = models[model] or model_of(model), accounts[user], 0, nil, false, false
  local starts = token and m.waiting == 0 and free_slots(m) > 0
  if known[i] then
    -- include: recognise
  elseif not m.max then
    a = 'model_unknown'
  elseif not starts and m.waiting + m.delayed >= waiting_max then
    a = 'queue_full'
  elseif cost > 0 and (not account or cost > account[BALANCE] - account[RESERVED]) then
    a, b = 'tickets_short', account and account[BALANCE] - account[RESERVED] or 0
  else
    last = last + 1
    local id, packed = format('%014d', last), nil
    kind, a, c = 1, last, not type and m.type
    if starts then
      -- include: admit-into-slot
    else
      -- include: admit-into-queue
    end
    local n = #stores
    stores[n + 1], stores[n + 2], stores[n + 3], stores[n + 4] = REQUEST .. id, ARGV[i + 1], ROW .. id, packed
    if cost > 0 then
      account[RESERVED], account[LIVE] = account[RESERVED] + cost, account[LIVE] + 1
      book(user, account, RESERVED_LINE, cost, last, NONE, NONE)
    end
    n = #once
    once[n + 1], once[n + 2], owned[n + 1], owned[n + 2] = name, id, OWNED .. user, id
  end
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = kind, a, b, c
end

if last > first then
  stores[#stores + 1] = IDS
  stores[#stores + 1] = format('%d', last)
  puts[ONCE] = once
  -- include: save-accounts flush
  for i = 1, #owned, 2 do call('RPUSH', owned[i], owned[i + 1]) end
  -- include: write-ledgers write-tallies wake
end
return { pack(reply), unpack(rows) }
