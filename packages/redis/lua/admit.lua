-- Admits requests: reserves their tickets and queues them, or starts them where a slot is free and nobody waits.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, event, status and place of what queues, the same of what starts, leaseMs, maxQueued, { user NUL key of each item },
--         { users of items that cost something }, { 3 values an item: the row's fixed part up to its type, token,
--         type } }; no key twice
-- ARGV[2] and on: the packed request of each item
-- Reply   nothing when it must be sent again, else { { at, the last id before these, then of each item }, rows of those
--         known already }; an item: its position when it waits, -2 when it started, each with the model's type behind it
--         when none was asked for; 0, code, available, id when refused; -1, id, position when known already
-- include: header keys clock row order promote models sizes accounts book tally writes
local wait_event, wait_to, wait_place, slot_event, slot_to, slot_place, lease_ms, waiting_max = unpack(C, 2, 9)
local names, users, items = C[10], C[11], C[12]
local WIDTH = 3
local ASKED = '<i4si4i4ds'

load_accounts(users)
local known = call('HMGET', ONCE, unpack(names))
local first = tonumber(call('GET', IDS) or 0)
local last, reply, rows, once, owned = first, { at, first }, {}, {}, {}
local wait_entry = wait_event .. '@' .. at_text .. ','
local no_results = '\0' .. NONE .. '\0' .. NONE .. '\0' .. NONE .. '\0'
local plain_bytes = HOT_BYTES + #wait_to + #NONE
local plain_hot = pack_struct(HOT, wait_place, plain_bytes, -1, 0, at, -1, -1, -1, wait_to, NONE)

-- The lane of one priority. It knows how many stand before it; one that joins moves those behind its lane up.
local function lane_of(m, priority)
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
    lane = { priority = priority, score = score, before = 0, added = 0 }
    if m.found > 0 then lane.before = call('ZCOUNT', m.ready, '-inf', score) end
    for _, other in ipairs(lanes) do
      if other.priority > priority then lane.before = lane.before + other.added end
    end
    lanes[#lanes + 1] = lane
  end
  return lane
end

for i = 1, #names do
  local fixed, token, type = unpack(items, i * WIDTH - 2, i * WIDTH)
  local cost, user, priority, _, wait_max, model = open_struct(ASKED, fixed)
  local m, account, n = models[model] or sizes_of(model_of(model)), accounts[user], #reply + 1
  local code, available, its_id = nil, false, false
  local starts = token and m.waiting == 0 and free_slots(m) > 0
  if known[i] then
    -- include: recognise
  elseif not m.max then
    code = 'model_unknown'
  elseif not starts and m.waiting + m.delayed >= waiting_max then
    code = 'queue_full'
  elseif cost > 0 and (not account or cost > account[BALANCE] - account[RESERVED]) then
    code, available = 'tickets_short', account and account[BALANCE] - account[RESERVED] or 0
  else
    last = last + 1
    local id, packed = format('%014d', last), nil
    if starts then
      -- include: admit-into-slot
    else
      -- include: admit-into-queue
    end
    if not type then reply[n + 1] = m.type end
    n = #stores
    stores[n + 1], stores[n + 2], stores[n + 3], stores[n + 4] = REQUEST .. id, ARGV[i + 1], ROW .. id, packed
    if cost > 0 then
      account[RESERVED], account[LIVE] = account[RESERVED] + cost, account[LIVE] + 1
      book(user, account, RESERVED_LINE, cost, last, NONE, NONE)
    end
    n = #once
    once[n + 1], once[n + 2], owned[n + 1], owned[n + 2] = names[i], id, OWNED .. user, id
  end
  if code then reply[n], reply[n + 1], reply[n + 2], reply[n + 3] = 0, code, available, its_id end
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
