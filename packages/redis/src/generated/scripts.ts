// Made by scripts/build-lua.mjs from lua/; change those files, not this one.
export const INCLUDES: Readonly<Record<string, string>> = {
  'accounts': String.raw`
local ACCOUNT_FORMAT = '<i4i4ddI4'
local BALANCE, RESERVED, GRANTED, CAPTURED, LIVE, TOUCHED = 1, 2, 3, 4, 5, 6
local accounts = {}
local function load_accounts(users)
  if not users[1] then return end
  local found = call('HMGET', ACCOUNTS, unpack(users))
  for i = 1, #users do
    local packed = found[i]
    if packed then
      local balance, reserved, granted, captured, live = open_struct(ACCOUNT_FORMAT, packed)
      packed = { balance, reserved, granted, captured, live, false }
    end
    accounts[users[i]] = packed
  end
end
`,
  'admit-into-queue': String.raw`
local indexed, lined, tails = m.indexed, m.lined, m.tails
if not indexed then
  indexed, lined, tails = list_in(adds, INDEX .. wait_to .. ':' .. model), list_in(adds, m.ready), {}
  m.lanes, m.tails, m.indexed, m.lined, m.event = {}, tails, indexed, lined, events_of(m, wait_event)
end
local hot, tail, lane = plain_hot, tails[type], m.lane
if wait_max >= 0 then
  pair(adds, DEADLINES, format('%d', at + wait_max), id)
  hot = pack_struct(HOT, wait_place, plain_bytes, -1, 0, at, -1, -1, at + wait_max, wait_to, NONE)
end
if not tail then
  tail = (type or m.type) .. no_results .. wait_entry
  tails[type] = tail
end
packed = hot .. fixed .. tail
m.waiting = m.waiting + 1
m.event[1] = m.event[1] + 1
if not lane or lane.priority ~= priority or m.lanes[2] then
  lane = lane_of(m, priority)
  m.lane = lane
end
lane.added = lane.added + 1
reply[n] = lane.before + lane.added
local k = #lined
indexed[k + 1], indexed[k + 2], lined[k + 1], lined[k + 2] = id, id, lane.score, id
`,
  'admit-into-slot': String.raw`
pair(adds, m.held, format('%d', at + lease_ms), id)
m.active = m.active + 1
tally(bins_of(m, slot_event), 0, 0)
tally(bins_of(m, 'wait'), 0, 0)
packed = pack_struct(
  HOT, slot_place, HOT_BYTES + #slot_to + #token, -1, 1, at, at, at + lease_ms, -1, slot_to, token)
  .. fixed .. (type or m.type) .. no_results .. slot_event .. '@' .. at_text .. ','
reply[n] = -2
`,
  'apply-move': String.raw`
local from, to, account, effect = move[FROM_PLACE], move[TO_PLACE], accounts[user], move[RESERVE]
if effect ~= -1 then used = 0 elseif used < 0 then used = move[CAPTURE] == 1 and cost or 0 end
local free = account and account[BALANCE] - account[RESERVED] or 0
if from == OUT and to == IN_QUEUE and call('ZCARD', m.ready) + call('ZCARD', m.later) + m.grown >= waiting_max then
  code, b = 'queue_full', status
elseif used > cost then
  code, b = 'tickets_over', status
elseif effect == 1 and cost > free then
  code, b, c = 'tickets_short', status, free
else
  answer, moved = number, true
  local way = m.ways[move] or way_of(m, move)
  local event, leaves, joins = way.event, way.leaves, way.joins
  local n = #joins
  event[1] = event[1] + 1
  leaves[#leaves + 1] = id
  joins[n + 1], joins[n + 2] = id, id
  if move[MEASURES] == 1 and started >= 0 then
    local ran = at > started and at - started or 0
    m.run_bins = m.run_bins or bins_of(m, 'run')
    tally_time(m.run_bins, ran)
    append(m.runs, ran)
  end
-- include: apply-tickets apply-row
end
`,
  'apply-row': String.raw`
if (from == IN_SLOT or to == IN_QUEUE) and not m.woken then
  m.woken = true
  append(woken, model)
end
local counting, entry, progress, deadline = move[COUNTING], way.entry, -1, -1
if counting == 'reset' then attempt = 0 elseif counting == 'uncount' then attempt = attempt - 1 end
if from == IN_QUEUE then
  m.grown = m.grown - 1
  append(list_in(drops, m.ready), id)
  if first >= 0 then append(list_in(drops, m.later), id) end
  if second >= 0 then append(list_in(drops, DEADLINES), id) end
elseif from == IN_SLOT then
  progress = second
else
  since, started, deadline = at, -1, wait_max >= 0 and at + wait_max or -1
end
if to == OUT then
  append(way.settled, id .. settled_suffix)
  first, second = at, progress
else
  used, first, second = -1, -1, deadline
  m.grown = m.grown + 1
  if deadline >= 0 then pair(adds, DEADLINES, deadline, id) end
  if delay > 0 then
    first, m.delays = at + delay, true
    pair(adds, m.later, first, id)
  else
    pair(adds, m.ready, order_of(priority, since), id)
  end
end
local released = from == OUT and NONE or token or ''
local hot = pack_struct(
  HOT, to, HOT_BYTES + #move[TO] + #released, used, attempt, since, started, first, second, move[TO], released)
if #packed - bytes + #entry > TIMELINE_MAX then
  packed = sub(packed, 1, bytes) .. trim(sub(packed, bytes + 1), entry)
end
if from == OUT or new_url or new_output or new_fault then
  local url, output, fault, timeline = open_struct(RESULTS, packed, results)
  if from == OUT then
    url, output, fault = NONE, NONE, NONE
  else
    url, output, fault = new_url or url, new_output or output, new_fault or fault
  end
  packed = hot .. sub(packed, bytes + 1, results - 1) .. pack_struct(RESULTS, url, output, fault)
    .. sub(packed, timeline) .. entry
else
  packed = hot .. sub(packed, bytes + 1) .. entry
end
n = #stores
stores[n + 1], stores[n + 2] = names[i], packed
`,
  'apply-tickets': String.raw`
if effect == -1 then
  if used > 0 then tally(bins_of(m, 'captured'), 0, used) end
  if used < cost then tally(bins_of(m, 'refunded'), 0, cost - used) end
end
if effect ~= 0 and cost > 0 and account then
  account[LIVE] = account[LIVE] + effect
  if effect == 1 then
    account[RESERVED] = account[RESERVED] + cost
    book(user, account, RESERVED_LINE, cost, tonumber(id), NONE, NONE)
  else
    if used > 0 then
      account[BALANCE], account[CAPTURED] = account[BALANCE] - used, account[CAPTURED] + used
      account[RESERVED] = account[RESERVED] - used
      book(user, account, CAPTURED_LINE, used, tonumber(id), NONE, NONE)
    end
    if used < cost then
      account[RESERVED] = account[RESERVED] - (cost - used)
      book(user, account, REFUNDED_LINE, cost - used, tonumber(id), NONE, NONE)
    end
  end
end
`,
  'best-of-heads': String.raw`
local found = {}
for _, m in ipairs(heads) do
  local list = call('ZRANGE', m.ready, '0', m.most, 'WITHSCORES')
  for i = 1, #list, 2 do found[#found + 1] = { tonumber(list[i + 1]), list[i], m } end
end
table.sort(found, function(a, b)
  if a[1] ~= b[1] then return a[1] < b[1] end
  return a[2] < b[2]
end)
for i = 1, math.min(room, #found) do
  local m = found[i][3]
  ids[i], owner[i] = found[i][2], m
  m.took = (m.took or 0) + 1
end
`,
  'book': String.raw`
-- include: entry
local GRANTED_LINE, REVOKED_LINE, RESERVED_LINE, CAPTURED_LINE, REFUNDED_LINE = 1, 2, 3, 4, 5
local lines, last_entry = {}, nil
local function book(user, account, kind, amount, id, key, memo)
  last_entry = (last_entry or tonumber(call('GET', ENTRIES) or 0)) + 1
  local n = #lines
  lines[n + 1], lines[n + 2] = user,
    pack_struct(ENTRY_FORMAT, last_entry, at, kind, amount, account[BALANCE], account[RESERVED], id, key, memo)
  account[TOUCHED] = true
end
`,
  'clock': String.raw`
local at = C[1]
if not at then
  local t = call('TIME')
  at = t[1] * 1000 + math.floor(t[2] / 1000)
end
local at_text = format('%d', at)
`,
  'entry': String.raw`
local ENTRY_FORMAT = '<ddBi4i4i4dss'
`,
  'flush': String.raw`
do
  local STEP = 4000
  for from = 1, #stores, STEP do call('MSET', unpack(stores, from, math.min(from + STEP - 1, #stores))) end
  local commands, lists_of = { 'HSET', 'ZADD', 'RPUSH', 'ZREM' }, { puts, adds, pushes, drops }
  for i = 1, 4 do
    for key, list in pairs(lists_of[i]) do
      for from = 1, #list, STEP do
        call(commands[i], key, unpack(list, from, math.min(from + STEP - 1, #list)))
      end
    end
  end
end
`,
  'grant': String.raw`
local expires, grant_entry = at + lease_ms, event .. '@' .. at_text .. ','
local expires_text, grant_bytes = format('%d', expires), HOT_BYTES + #to
local function grant(m, id, name, packed, token)
  local _, bytes, used, attempt, since, _, not_before, deadline = open_struct(HOT_NUMBERS, packed)
  local cold = sub(packed, bytes + 1)
  if #cold + #grant_entry > TIMELINE_MAX then cold = trim(cold, grant_entry) end
  packed = pack_struct(HOT, to_place, grant_bytes + #token, used, attempt + 1, since, at, expires, -1, to, token)
    .. cold .. grant_entry
  local leased, indexed, n = m.leased, m.indexed, #stores
  stores[n + 1], stores[n + 2] = name, packed
  if not leased then
    leased, indexed = list_in(adds, m.held), list_in(drops, INDEX .. from .. ':' .. m.id)
    m.leased, m.indexed, m.waits, m.event = leased, indexed, bins_of(m, 'wait'), events_of(m, event)
  end
  n = #leased
  leased[n + 1], leased[n + 2] = expires_text, id
  indexed[#indexed + 1] = id
  m.event[1] = m.event[1] + 1
  if attempt == 0 then tally_time(m.waits, at > since and at - since or 0) end
  if not_before >= 0 then append(list_in(drops, m.later), id) end
  if deadline >= 0 then append(list_in(drops, DEADLINES), id) end
  return packed
end
`,
  'header': String.raw`
local call, pack, open = redis.call, cmsgpack.pack, cmsgpack.unpack
local pack_struct, open_struct = struct.pack, struct.unpack
local format, sub, append = string.format, string.sub, table.insert
local C = open(ARGV[1])
`,
  'keys': String.raw`
local BASE = KEYS[1]
local IDS = BASE .. 'ids'
local ENTRIES = BASE .. 'entries'
local LIMITS = BASE .. 'limits'
local MODELS = BASE .. 'models'
local ACCOUNTS = BASE .. 'accounts'
local USERS = BASE .. 'users'
local ONCE = BASE .. 'once'
local DEADLINES = BASE .. 'deadlines'
local DELAYS = BASE .. 'delays'
local HOURS = BASE .. 'hours'
local LEDGERS = BASE .. 'ledgers'
local REQUEST = BASE .. 'q:'
local ROW = BASE .. 'g:'
local INDEX = BASE .. 's:'
local READY = BASE .. 'w:'
local DELAYED = BASE .. 'd:'
local HELD = BASE .. 'a:'
local OWNED = BASE .. 'u:'
local SETTLED = BASE .. 'c:'
local LEDGER = BASE .. 't:'
local POSTED = BASE .. 'p:'
local RUNS = BASE .. 'r:'
local ROLLUP = BASE .. 'h:'
`,
  'models': String.raw`
local models = {}
local function model_of(id)
  local m = models[id]
  if m then return m end
  m = {
    id = id, ready = READY .. id, later = DELAYED .. id, held = HELD .. id, type = false, max = false, paused = false,
    updated = 0, active = 0, waiting = 0, delayed = 0, found = 0, lane = false, lanes = false, tails = false, indexed = false,
    lined = false, leased = false, event = false, waits = false, tallies = false, looked = false, took = false,
    most = false,
  }
  local packed = call('HGET', LIMITS, id)
  if packed then
    local limit = open(packed)
    m.type, m.max, m.paused, m.updated = limit[1], limit[2], limit[3] == 1, limit[4]
  end
  m.active = call('ZCARD', m.held)
  models[id] = m
  return m
end
local function free_slots(m)
  if m.paused or not m.max then return 0 end
  return math.max(0, m.max - m.active)
end
`,
  'move': String.raw`
local EVENT, FROM, TO, FROM_PLACE, TO_PLACE, SLOT, RESERVE, CAPTURE, GUARD, ATTEMPTS, COUNTING, MEASURES =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
`,
  'order': String.raw`
local ORDER_STEP = 4398046511104
local function order_of(priority, since)
  return format('%d', (PRIORITY_MAX - priority) * ORDER_STEP + since)
end
`,
  'promote': String.raw`
if call('EXISTS', DELAYS) == 1 and call('ZRANGEBYSCORE', DELAYS, '-inf', at_text, 'LIMIT', '0', '1')[1] then
  local room = PROMOTE_MAX
  for _, model in ipairs(call('ZRANGEBYSCORE', DELAYS, '-inf', at_text)) do
    local ids = room > 0 and call('ZRANGEBYSCORE', DELAYED .. model, '-inf', at_text, 'LIMIT', 0, room) or {}
    local scored = {}
    for _, id in ipairs(ids) do
      local packed = call('GET', ROW .. id)
      if packed then
        local _, hot_bytes, _, _, since = open_struct(HOT_NUMBERS, packed)
        local _, _, priority = open_struct(FIXED, packed, hot_bytes + 1)
        local n = #scored
        scored[n + 1], scored[n + 2] = order_of(priority, since), id
      end
    end
    if #scored > 0 then call('ZADD', READY .. model, unpack(scored)) end
    if #ids > 0 then call('ZREM', DELAYED .. model, unpack(ids)) end
    local first = call('ZRANGE', DELAYED .. model, 0, 0, 'WITHSCORES')
    if first[2] then call('ZADD', DELAYS, first[2], model) else call('ZREM', DELAYS, model) end
    room = room - #ids
  end
  if call('ZRANGEBYSCORE', DELAYS, '-inf', at_text, 'LIMIT', '0', '1')[1] then return {} end
end
`,
  'rank': String.raw`
local function rank_of(id, model, order)
  local key = READY .. model
  local rank = call('ZRANK', key, id)
  if rank then return rank end
  rank = call('ZCOUNT', key, '-inf', '(' .. order)
  for _, other in ipairs(call('ZRANGEBYSCORE', key, order, order)) do
    if other < id then rank = rank + 1 end
  end
  return rank
end
`,
  'read-both': String.raw`
local function read_both(ids)
  local count, names = #ids, {}
  if count == 0 then return {}, names end
  for i = 1, count do
    local id = ids[i]
    names[i], names[count + i] = ROW .. id, REQUEST .. id
  end
  return call('MGET', unpack(names)), names
end
`,
  'read-many': String.raw`
local READ_STEP = 4000
local function read_names(names)
  if #names <= READ_STEP then return names[1] and call('MGET', unpack(names)) or {} end
  local found = {}
  for from = 1, #names, READ_STEP do
    local values = call('MGET', unpack(names, from, math.min(from + READ_STEP - 1, #names)))
    for i = 1, #values do found[from + i - 1] = values[i] end
  end
  return found
end
local function read_many(prefix, ids)
  local names = {}
  for i = 1, #ids do names[i] = prefix .. ids[i] end
  return read_names(names)
end
`,
  'recall': String.raw`
local unspent, left = {}, {}
for _, token in ipairs(tokens) do unspent[token] = true end
for _, model in ipairs(wanted) do
  local ids = call('ZRANGE', HELD .. model, 0, -1)
  for i, packed in ipairs(read_many(ROW, ids)) do
    local token = packed and select(10, open_struct(HOT, packed))
    if token and unspent[token] then
      unspent[token] = nil
      taken[#taken + 1] = ids[i]
      reply[#reply + 1] = call('GET', REQUEST .. ids[i])
      reply[#reply + 1] = packed
    end
  end
end
for _, token in ipairs(tokens) do
  if unspent[token] then left[#left + 1] = token end
end
tokens, room = left, #left
`,
  'recognise': String.raw`
local id = known[i]
local packed = call('GET', ROW .. id)
if open(call('GET', REQUEST .. id))[5] ~= open(ARGV[i + 1])[5] then
  code, its_id = 'idempotency_conflict', id
else
  rows[#rows + 1] = packed
  local place, bytes, _, _, since = open_struct(HOT_NUMBERS, packed)
  local _, _, its_priority, _, _, its_model = open_struct(FIXED, packed, bytes + 1)
  reply[n], reply[n + 1], reply[n + 2] = -1, id, false
  if place == IN_QUEUE then
-- include: rank
    local position = rank_of(id, its_model, order_of(its_priority, since)) + 1
    local seen = models[its_model]
    for _, lane in ipairs(seen and seen.lanes or {}) do
      if lane.priority > its_priority or (lane.priority == its_priority and at < since) then
        position = position + lane.added
      end
    end
    reply[n + 2] = position
  end
end
`,
  'row-of': String.raw`
local function row_of(packed)
  local place, bytes, _, attempt, since, started, first, _, status, holder = open_struct(HOT, packed)
  local cost, user, priority, attempts_max, _, model = open_struct(FIXED, packed, bytes + 1)
  return {
    place = place, priority = priority, cost = cost, attempts_max = attempts_max, attempt = attempt, since = since,
    not_before = place == IN_QUEUE and first or -1, started = started, ended = place == OUT and first or -1,
    expires = place == IN_SLOT and first or -1, status = status, user = user, model = model,
    token = place == IN_SLOT and holder or NONE,
  }
end
`,
  'row': String.raw`
local HOT, FIXED, RESULTS = '<BHi4i4ddddss', '<i4si4i4dss', 'sss'
local HOT_BYTES = 45
local HOT_SIZE, HOT_NUMBERS = '<BH', '<BHi4i4dddd'
local COST_AND_USER = '<i4s'
local NONE = '\255'
`,
  'runs': String.raw`
local RUN_FORMAT, RUN_BYTES = '<d', 8
`,
  'save-accounts': String.raw`
if last_entry then
  local list, n = {}, 0
  for user, a in pairs(accounts) do
    if a and a[TOUCHED] then
      list[n + 1], list[n + 2] = user, pack_struct(ACCOUNT_FORMAT, a[1], a[2], a[3], a[4], a[5])
      n = n + 2
    end
  end
  puts[ACCOUNTS] = list
  n = #stores
  stores[n + 1], stores[n + 2] = ENTRIES, format('%d', last_entry)
end
`,
  'sizes': String.raw`
local function sizes_of(m)
  m.waiting, m.delayed = call('ZCARD', m.ready), call('ZCARD', m.later)
  m.found = m.waiting
  return m
end
`,
  'tally-time': String.raw`
local frexp, floor = math.frexp, math.floor
local function tally_time(bins, ms)
  if ms < 4 then return tally(bins, ms, ms) end
  local fraction, exponent = frexp(ms)
  tally(bins, math.min((exponent - 3) * 4 + floor(fraction * 8), BINS_MAX), ms)
end
`,
  'tally': String.raw`
local function bins_of(m, measure)
  local measures = m.tallies
  if not measures then
    measures = {}
    m.tallies = measures
  end
  local bins = measures[measure]
  if not bins then
    bins = {}
    measures[measure] = bins
  end
  return bins
end
local function events_of(m, event)
  local bins = bins_of(m, event)
  local cell = bins[0] or { 0, 0 }
  bins[0] = cell
  return cell
end
local function tally(bins, bin, sum)
  local cell = bins[bin]
  if cell then
    cell[1], cell[2] = cell[1] + 1, cell[2] + sum
  else
    bins[bin] = { 1, sum }
  end
end
`,
  'trim': String.raw`
local function trim(cold, entry)
  local _, _, _, _, _, _, _, results = open_struct(FIXED, cold)
  local _, _, _, from = open_struct(RESULTS, cold, results)
  local timeline = string.sub(cold, from)
  if #timeline + #entry <= TIMELINE_MAX then return cold end
  local tail = string.sub(timeline .. entry, -TIMELINE_MAX)
  local kept = string.find(tail, ',', 1, true) + 1
  return string.sub(cold, 1, from - 1) .. string.sub(tail, kept, #tail - #entry)
end
`,
  'wake': String.raw`
do
  local names = {}
  for id, m in pairs(models) do
    if m.waiting > 0 and free_slots(m) > 0 then names[#names + 1] = id end
  end
  if names[1] then call('PUBLISH', BASE .. 'wake', cjson.encode(names)) end
end
`,
  'write-ledgers': String.raw`
for i = 1, #lines, 2 do
  if call('RPUSH', LEDGER .. lines[i], lines[i + 1]) == 1 then call('ZADD', LEDGERS, at_text, lines[i]) end
end
`,
  'write-tallies': String.raw`
do
  local hour = format('%d', at - at % HOUR_MS)
  for model, m in pairs(models) do
    for measure, bins in pairs(m.tallies or {}) do
      local name, fresh = hour .. ':' .. model .. ':' .. measure, false
      local key = ROLLUP .. name
      for bin, cell in pairs(bins) do
        if call('HINCRBY', key, bin .. ':n', cell[1]) == cell[1] then fresh = true end
        if cell[2] ~= 0 then call('HINCRBY', key, bin .. ':s', cell[2]) end
      end
      if fresh then call('ZADD', HOURS, hour, name) end
    end
  end
end
`,
  'writes': String.raw`
local stores, puts, adds, pushes, drops = {}, {}, {}, {}, {}
local function list_in(lists, key)
  local list = lists[key]
  if not list then
    list = {}
    lists[key] = list
  end
  return list
end
local function pair(lists, key, first, second)
  local list = list_in(lists, key)
  local n = #list
  list[n + 1], list[n + 2] = first, second
end
`,
}

