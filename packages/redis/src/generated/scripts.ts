// Made by scripts/build-lua.mjs from lua/; change those files, not this one.
export const INCLUDES = {
  accounts: String.raw`
local ACCOUNT_FORMAT = '<i4i4ddI4'
local ENTRY_FORMAT = '<ddBi4i4i4dss'
local GRANTED_LINE, REVOKED_LINE, RESERVED_LINE, CAPTURED_LINE, REFUNDED_LINE = 1, 2, 3, 4, 5
local BALANCE, RESERVED, GRANTED, CAPTURED, LIVE, TOUCHED = 1, 2, 3, 4, 5, 6
local accounts, entry = {}, nil
local line_users, lines = {}, {}
local function read_account(packed)
  local balance, reserved, granted, captured, live = struct.unpack(ACCOUNT_FORMAT, packed)
  return { balance, reserved, granted, captured, live, false }
end
local function load_accounts(users)
  if #users == 0 then return end
  for i, packed in ipairs(call('HMGET', ACCOUNTS, unpack(users))) do
    accounts[users[i]] = packed and read_account(packed)
  end
end
local function available(account)
  return account and account[BALANCE] - account[RESERVED] or 0
end
local function book(user, account, at, kind, amount, id, key, memo)
  if not entry then entry = tonumber(call('GET', ENTRIES) or 0) end
  entry = entry + 1
  local n = #lines + 1
  line_users[n] = user
  lines[n] = struct.pack(ENTRY_FORMAT, entry, at, kind, amount, account[BALANCE], account[RESERVED], id, key, memo)
  account[TOUCHED] = true
end
local function reserve(user, cost, at, id)
  local account = accounts[user]
  account[RESERVED] = account[RESERVED] + cost
  account[LIVE] = account[LIVE] + 1
  book(user, account, at, RESERVED_LINE, cost, id, NONE, NONE)
end
local function settle(user, cost, used, at, id)
  local account = accounts[user]
  account[LIVE] = account[LIVE] - 1
  if used > 0 then
    account[BALANCE] = account[BALANCE] - used
    account[CAPTURED] = account[CAPTURED] + used
    account[RESERVED] = account[RESERVED] - used
    book(user, account, at, CAPTURED_LINE, used, id, NONE, NONE)
  end
  if used < cost then
    account[RESERVED] = account[RESERVED] - (cost - used)
    book(user, account, at, REFUNDED_LINE, cost - used, id, NONE, NONE)
  end
end
local function save_accounts()
  local list = {}
  for user, a in pairs(accounts) do
    if a and a[TOUCHED] then
      local n = #list
      list[n + 1], list[n + 2] = user, struct.pack(ACCOUNT_FORMAT, a[1], a[2], a[3], a[4], a[5])
    end
  end
  if #list > 0 then puts[ACCOUNTS] = list end
  if entry then store(ENTRIES, entry) end
end
local function write_ledgers(at)
  for i = 1, #lines do
    local user = line_users[i]
    if call('RPUSH', LEDGER .. user, lines[i]) == 1 then call('ZADD', LEDGERS, at, user) end
  end
end
`,
  delays: String.raw`
local function note_delay(model)
  local first = call('ZRANGE', DELAYED .. model, 0, 0, 'WITHSCORES')
  if first[2] then call('ZADD', DELAYS, first[2], model) end
end
`,
  facts: String.raw`
local frexp, floor = math.frexp, math.floor
local function bin_of(ms)
  if ms < 4 then return ms end
  local fraction, exponent = frexp(ms)
  return math.min((exponent - 3) * 4 + floor(fraction * 8), BINS_MAX)
end
local function cell_of(m, measure, bin)
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
  local cell = bins[bin]
  if not cell then
    cell = { 0, 0 }
    bins[bin] = cell
  end
  return cell
end
local function tally(m, measure, bin, sum)
  local cell = cell_of(m, measure, bin)
  cell[1], cell[2] = cell[1] + 1, cell[2] + sum
end
local function tally_run(m, ms)
  tally(m, 'run', bin_of(ms), ms)
  local list = m.runs
  if not list then
    list = {}
    m.runs = list
  end
  list[#list + 1] = ms
end
local function write_cell(key, measure, bin, cell)
  local field = measure .. ':' .. bin
  local count = call('HINCRBY', key, field .. ':n', cell[1])
  if cell[2] ~= 0 then call('HINCRBY', key, field .. ':s', cell[2]) end
  return count == cell[1]
end
local function write_runs(m)
  local from = math.max(1, #m.runs - RUNS_MAX + 1)
  call('LPUSH', RUNS .. m.id, unpack(m.runs, from))
  call('LTRIM', RUNS .. m.id, 0, RUNS_MAX - 1)
end
local function write_tallies(at)
  local hour = string.format('%.0f', at - at % HOUR_MS)
  for model, m in pairs(models) do
    local name, fresh = hour .. ':' .. model, false
    for measure, bins in pairs(m.tallies or {}) do
      for bin, cell in pairs(bins) do
        if write_cell(ROLLUP .. name, measure, bin, cell) then fresh = true end
      end
    end
    if fresh then call('ZADD', HOURS, hour, name) end
    if m.runs then write_runs(m) end
  end
end
`,
  grant: String.raw`
local function grant(id, packed, token, move, lease_ms, at, entry)
  local _, cost, user, priority, attempts_max, wait_max, used, attempt, since, not_before, deadline, _, ended, _, _,
    status, model, type, _, _, url, output, fault, timeline = open_row(ROW_FORMAT, packed)
  local m = models[model] or model_of(model)
  attempt = attempt + 1
  packed = pack_row(
    ROW_FORMAT, move[TO_PLACE], cost, user, priority, attempts_max, wait_max, used, attempt, since, -1, -1, at, ended,
    at + lease_ms, -1, move[TO], model, type, token, NONE, url, output, fault, append(timeline, entry))
  local n = #stores
  stores[n + 1], stores[n + 2] = ROW .. id, packed
  local held = m.held_adds
  if not held then
    held = list_in(adds, m.held)
    m.held_adds, m.index_drops = held, list_in(drops, index_of(m, status))
  end
  n = #held
  held[n + 1], held[n + 2] = at + lease_ms, id
  m.index_drops[#m.index_drops + 1] = id
  if not_before >= 0 then single(drops, m.later, id) end
  if deadline >= 0 then single(drops, DEADLINES, id) end
  if attempt == 1 then
    local waited = at > since and at - since or 0
    tally(m, 'wait', bin_of(waited), waited)
  end
  tally(m, move[EVENT], 0, 0)
  return packed
end
`,
  header: String.raw`
local call, pack, open = redis.call, cmsgpack.pack, cmsgpack.unpack
local C = open(ARGV[1])
local function clock(given)
  if given then return given end
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
`,
  id: String.raw`
local function id_text(number)
  return string.format('%014d', number)
end
`,
  keys: String.raw`
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
  models: String.raw`
local models = {}
local function model_of(id)
  local m = models[id]
  if m then return m end
  m = { id = id, ready = READY .. id, later = DELAYED .. id, held = HELD .. id, freed = false, moved = {} }
  local packed = call('HGET', LIMITS, id)
  if packed then
    local limit = open(packed)
    m.type, m.max, m.paused, m.updated = limit[1], limit[2], limit[3] == 1, limit[4]
  end
  m.active, m.waiting, m.delayed = call('ZCARD', m.held), call('ZCARD', m.ready), call('ZCARD', m.later)
  models[id] = m
  return m
end
local function free_slots(m)
  if m.paused or not m.max then return 0 end
  return math.max(0, m.max - m.active)
end
local function index_of(m, status)
  return INDEX .. status .. ':' .. m.id
end
`,
  move: String.raw`
local EVENT, FROM, TO, FROM_PLACE, TO_PLACE, SLOT, RESERVE, CAPTURE, GUARD, ATTEMPTS, COUNTING, MEASURES =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
`,
  order: String.raw`
local ORDER_STEP = 4398046511104
local function order_of(priority, since)
  return (PRIORITY_MAX - priority) * ORDER_STEP + since
end
`,
  promote: String.raw`
local AGAIN = {}
local function promote_model(model, at, room)
  local key = DELAYED .. model
  local ids = call('ZRANGEBYSCORE', key, '-inf', at, 'LIMIT', 0, room)
  local names, scored = {}, {}
  for i, id in ipairs(ids) do names[i] = ROW .. id end
  local rows = #ids > 0 and call('MGET', unpack(names)) or {}
  for i, id in ipairs(ids) do
    if rows[i] then
      local row, n = row_of(rows[i]), #scored
      scored[n + 1], scored[n + 2] = order_of(row.priority, row.since), id
    end
  end
  if #scored > 0 then call('ZADD', READY .. model, unpack(scored)) end
  if #ids > 0 then call('ZREM', key, unpack(ids)) end
  local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if first[2] then call('ZADD', DELAYS, first[2], model) else call('ZREM', DELAYS, model) end
  return #ids
end
local function promote(at)
  local room = PROMOTE_MAX
  for _, model in ipairs(call('ZRANGEBYSCORE', DELAYS, '-inf', at)) do
    if room == 0 then return false end
    room = room - promote_model(model, at, room)
  end
  return room > 0 or #call('ZRANGEBYSCORE', DELAYS, '-inf', at, 'LIMIT', 0, 1) == 0
end
`,
  rank: String.raw`
local function rank_of(id, model, order)
  local key = READY .. model
  local rank = call('ZRANK', key, id)
  if rank then return rank end
  local own = string.format('%.0f', order)
  rank = call('ZCOUNT', key, '-inf', '(' .. own)
  for _, other in ipairs(call('ZRANGEBYSCORE', key, own, own)) do
    if other < id then rank = rank + 1 end
  end
  return rank
end
`,
  row: String.raw`
local OWNER_FORMAT, MIDDLE_FORMAT, TAIL_FORMAT = '<Bi4s', '<i4i4ddddddd', 'sssssssss'
local ROW_FORMAT = '<Bi4si4i4di4i4dddddddsssssssss'
local NONE = '\255'
local pack_row, open_row = struct.pack, struct.unpack
local function row_of(packed)
  local place, cost, user, priority, attempts_max, _, _, attempt, since, not_before, _, started, ended, expires, _,
    status, model, _, token = open_row(ROW_FORMAT, packed)
  return {
    place = place, priority = priority, cost = cost, attempts_max = attempts_max, attempt = attempt, since = since,
    not_before = not_before, started = started, ended = ended, expires = expires, status = status, user = user,
    model = model, token = token,
  }
end
`,
  rows: String.raw`
local MGET_STEP = 4000
local function read_many(prefix, ids)
  local found = {}
  for from = 1, #ids, MGET_STEP do
    local names = {}
    for i = from, math.min(from + MGET_STEP - 1, #ids) do names[#names + 1] = prefix .. ids[i] end
    local values = call('MGET', unpack(names))
    if #ids <= MGET_STEP then return values end
    for i, value in ipairs(values) do found[from + i - 1] = value end
  end
  return found
end
`,
  timeline: String.raw`
local function append(timeline, entry)
  local longer = timeline .. entry
  if #longer <= TIMELINE_MAX then return longer end
  local tail = string.sub(longer, -TIMELINE_MAX)
  return string.sub(tail, string.find(tail, ',', 1, true) + 1)
end
local function moment(event, at)
  return event .. '@' .. string.format('%.0f', at) .. ','
end
`,
  wake: String.raw`
local function wake()
  local names = {}
  for id, m in pairs(models) do
    if m.freed or (m.waiting > 0 and free_slots(m) > 0) then names[#names + 1] = id end
  end
  if #names > 0 then call('PUBLISH', BASE .. 'wake', cjson.encode(names)) end
end
`,
  write: String.raw`
local STEP = 4000
local stores, puts, adds, drops, pushes = {}, {}, {}, {}, {}
local function list_in(lists, key)
  local list = lists[key]
  if not list then
    list = {}
    lists[key] = list
  end
  return list
end
local function store(key, value)
  local n = #stores
  stores[n + 1], stores[n + 2] = key, value
end
local function pair(lists, key, first, second)
  local list = list_in(lists, key)
  local n = #list
  list[n + 1], list[n + 2] = first, second
end
local function single(lists, key, value)
  local list = list_in(lists, key)
  list[#list + 1] = value
end
local function write_each(command, lists)
  for key, list in pairs(lists) do
    if #list <= STEP then
      call(command, key, unpack(list))
    else
      for from = 1, #list, STEP do call(command, key, unpack(list, from, math.min(from + STEP - 1, #list))) end
    end
  end
end
local function flush()
  for from = 1, #stores, STEP do call('MSET', unpack(stores, from, math.min(from + STEP - 1, #stores))) end
  write_each('HSET', puts)
  write_each('ZADD', adds)
  write_each('RPUSH', pushes)
  write_each('ZREM', drops)
end
`,
} as const

export const COMMANDS = {
  'accounts': {
    includes: ["header","keys","row","write","accounts"],
    body: String.raw`
local answers = {}
load_accounts(C[1])
for _, user in ipairs(C[1]) do
  local account = accounts[user]
  answers[#answers + 1] = account and 1 or 0
  for i = 1, account and 4 or 0 do answers[#answers + 1] = account[i] end
end
return { pack(answers) }
`,
  },
  'admit': {
    includes: ["header","keys","row","id","move","order","write","models","promote","rank","accounts","timeline","facts","wake"],
    body: String.raw`
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
local function open_lane(m, priority)
  local score = string.format('%.0f', order_of(priority, at))
  local lane = { priority = priority, score = score, before = call('ZCOUNT', m.ready, '-inf', score), added = 0 }
  for _, other in ipairs(m.lanes) do
    if other.priority > priority then lane.before = lane.before + other.added end
  end
  m.lanes[#m.lanes + 1] = lane
  return lane
end
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
local function recognise(id, print)
  local packed = call('GET', ROW .. id)
  if open(call('GET', REQUEST .. id))[5] ~= print then return answer(0, 'idempotency_conflict', false, id) end
  rows[#rows + 1] = packed
  answer(2, id, position_of(id, row_of(packed)), false)
end
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
`,
  },
  'apply': {
    includes: ["header","keys","row","id","move","order","write","models","promote","accounts","timeline","facts","wake","rows","delays"],
    body: String.raw`
local at, waiting_max, with_rows, lists, items = clock(C[1]), C[2], C[3] == 1, C[4], C[5]
if not promote(at) then return AGAIN end
local count = #items / 8
local ids, users = {}, {}
for i = 1, count do ids[i] = items[i * 8 - 7] end
local rows, requests = read_many(ROW, ids), with_rows and read_many(REQUEST, ids)
for i = 1, count do
  local _, cost, user = 0, 0, nil
  if rows[i] then _, cost, user = open_row(OWNER_FORMAT, rows[i]) end
  if cost > 0 and accounts[user] == nil then
    accounts[user] = false
    users[#users + 1] = user
  end
end
load_accounts(users)
local function broken_guard(guard, token, held, deadline, expires)
  if guard == 'none' then return nil end
  if guard == 'overdue' then return (deadline < 0 or deadline > at) and 'not_due' or nil end
  if token and token ~= held then return 'lease_mismatch' end
  if guard == 'held' then return nil end
  return (expires < 0 or expires > at) and 'not_due' or nil
end
local function match(moves, status, token, held, deadline, expires, left)
  local code = 'status_mismatch'
  for _, move in ipairs(moves) do
    if move[FROM] == status then
      local reason = broken_guard(move[GUARD], token, held, deadline, expires)
      if reason then
        code = reason
      elseif move[ATTEMPTS] == 'any' or (move[ATTEMPTS] == 'left') == left then
        return move
      end
    end
  end
  return nil, code
end
local function repeated(moves, status, token, released_by)
  for _, move in ipairs(moves) do
    if move[TO] == status and released_by == (token or '') then return move end
  end
end
local function refusal_of(move, m, account, cost, used)
  if move[FROM_PLACE] == OUT and move[TO_PLACE] == IN_QUEUE and m.waiting + m.delayed >= waiting_max then
    return 'queue_full'
  end
  if used > cost then return 'tickets_over' end
  if move[RESERVE] == 1 and cost > available(account) then return 'tickets_short', available(account) end
end
local answers, reply, entries, delaying = { at }, { '' }, {}, {}
local settled_suffix, moved = string.format(':%.0f', at), false
local function answer(kind, a, b, c)
  local n = #answers
  answers[n + 1], answers[n + 2], answers[n + 3], answers[n + 4] = kind, a, b, c
end
local function answer_row(kind, i, event, packed)
  answer(kind, event, false, false)
  if not with_rows then return end
  local n = #reply
  reply[n + 1], reply[n + 2] = requests[i], packed
end
local function way_of(m, move)
  local way = m.moved[move]
  if way then return way end
  local event = move[EVENT]
  if not entries[event] then entries[event] = moment(event, at) end
  local from, to = move[FROM_PLACE], move[TO_PLACE]
  way = {
    entry = entries[event],
    event = cell_of(m, event, 0),
    leaves = list_in(drops, from == IN_SLOT and m.held or index_of(m, move[FROM])),
    joins = list_in(adds, index_of(m, move[TO])),
    settled = to == OUT and list_in(pushes, SETTLED .. move[TO]),
  }
  m.moved[move] = way
  return way
end
local function move_tickets(m, move, user, id, cost, used)
  local effect = move[RESERVE]
  if effect == 0 then return end
  if effect == -1 then
    if used > 0 then tally(m, 'captured', 0, used) end
    if used < cost then tally(m, 'refunded', 0, cost - used) end
    if cost > 0 and accounts[user] then settle(user, cost, used, at, tonumber(id)) end
  elseif cost > 0 and accounts[user] then
    reserve(user, cost, at, tonumber(id))
  end
end
local function leave_queue(m, id, not_before, deadline)
  single(drops, m.ready, id)
  if not_before >= 0 then single(drops, m.later, id) end
  if deadline >= 0 then single(drops, DEADLINES, id) end
  if not_before > at then m.delayed = m.delayed - 1 else m.waiting = m.waiting - 1 end
end
local function join_queue(m, id, priority, since, not_before, deadline)
  if deadline >= 0 then pair(adds, DEADLINES, deadline, id) end
  if not_before > at then
    pair(adds, m.later, not_before, id)
    delaying[m.id] = true
    m.delayed = m.delayed + 1
  else
    pair(adds, m.ready, order_of(priority, since), id)
    m.waiting = m.waiting + 1
  end
end
local function attempt_after(move, attempt)
  if move[COUNTING] == 'reset' then return 0 end
  return move[COUNTING] == 'uncount' and attempt - 1 or attempt
end
local function decide(i, id, list, token, used, delay, new_url, new_output, new_fault)
  local packed = rows[i]
  if not packed then return answer(0, 'generation_unknown', false, false) end
  local _, cost, user, priority, attempts_max, wait_max, _, attempt, since, not_before, deadline, started, _, expires,
    progress, status, model, type, held, released_by, url, output, fault, timeline = open_row(ROW_FORMAT, packed)
  local moves = lists[list]
  local move, code = match(moves, status, token, held, deadline, expires, attempt < attempts_max)
  if not move then
    local again = repeated(moves, status, token, released_by)
    if again then return answer_row(2, i, again[EVENT], packed) end
    return answer(0, code, status, false)
  end
  local m = models[model] or model_of(model)
  if move[RESERVE] ~= -1 then used = 0 elseif used < 0 then used = move[CAPTURE] == 1 and cost or 0 end
  local refused, tickets = refusal_of(move, m, accounts[user], cost, used)
  if refused then return answer(0, refused, status, tickets or false) end
  moved = true
  local way, from, to = way_of(m, move), move[FROM_PLACE], move[TO_PLACE]
  way.event[1] = way.event[1] + 1
  way.leaves[#way.leaves + 1] = id
  local n = #way.joins
  way.joins[n + 1], way.joins[n + 2] = id, id
  if move[MEASURES] == 1 and started >= 0 then tally_run(m, at > started and at - started or 0) end
  move_tickets(m, move, user, id, cost, used)
  if from == IN_SLOT then
    m.active, m.freed = m.active - 1, true
  elseif from == IN_QUEUE then
    leave_queue(m, id, not_before, deadline)
  end
  if from == OUT then
    since, started, deadline = at, -1, wait_max >= 0 and at + wait_max or -1
    url, output, fault, released_by = NONE, NONE, NONE, NONE
  else
    url, output, fault, released_by = new_url or url, new_output or output, new_fault or fault, token or ''
  end
  if to == OUT then
    way.settled[#way.settled + 1] = id .. settled_suffix
    packed = pack_row(
      ROW_FORMAT, to, cost, user, priority, attempts_max, wait_max, used, attempt_after(move, attempt), since, -1, -1,
      started, at, -1, progress, move[TO], model, type, NONE, released_by, url, output, fault,
      append(timeline, way.entry))
  else
    not_before = delay > 0 and at + delay or -1
    join_queue(m, id, priority, since, not_before, deadline)
    packed = pack_row(
      ROW_FORMAT, to, cost, user, priority, attempts_max, wait_max, -1, attempt_after(move, attempt), since,
      not_before, deadline, started, -1, -1, -1, move[TO], model, type, NONE, released_by, url, output, fault,
      append(timeline, way.entry))
  end
  n = #stores
  stores[n + 1], stores[n + 2] = ROW .. id, packed
  answer_row(1, i, move[EVENT], packed)
end
for i = 1, count do decide(i, unpack(items, i * 8 - 7, i * 8)) end
if moved then
  save_accounts()
  flush()
  write_ledgers(at)
  for model in pairs(delaying) do note_delay(model) end
  write_tallies(at)
  wake()
end
reply[1] = pack(answers)
return reply
`,
  },
  'audit': {
    includes: ["header","keys","row","write","accounts","rows"],
    body: String.raw`
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
  local packed, n = call('HGET', ACCOUNTS, user), #users
  local account = packed and read_account(packed) or { 0, 0, 0, 0, 0 }
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
  },
  'claim': {
    includes: ["header","keys","row","move","order","write","models","promote","timeline","facts","grant","rows"],
    body: String.raw`
local at, wanted, tokens, move, lease_ms = clock(C[1]), C[2], C[3], C[4], C[5]
if not promote(at) then return AGAIN end
wanted = wanted or call('ZRANGE', MODELS, 0, -1)
local taken, reply, room = {}, { '' }, #tokens
local function answer(id, request, packed)
  taken[#taken + 1] = id
  local n = #reply
  reply[n + 1], reply[n + 2] = request, packed
end
local function recall()
  local unspent = {}
  for _, token in ipairs(tokens) do unspent[token] = true end
  for _, model in ipairs(wanted) do
    local ids = call('ZRANGE', HELD .. model, 0, -1)
    for i, packed in ipairs(read_many(ROW, ids)) do
      local token = packed and row_of(packed).token
      if token and unspent[token] then
        unspent[token] = nil
        answer(ids[i], call('GET', REQUEST .. ids[i]), packed)
      end
    end
  end
  local left = {}
  for _, token in ipairs(tokens) do
    if unspent[token] then left[#left + 1] = token end
  end
  tokens, room = left, #left
end
if C[6] == 1 then recall() end
local found, heads = {}, {}
for _, model in ipairs(wanted) do
  local m = room > 0 and model_of(model)
  local most = m and not m.looked and m.waiting > 0 and math.min(free_slots(m), room) or 0
  if most > 0 then
    m.looked = true
    heads[#heads + 1] = { m, call('ZRANGE', m.ready, 0, most - 1, 'WITHSCORES') }
  end
end
local function merge()
  for _, head in ipairs(heads) do
    local m, list = head[1], head[2]
    for i = 1, #list, 2 do found[#found + 1] = { tonumber(list[i + 1]), list[i], m } end
  end
  table.sort(found, function(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    return a[2] < b[2]
  end)
  local ids = {}
  for i = 1, math.min(room, #found) do
    local m = found[i][3]
    ids[i] = found[i][2]
    m.took = (m.took or 0) + 1
  end
  return ids
end
local function only_model()
  local m, list, ids = heads[1][1], heads[1][2], {}
  for i = 1, #list, 2 do ids[#ids + 1] = list[i] end
  m.took = #ids
  return ids
end
local ids = #heads == 1 and only_model() or merge()
local rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
local entry = moment(move[EVENT], at)
for i, id in ipairs(ids) do
  if rows[i] and string.byte(rows[i]) == IN_QUEUE then
    answer(id, requests[i], grant(id, rows[i], tokens[i], move, lease_ms, at, entry))
  end
end
flush()
for _, head in ipairs(heads) do
  if head[1].took then call('ZREMRANGEBYRANK', head[1].ready, 0, head[1].took - 1) end
end
write_tallies(at)
reply[1] = pack(taken)
return reply
`,
  },
  'due': {
    includes: ["header","keys","row","rows"],
    body: String.raw`
local at, leases, most = clock(C[1]), C[2] == 1, C[3]
local found = {}
local function gather(key)
  local list = call('ZRANGEBYSCORE', key, '-inf', at, 'WITHSCORES', 'LIMIT', 0, most)
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
  },
  'get': {
    includes: ["header","keys","rows"],
    body: String.raw`
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
  },
  'inspect': {
    includes: ["header"],
    body: String.raw`
local function info(section)
  local text = redis.pcall('INFO', section)
  return type(text) == 'string' and text or ''
end
return { pack({ KEYS[1], info('server'), info('replication'), info('memory') }) }
`,
  },
  'ledger': {
    includes: ["header","keys","row","write","accounts"],
    body: String.raw`
local user, only, below, most, look = C[1], C[2], C[3], C[4], C[5]
local key = LEDGER .. user
local length = call('LLEN', key)
local function count_below()
  if not below then return length end
  local low, high = 0, length
  while low < high do
    local middle = math.floor((low + high) / 2)
    local id = struct.unpack(ENTRY_FORMAT, call('LINDEX', key, middle))
    if id < below then low = middle + 1 else high = middle end
  end
  return low
end
local stop = count_below()
local start = math.max(0, stop - look)
local list = stop > 0 and call('LRANGE', key, start, stop - 1) or {}
local reply, last = { '' }, false
for i = #list, 1, -1 do
  local id, _, _, _, _, _, generation = struct.unpack(ENTRY_FORMAT, list[i])
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
  },
  'limit': {
    includes: ["header","keys","write","models","wake"],
    body: String.raw`
local at, items = clock(C[1]), C[2]
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
  local m, n = model_of(model), #answers
  if only_new == 0 or not m.max then set(m, type, max, paused, default_type, default_max) end
  answers[n + 1], answers[n + 2], answers[n + 3] = m.type, m.max, m.paused and 1 or 0
  answers[n + 4], answers[n + 5] = m.updated, m.active
end
flush()
wake()
return { pack(answers) }
`,
  },
  'limits': {
    includes: ["header","keys"],
    body: String.raw`
local all, reply = call('HGETALL', LIMITS), {}
for i = 1, #all, 2 do
  local limit, n = open(all[i + 1]), #reply
  reply[n + 1] = all[i]
  for j = 1, 4 do reply[n + 1 + j] = limit[j] end
  reply[n + 6] = call('ZCARD', HELD .. all[i])
end
return { pack(reply) }
`,
  },
  'list': {
    includes: ["header","keys","rows"],
    body: String.raw`
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
  },
  'mend-model': {
    includes: ["header","keys","row","order","write","rows","delays"],
    body: String.raw`
local at, model, statuses, number, skip, most = clock(C[1]), C[2], C[3], C[4], C[5], C[6]
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
    single(drops, key, id)
  else
    local index = row.place ~= IN_SLOT and INDEX .. row.status .. ':' .. model
    local place, score = place_of(row)
    if index then pair(adds, index, id, id) end
    if place then pair(adds, place, score, id) end
    if key == index or key == place then kept = kept + 1 else single(drops, key, id) end
  end
end
flush()
note_delay(model)
return { pack({ kept, #ids == most and 1 or 0, number < #sets and 1 or 0 }) }
`,
  },
  'mend-user': {
    includes: ["header","keys","row","write","accounts","rows"],
    body: String.raw`
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
local found = call('HGET', ACCOUNTS, user)
if found then
  local a = read_account(found)
  local granted = a[BALANCE] + a[CAPTURED]
  pair(puts, ACCOUNTS, user, struct.pack(ACCOUNT_FORMAT, a[BALANCE], cost, granted, a[CAPTURED], live))
end
flush()
return { pack({ 1 }) }
`,
  },
  'now': {
    includes: ["header"],
    body: String.raw`
return { pack({ clock(false) }) }
`,
  },
  'positions': {
    includes: ["header","keys","row","order","promote","rank","rows"],
    body: String.raw`
local at, ids = clock(C[1]), C[2]
if not promote(at) then return AGAIN end
local function position_of(id, row)
  return row.place == IN_QUEUE and rank_of(id, row.model, order_of(row.priority, row.since)) + 1
end
local positions = {}
for i, packed in ipairs(read_many(ROW, ids)) do positions[i] = packed and position_of(ids[i], row_of(packed)) end
return { pack(positions) }
`,
  },
  'post': {
    includes: ["header","keys","row","write","accounts"],
    body: String.raw`
local at, items = clock(C[1]), C[2]
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
local function earlier_amount(user, key)
  if posted[user][key] then return posted[user][key] end
  local amount = call('HGET', POSTED .. user, key)
  return amount and tonumber(amount)
end
local function refusal_of(account, amount, earlier)
  if earlier then return earlier ~= amount and 'idempotency_conflict' or nil end
  if amount < 0 and -amount > available(account) then return 'tickets_short' end
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
  book(user, account, at, amount < 0 and REVOKED_LINE or GRANTED_LINE, math.abs(amount), -1, key, memo or NONE)
end
for i = 1, #items do
  local user, amount, key, n = items[i][1], items[i][2], items[i][3], #answers
  local earlier = earlier_amount(user, key)
  local code = refusal_of(accounts[user], amount, earlier)
  if code then
    answers[n + 1], answers[n + 2], answers[n + 4], answers[n + 5] = 0, code, 0, 0
    answers[n + 3] = code ~= 'idempotency_conflict' and available(accounts[user])
  else
    if not earlier then post(user, amount, key, items[i][4]) end
    local account = accounts[user] or { 0, 0, 0, 0 }
    answers[n + 1] = earlier and 2 or 1
    for j = 1, 4 do answers[n + 1 + j] = account[j] end
  end
end
save_accounts()
flush()
write_ledgers(at)
return { pack(answers) }
`,
  },
  'purge-generations': {
    includes: ["header","keys","row","write","rows"],
    body: String.raw`
local statuses, before, most = C[1], C[2], C[3]
local TRIM_MAX = 1000
local found = {}
for number, status in ipairs(statuses) do
  for i, entry in ipairs(call('LRANGE', SETTLED .. status, 0, most - 1)) do
    local time = tonumber(string.sub(entry, 16))
    if time > before then break end
    found[#found + 1] = { time, number, i, string.sub(entry, 1, 14) }
  end
end
table.sort(found, function(a, b)
  for i = 1, 3 do
    if a[i] ~= b[i] then return a[i] < b[i] end
  end
  return false
end)
local ids, passed = {}, {}
for i = 1, math.min(most, #found) do
  ids[i] = found[i][4]
  passed[found[i][2]] = found[i][3]
end
local rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
local gone, users, removed = {}, {}, 0
for i, id in ipairs(ids) do
  local row, status = rows[i] and row_of(rows[i]), statuses[found[i][2]]
  if row and row.status == status and row.ended == found[i][1] then
    rows[i] = false
    removed = removed + 1
    gone[#gone + 1] = ROW .. id
    gone[#gone + 1] = REQUEST .. id
    single(drops, INDEX .. status .. ':' .. row.model, id)
    users[row.user] = true
    if requests[i] then call('HDEL', ONCE, row.user .. '\0' .. open(requests[i])[4]) end
  end
end
if #gone > 0 then call('DEL', unpack(gone)) end
for number, count in pairs(passed) do call('LTRIM', SETTLED .. statuses[number], count, -1) end
flush()
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
  },
  'purge-ledger': {
    includes: ["header","keys","row","write","accounts"],
    body: String.raw`
local before, most = C[1], C[2]
local removed = 0
local function purge(user)
  local key, gone = LEDGER .. user, 0
  for _, packed in ipairs(call('LRANGE', key, 0, most - removed - 1)) do
    local _, at, _, _, _, _, _, posted = struct.unpack(ENTRY_FORMAT, packed)
    if at > before then break end
    gone = gone + 1
    if posted ~= NONE then call('HDEL', POSTED .. user, posted) end
  end
  removed = removed + gone
  call('LTRIM', key, gone, -1)
  local first = call('LINDEX', key, 0)
  if not first then return call('ZREM', LEDGERS, user) end
  local _, at = struct.unpack(ENTRY_FORMAT, first)
  call('ZADD', LEDGERS, at, user)
end
for _, user in ipairs(call('ZRANGEBYSCORE', LEDGERS, '-inf', before, 'LIMIT', 0, most)) do
  if removed < most then purge(user) end
end
return { pack({ removed, removed == most and 1 or 0 }) }
`,
  },
  'purge-rollups': {
    includes: ["header","keys"],
    body: String.raw`
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
return { pack({ removed, gone < #names and 1 or 0 }) }
`,
  },
  'renew': {
    includes: ["header","keys","row","write","rows"],
    body: String.raw`
local at, lease_ms, items = clock(C[1]), C[2], C[3]
local ids, rows, answers = {}, {}, {}
for i = 1, #items do ids[i] = items[i][1] end
for i, packed in ipairs(read_many(ROW, ids)) do rows[ids[i]] = packed end
local function renew(id, packed, expires, reported)
  local place, cost, user, priority, attempts_max, wait_max, used, attempt, since, not_before, deadline, started, ended, _,
    progress, status, model, type, token, released_by, url, output, fault, timeline =
    open_row(ROW_FORMAT, packed)
  if reported >= 0 then progress = reported end
  rows[id] = pack_row(
    ROW_FORMAT, place, cost, user, priority, attempts_max, wait_max, used, attempt, since, not_before, deadline, started,
    ended, expires, progress, status, model, type, token, released_by, url, output, fault, timeline)
  store(ROW .. id, rows[id])
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
flush()
return { pack(answers) }
`,
  },
  'rollups': {
    includes: ["header","keys"],
    body: String.raw`
local wanted, from, skip, most = C[1], C[2], C[3], C[4]
local only = wanted and {}
for _, model in ipairs(wanted or {}) do only[model] = true end
local names = call('ZRANGEBYSCORE', HOURS, from, '+inf', 'LIMIT', skip, most)
local reply = { #names == most and 1 or 0 }
for _, name in ipairs(names) do
  local colon = string.find(name, ':', 1, true)
  local model, n = string.sub(name, colon + 1), #reply
  if not only or only[model] then
    reply[n + 1], reply[n + 2] = string.sub(name, 1, colon - 1), model
    reply[n + 3] = call('HGETALL', ROLLUP .. name)
  end
end
return { pack(reply) }
`,
  },
  'start': {
    includes: ["header","keys","row","move","order","write","models","promote","timeline","facts","grant","rows"],
    body: String.raw`
local at, move, lease_ms, items = clock(C[1]), C[2], C[3], C[4]
if not promote(at) then return AGAIN end
local ids = {}
for i = 1, #items do ids[i] = items[i][1] end
local found, requests = read_many(ROW, ids), read_many(REQUEST, ids)
local packed_rows, taken, answers, reply = {}, {}, {}, { '' }
for i, id in ipairs(ids) do packed_rows[id] = found[i] end
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
`,
  },
  'stats': {
    includes: ["header","keys","row","order","models","promote","rows"],
    body: String.raw`
local at, wanted, statuses = clock(C[1]), C[2], C[3]
if not promote(at) then return AGAIN end
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
  for i, status in ipairs(statuses) do counts[i] = call('ZCARD', index_of(m, status)) end
  return counts
end
local function runs_of(m)
  local runs = call('LRANGE', RUNS .. m.id, 0, RUNS_MAX - 1)
  for i, ms in ipairs(runs) do runs[i] = tonumber(ms) end
  return runs
end
local answers = {}
for _, model in ipairs(wanted or call('ZRANGE', MODELS, 0, -1)) do
  local m = model_of(model)
  if m.max then
    answers[#answers + 1] = {
      model, m.type, m.max, m.paused and 1 or 0, m.updated, m.active, m.waiting, m.delayed, head_since(m),
      starts_of(m), runs_of(m), counts_of(m),
    }
  end
end
return { pack(answers) }
`,
  },
} as const