export const COMMANDS = {
  'accounts': String.raw`
-- include: header keys accounts
local answers = {}
load_accounts(C[1])
for _, user in ipairs(C[1]) do
  local account = accounts[user]
  answers[#answers + 1] = account and 1 or 0
  for i = 1, account and 4 or 0 do answers[#answers + 1] = account[i] end
end
return { pack(answers) }
`,
  'admit': String.raw`
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
`,
  'apply': String.raw`
-- include: header keys clock row move order promote accounts book tally tally-time writes trim runs read-many
local waiting_max, with_rows, lists, items = C[2], C[3] == 1, C[4], C[5]
local WIDTH = 8
local count = #items / WIDTH
local ids, names, users = {}, {}, {}
for i = 1, count do
  local id = items[i * WIDTH - 7]
  ids[i], names[i] = id, ROW .. id
end
local rows, requests = read_names(names), with_rows and read_many(REQUEST, ids)
for i = 1, count do
  local packed = rows[i]
  if packed then
    local _, bytes = open_struct(HOT_SIZE, packed)
    local cost, user = open_struct(COST_AND_USER, packed, bytes + 1)
    if cost > 0 and accounts[user] == nil then
      accounts[user] = false
      users[#users + 1] = user
    end
  end
end
load_accounts(users)
local models = {}
local function model_of(id)
  local m = {
    id = id, ready = READY .. id, later = DELAYED .. id, held = HELD .. id, grown = 0, ways = {}, tallies = false,
    run_bins = false, runs = {}, delays = false, woken = false,
  }
  models[id] = m
  return m
end
local function broken_guard(guard, token, holder, first, second)
  if guard == 'none' then return nil end
  if guard == 'overdue' then return (second < 0 or second > at) and 'not_due' or nil end
  if token and token ~= holder then return 'lease_mismatch' end
  if guard == 'held' then return nil end
  return first > at and 'not_due' or nil
end
local function match(moves, status, token, holder, first, second, left)
  local code = 'status_mismatch'
  for i = 1, #moves do
    local move = moves[i]
    if move[FROM] == status then
      local reason = broken_guard(move[GUARD], token, holder, first, second)
      if reason then
        code = reason
      elseif move[ATTEMPTS] == 'any' or (move[ATTEMPTS] == 'left') == left then
        return i
      end
    end
  end
  return nil, code
end
local function earlier_of(moves, status, token, released_by)
  for i, move in ipairs(moves) do
    if move[TO] == status and released_by == (token or '') then return i end
  end
end
local function way_of(m, move)
  local from, to = move[FROM_PLACE], move[TO_PLACE]
  local way = {
    entry = move[EVENT] .. '@' .. at_text .. ',',
    event = events_of(m, move[EVENT]),
    leaves = list_in(drops, from == IN_SLOT and m.held or INDEX .. move[FROM] .. ':' .. m.id),
    joins = list_in(adds, INDEX .. move[TO] .. ':' .. m.id),
    settled = to == OUT and list_in(pushes, SETTLED .. move[TO]),
  }
  m.ways[move] = way
  return way
end
local answers, reply, woken, settled_suffix, moved = { at }, { '' }, {}, ':' .. at_text, false
for i = 1, count do
  local id, list, token, used, delay, new_url, new_output, new_fault = unpack(items, i * WIDTH - 7, i * WIDTH)
  local packed, answer, code, b, c = rows[i], 0, 'generation_unknown', false, false
  if packed then
    local place, bytes, _, attempt, since, started, first, second, status, holder = open_struct(HOT, packed)
    local cost, user, priority, attempts_max, wait_max, model, _, results = open_struct(FIXED, packed, bytes + 1)
    local moves, m, number = lists[list], models[model] or model_of(model), nil
    number, code = match(moves, status, token, holder, first, second, attempt < attempts_max)
    if number then
      local move = moves[number]
-- include: apply-move
    else
      local earlier = place ~= IN_SLOT and earlier_of(moves, status, token, holder)
      answer, b = earlier and -earlier or 0, status
    end
  end
  local n = #answers + 1
  answers[n] = answer
  if answer == 0 then answers[n + 1], answers[n + 2], answers[n + 3] = code, b, c end
  if with_rows and answer ~= 0 then
    n = #reply
    reply[n + 1], reply[n + 2] = requests[i], packed
  end
end
if moved then
  for model, m in pairs(models) do
    local runs, n = m.runs, #stores
    if runs[1] then
      local known = call('GET', RUNS .. model) or ''
      stores[n + 1] = RUNS .. model
      stores[n + 2] = sub(known .. pack_struct('<' .. string.rep('d', #runs), unpack(runs)), -RUNS_MAX * RUN_BYTES)
    end
  end
-- include: save-accounts flush write-ledgers
  for model, m in pairs(models) do
    if m.delays then
      local first = call('ZRANGE', m.later, 0, 0, 'WITHSCORES')
      call('ZADD', DELAYS, first[2], model)
    end
  end
-- include: write-tallies
  if woken[1] then call('PUBLISH', BASE .. 'wake', cjson.encode(woken)) end
end
reply[1] = pack(answers)
return reply
`,
  'audit': String.raw`
-- include: header keys row row-of accounts read-many
local after_model, after_user, most, waiting = C[1], C[2], C[3], C[4]
local LOOK_STEP = 500
local function page_of(key, after)
  if not after then return {} end
  return call('ZRANGEBYLEX', key, after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, most + 1)
end
local function waiting_rows(model)
  local size = 0
  for _, status in ipairs(waiting) do size = size + call('ZCARD', INDEX .. status .. ':' .. model) end
  return size
end
local function leased_rows(model)
  local count = 0
  for _, packed in ipairs(read_many(ROW, call('ZRANGE', HELD .. model, 0, -1))) do
    local row = packed and row_of(packed)
    if row and row.place == IN_SLOT and row.model == model then count = count + 1 end
  end
  return count
end
local models, last_model, names = {}, false, page_of(MODELS, after_model)
for i, model in ipairs(names) do
  if i > most then break end
  if i == most then last_model = #names > most and model end
  local n = #models
  models[n + 1], models[n + 2] = model, open(call('HGET', LIMITS, model))[2]
  models[n + 3], models[n + 4] = call('ZCARD', HELD .. model), leased_rows(model)
  models[n + 5] = waiting_rows(model)
  models[n + 6] = call('ZCARD', READY .. model) + call('ZCARD', DELAYED .. model)
end
local looked = 0
local function live_cost(user, live)
  local key, cost, found = OWNED .. user, 0, 0
  local stop = call('LLEN', key)
  while stop > 0 and found < live do
    local start = math.max(0, stop - LOOK_STEP)
    local ids = call('LRANGE', key, start, stop - 1)
    for _, packed in ipairs(read_many(ROW, ids)) do
      local row = packed and row_of(packed)
      if row and row.place ~= OUT and row.cost > 0 then cost, found = cost + row.cost, found + 1 end
    end
    looked, stop = looked + #ids, start
  end
  return cost
end
local users, people, last_user = {}, page_of(USERS, after_user), false
for i, user in ipairs(people) do
  if i > most then break end
  load_accounts({ user })
  local account, n = accounts[user] or { 0, 0, 0, 0, 0 }, #users
  users[n + 1] = user
  for j = 1, 4 do users[n + 1 + j] = account[j] end
  users[n + 6] = live_cost(user, account[LIVE])
  if i == most or looked >= AUDIT_ROWS_MAX then
    last_user = #people > i and user
    break
  end
end
return { pack({ last_model, last_user, models, users }) }
`,
  'claim': String.raw`
-- include: header keys clock row order promote models tally tally-time writes trim read-many read-both
local wanted, tokens, event, from, to, to_place, lease_ms, resent = unpack(C, 2, 9)
-- include: grant
wanted = wanted or call('ZRANGE', MODELS, '0', '-1')
local taken, reply, room = {}, { '' }, #tokens
if resent == 1 then
-- include: recall
end
local heads = {}
for _, model in ipairs(wanted) do
  local m = room > 0 and call('EXISTS', READY .. model) == 1 and model_of(model)
  local most = m and not m.looked and math.min(free_slots(m), room) or 0
  if most > 0 then
    m.looked, m.most = true, format('%d', most - 1)
    heads[#heads + 1] = m
  end
end
local ids, owner = {}, {}
if heads[2] then
-- include: best-of-heads
elseif heads[1] then
  ids = call('ZRANGE', heads[1].ready, '0', heads[1].most)
  heads[1].took = #ids
end
local values, names = read_both(ids)
local count = #ids
for i = 1, count do
  local id, packed = ids[i], values[i]
  if packed and string.byte(packed) == IN_QUEUE then
    local n = #reply
    taken[#taken + 1] = id
    reply[n + 1], reply[n + 2] = values[count + i], grant(owner[i] or heads[1], id, names[i], packed, tokens[i])
  end
end
-- include: flush
for _, m in ipairs(heads) do
  if m.took then call('ZREMRANGEBYRANK', m.ready, '0', format('%d', m.took - 1)) end
end
-- include: write-tallies
reply[1] = pack(taken)
return reply
`,
  'due': String.raw`
-- include: header keys clock row row-of read-many
local leases, most = C[2] == 1, C[3]
local found = {}
local function gather(key)
  local list = call('ZRANGEBYSCORE', key, '-inf', at_text, 'WITHSCORES', 'LIMIT', 0, most)
  for i = 1, #list, 2 do found[#found + 1] = { tonumber(list[i + 1]), list[i] } end
end
if leases then
  for _, model in ipairs(call('ZRANGE', MODELS, 0, -1)) do gather(HELD .. model) end
else
  gather(DEADLINES)
end
table.sort(found, function(a, b)
  if a[1] ~= b[1] then return a[1] < b[1] end
  return a[2] < b[2]
end)
local ids, answers = {}, {}
for i = 1, math.min(most, #found) do ids[i] = found[i][2] end
for i, packed in ipairs(read_many(ROW, ids)) do
  local row, n = packed and row_of(packed), #answers
  if row then
    answers[n + 1], answers[n + 2], answers[n + 3] = ids[i], row.model, row.user
    answers[n + 4], answers[n + 5], answers[n + 6] = row.token ~= NONE and row.token, row.attempt, row.attempts_max
  end
end
return { pack(answers) }
`,
  'get': String.raw`
-- include: header keys read-many
local ids, there, reply = C[1], {}, { '' }
local rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
for i = 1, #ids do
  there[i] = rows[i] and requests[i] and 1 or 0
  if there[i] == 1 then
    local n = #reply
    reply[n + 1], reply[n + 2] = requests[i], rows[i]
  end
end
reply[1] = pack(there)
return reply
`,
  'inspect': String.raw`
-- include: header
local function info(section)
  local text = redis.pcall('INFO', section)
  return type(text) == 'string' and text or ''
end
return { pack({ KEYS[1], info('server'), info('replication'), info('memory') }) }
`,
  'ledger': String.raw`
-- include: header keys entry
local user, only, below, most, look = C[1], C[2], C[3], C[4], C[5]
local key = LEDGER .. user
local length = call('LLEN', key)
local function count_below()
  if not below then return length end
  local low, high = 0, length
  while low < high do
    local middle = math.floor((low + high) / 2)
    local id = open_struct(ENTRY_FORMAT, call('LINDEX', key, middle))
    if id < below then low = middle + 1 else high = middle end
  end
  return low
end
local stop = count_below()
local start = math.max(0, stop - look)
local list = stop > 0 and call('LRANGE', key, start, stop - 1) or {}
local reply, last = { '' }, false
for i = #list, 1, -1 do
  local id, _, _, _, _, _, generation = open_struct(ENTRY_FORMAT, list[i])
  last = id
  if not only or generation == only then reply[#reply + 1] = list[i] end
  if #reply > most then
    start = start + i - 1
    break
  end
end
reply[1] = pack({ start > 0 and last })
return reply
`,
  'limit': String.raw`
-- include: header keys clock models sizes writes
local items = C[2]
local answers = {}
local function set(m, type, max, paused, default_type, default_max)
  if not m.max then
    m.type, m.max, m.paused = default_type, default_max, false
    pair(adds, MODELS, 0, m.id)
  end
  m.type, m.max, m.updated = type or m.type, max or m.max, at
  if paused then m.paused = paused == 1 end
  pair(puts, LIMITS, m.id, pack({ m.type, m.max, m.paused and 1 or 0, at }))
end
for i = 1, #items do
  local model, type, max, paused, only_new, default_type, default_max = unpack(items[i])
  local m, n = sizes_of(model_of(model)), #answers
  if only_new == 0 or not m.max then set(m, type, max, paused, default_type, default_max) end
  answers[n + 1], answers[n + 2], answers[n + 3] = m.type, m.max, m.paused and 1 or 0
  answers[n + 4], answers[n + 5] = m.updated, m.active
end
-- include: flush wake
return { pack(answers) }
`,
  'limits': String.raw`
-- include: header keys
local all, reply = call('HGETALL', LIMITS), {}
for i = 1, #all, 2 do
  local limit, n = open(all[i + 1]), #reply
  reply[n + 1] = all[i]
  for j = 1, 4 do reply[n + 1 + j] = limit[j] end
  reply[n + 6] = call('ZCARD', HELD .. all[i])
end
return { pack(reply) }
`,
  'list': String.raw`
-- include: header keys read-many
local user, wanted, statuses, held, below, most = C[1], C[2], C[3], C[4] == 1, C[5], C[6]
local found, floor = {}, '-inf'
local sought = most + 1
local function newest_first(a, b) return a > b end
local function count_below(key)
  local low, high = 0, call('LLEN', key)
  while below and low < high do
    local middle = math.floor((low + high) / 2)
    if call('LINDEX', key, middle) < below then low = middle + 1 else high = middle end
  end
  return below and low or high
end
local function cut()
  table.sort(found, newest_first)
  for i = #found, sought + 1, -1 do found[i] = nil end
  if #found == sought then floor = '(' .. found[sought] end
end
local function gather(ids)
  for _, id in ipairs(ids) do found[#found + 1] = id end
  if #found > 2 * sought then cut() end
end
local function gather_held(model)
  local ids = {}
  for _, id in ipairs(call('ZRANGE', HELD .. model, 0, -1)) do
    if not below or id < below then ids[#ids + 1] = id end
  end
  gather(ids)
end
if user then
  local key = OWNED .. user
  local stop = count_below(key)
  if stop > 0 then gather(call('LRANGE', key, math.max(0, stop - sought), stop - 1)) end
else
  for _, model in ipairs(wanted or call('ZRANGE', MODELS, 0, -1)) do
    for _, status in ipairs(statuses) do
      local key = INDEX .. status .. ':' .. model
      gather(call('ZREVRANGEBYSCORE', key, below and '(' .. below or '+inf', floor, 'LIMIT', 0, sought))
    end
    if held then gather_held(model) end
  end
end
cut()
local more = #found > most and found[most]
found[sought] = nil
local shown, reply = {}, { '' }
local rows, requests = read_many(ROW, found), read_many(REQUEST, found)
for i, id in ipairs(found) do
  if rows[i] and requests[i] then
    shown[#shown + 1] = id
    local n = #reply
    reply[n + 1], reply[n + 2] = requests[i], rows[i]
  end
end
reply[1] = pack({ more, shown })
return reply
`,
  'mend-model': String.raw`
-- include: header keys clock row row-of order writes read-many
local model, statuses, number, skip, most = C[2], C[3], C[4], C[5], C[6]
local sets = { READY .. model, DELAYED .. model, HELD .. model }
for _, status in ipairs(statuses) do sets[#sets + 1] = INDEX .. status .. ':' .. model end
local key = sets[number]
local function place_of(row)
  if row.place == IN_SLOT then return HELD .. model, row.expires end
  if row.place ~= IN_QUEUE then return nil end
  if row.not_before > at then return DELAYED .. model, row.not_before end
  return READY .. model, order_of(row.priority, row.since)
end
local ids, kept = call('ZRANGE', key, skip, skip + most - 1), 0
for i, packed in ipairs(read_many(ROW, ids)) do
  local row, id = packed and row_of(packed), ids[i]
  if not row or row.model ~= model then
    table.insert(list_in(drops, key), id)
  else
    local index = row.place ~= IN_SLOT and INDEX .. row.status .. ':' .. model
    local place, score = place_of(row)
    if index then pair(adds, index, id, id) end
    if place then pair(adds, place, score, id) end
    if key == index or key == place then kept = kept + 1 else table.insert(list_in(drops, key), id) end
  end
end
-- include: flush
local first = call('ZRANGE', DELAYED .. model, 0, 0, 'WITHSCORES')
if first[2] then call('ZADD', DELAYS, first[2], model) end
return { pack({ kept, #ids == most and 1 or 0, number < #sets and 1 or 0 }) }
`,
  'mend-user': String.raw`
-- include: header keys row row-of accounts writes read-many
local user = C[1]
local cost, live, step = 0, 0, 1000
for start = 0, call('LLEN', OWNED .. user) - 1, step do
  local ids = call('LRANGE', OWNED .. user, start, start + step - 1)
  for i, packed in ipairs(read_many(ROW, ids)) do
    local row = packed and row_of(packed)
    if row and row.place ~= OUT and row.cost > 0 then cost, live = cost + row.cost, live + 1 end
    if row and row.place == IN_SLOT then pair(adds, HELD .. row.model, row.expires, ids[i]) end
  end
end
load_accounts({ user })
local a = accounts[user]
if a then
  local granted = a[BALANCE] + a[CAPTURED]
  pair(puts, ACCOUNTS, user, pack_struct(ACCOUNT_FORMAT, a[BALANCE], cost, granted, a[CAPTURED], live))
end
-- include: flush
return { pack({ 1 }) }
`,
  'now': String.raw`
-- include: header clock
return { pack({ at }) }
`,
  'positions': String.raw`
-- include: header keys clock row row-of order promote rank read-many
local ids = C[2]
local function position_of(id, row)
  return row.place == IN_QUEUE and rank_of(id, row.model, order_of(row.priority, row.since)) + 1
end
local positions = {}
for i, packed in ipairs(read_many(ROW, ids)) do positions[i] = packed and position_of(ids[i], row_of(packed)) end
return { pack(positions) }
`,
  'post': String.raw`
-- include: header keys clock row accounts book writes
local items = C[2]
local users, posted, answers = {}, {}, {}
for i = 1, #items do
  local user = items[i][1]
  if accounts[user] == nil then
    accounts[user] = false
    posted[user] = {}
    users[#users + 1] = user
  end
end
load_accounts(users)
local function available_to(account)
  return account and account[BALANCE] - account[RESERVED] or 0
end
local function earlier_amount(user, key)
  if posted[user][key] then return posted[user][key] end
  local amount = call('HGET', POSTED .. user, key)
  return amount and tonumber(amount)
end
local function refusal_of(account, amount, earlier)
  if earlier then return earlier ~= amount and 'idempotency_conflict' or nil end
  if amount < 0 and -amount > available_to(account) then return 'tickets_short' end
  if (account and account[BALANCE] or 0) + amount > BALANCE_MAX then return 'tickets_overflow' end
end
local function post(user, amount, key, memo)
  local account = accounts[user]
  if not account then
    account = { 0, 0, 0, 0, 0, false }
    accounts[user] = account
    pair(adds, USERS, 0, user)
  end
  account[BALANCE] = account[BALANCE] + amount
  account[GRANTED] = account[GRANTED] + amount
  posted[user][key] = amount
  pair(puts, POSTED .. user, key, amount)
  book(user, account, amount < 0 and REVOKED_LINE or GRANTED_LINE, math.abs(amount), -1, key, memo or NONE)
end
for i = 1, #items do
  local user, amount, key, n = items[i][1], items[i][2], items[i][3], #answers
  local earlier = earlier_amount(user, key)
  local code = refusal_of(accounts[user], amount, earlier)
  if code then
    answers[n + 1], answers[n + 2], answers[n + 4], answers[n + 5] = 0, code, 0, 0
    answers[n + 3] = code ~= 'idempotency_conflict' and available_to(accounts[user])
  else
    if not earlier then post(user, amount, key, items[i][4]) end
    local account = accounts[user] or { 0, 0, 0, 0 }
    answers[n + 1] = earlier and 2 or 1
    for j = 1, 4 do answers[n + 1 + j] = account[j] end
  end
end
-- include: save-accounts flush write-ledgers
return { pack(answers) }
`,
  'purge-generations': String.raw`
-- include: header keys row row-of writes read-many
local statuses, before, most = C[1], C[2], C[3]
local TRIM_MAX, TIES_MAX = 1000, 100
local found = {}
for number, status in ipairs(statuses) do
  for _, entry in ipairs(call('LRANGE', SETTLED .. status, 0, most + TIES_MAX - 1)) do
    local time = tonumber(string.sub(entry, 16))
    if time > before then break end
    found[#found + 1] = { time, string.sub(entry, 1, 14), number, entry }
  end
end
table.sort(found, function(a, b)
  for i = 1, 3 do
    if a[i] ~= b[i] then return a[i] < b[i] end
  end
  return false
end)
local ids = {}
for i = 1, math.min(most, #found) do ids[i] = found[i][2] end
local rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
local gone, users, taken, removed = {}, {}, {}, 0
for i, id in ipairs(ids) do
  local row, status = rows[i] and row_of(rows[i]), statuses[found[i][3]]
  if row and not taken[id] and row.status == status and row.ended == found[i][1] then
    taken[id] = true
    rows[i] = false
    removed = removed + 1
    gone[#gone + 1] = ROW .. id
    gone[#gone + 1] = REQUEST .. id
    table.insert(list_in(drops, INDEX .. status .. ':' .. row.model), id)
    users[row.user] = true
    if requests[i] then call('HDEL', ONCE, row.user .. '\0' .. open(requests[i])[4]) end
  end
end
if #gone > 0 then call('DEL', unpack(gone)) end
for i = 1, #ids do call('LREM', SETTLED .. statuses[found[i][3]], 1, found[i][4]) end
-- include: flush
for user in pairs(users) do
  local first, old = call('LRANGE', OWNED .. user, 0, TRIM_MAX - 1), 0
  for _, packed in ipairs(read_many(ROW, first)) do
    if packed then break end
    old = old + 1
  end
  if old > 0 then call('LTRIM', OWNED .. user, old, -1) end
end
return { pack({ removed, #ids == most and 1 or 0 }) }
`,
  'purge-ledger': String.raw`
-- include: header keys row entry
local before, most = C[1], C[2]
local removed = 0
local function purge(user)
  local key, gone = LEDGER .. user, 0
  for _, packed in ipairs(call('LRANGE', key, 0, most - removed - 1)) do
    local _, at, _, _, _, _, _, posted = open_struct(ENTRY_FORMAT, packed)
    if at > before then break end
    gone = gone + 1
    if posted ~= NONE then call('HDEL', POSTED .. user, posted) end
  end
  removed = removed + gone
  call('LTRIM', key, gone, -1)
  local first = call('LINDEX', key, 0)
  if not first then return call('ZREM', LEDGERS, user) end
  local _, at = open_struct(ENTRY_FORMAT, first)
  call('ZADD', LEDGERS, at, user)
end
for _, user in ipairs(call('ZRANGEBYSCORE', LEDGERS, '-inf', before, 'LIMIT', 0, most)) do
  if removed < most then purge(user) end
end
return { pack({ removed, removed == most and 1 or 0 }) }
`,
  'purge-rollups': String.raw`
-- include: header keys
local before, most = C[1], C[2]
local names, removed, gone = call('ZRANGEBYSCORE', HOURS, '-inf', before, 'LIMIT', 0, most), 0, 0
for _, name in ipairs(names) do
  if removed >= most then break end
  for _, field in ipairs(call('HKEYS', ROLLUP .. name)) do
    if string.sub(field, -2) == ':n' then removed = removed + 1 end
  end
  call('DEL', ROLLUP .. name)
  call('ZREM', HOURS, name)
  gone = gone + 1
end
return { pack({ removed, (gone < #names or #names == most) and 1 or 0 }) }
`,
  'renew': String.raw`
-- include: header keys clock row row-of writes read-many
local lease_ms, items = C[2], C[3]
local ids, rows, answers = {}, {}, {}
for i = 1, #items do ids[i] = items[i][1] end
for i, packed in ipairs(read_many(ROW, ids)) do rows[ids[i]] = packed end
local function renew(id, packed, expires, reported)
  local place, bytes, used, attempt, since, started, _, progress, status, token = open_struct(HOT, packed)
  local _, _, _, _, _, model = open_struct(FIXED, packed, bytes + 1)
  if reported >= 0 then progress = reported end
  rows[id] = pack_struct(HOT, place, bytes, used, attempt, since, started, expires, progress, status, token)
    .. sub(packed, bytes + 1)
  stores[#stores + 1] = ROW .. id
  stores[#stores + 1] = rows[id]
  pair(adds, HELD .. model, expires, id)
end
for i = 1, #items do
  local id, token, progress = items[i][1], items[i][2], items[i][3]
  local row, n = rows[id] and row_of(rows[id]), #answers
  if row and row.token == token then
    renew(id, rows[id], at + lease_ms, progress)
    answers[n + 1], answers[n + 2], answers[n + 3] = 1, at + lease_ms, false
  else
    local code = not row and 'generation_unknown' or row.token ~= NONE and 'lease_mismatch' or 'status_mismatch'
    answers[n + 1], answers[n + 2], answers[n + 3] = 0, code, row and row.status
  end
end
-- include: flush
return { pack(answers) }
`,
  'rollups': String.raw`
-- include: header keys
local wanted, from, skip, most = C[1], C[2], C[3], C[4]
local only = wanted and {}
for _, model in ipairs(wanted or {}) do only[model] = true end
local names = call('ZRANGEBYSCORE', HOURS, from, '+inf', 'LIMIT', skip, most)
local reply = { #names == most and 1 or 0 }
for _, name in ipairs(names) do
  local hour, model, measure = string.match(name, '^(%d+):(.*):(%w+)$')
  local n = #reply
  if not only or only[model] then
    reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = hour, model, measure, call('HGETALL', ROLLUP .. name)
  end
end
return { pack(reply) }
`,
  'start': String.raw`
-- include: header keys clock row row-of order promote models tally tally-time writes trim read-both
local event, from, to, to_place, lease_ms, items = unpack(C, 2, 7)
-- include: grant
local ids, now_rows, taken, answers, reply = {}, {}, {}, {}, { '' }
for i = 1, #items do ids[i] = items[i][1] end
local found, names = read_both(ids)
for i, id in ipairs(ids) do now_rows[id] = found[i] end
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
`,
  'stats': String.raw`
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
`,
} as const
