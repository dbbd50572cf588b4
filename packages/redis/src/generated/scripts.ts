// Made by scripts/build-lua.mjs from lua/; change those files, not this one.
export const INCLUDES = {
  accounts: String.raw`
local BALANCE, RESERVED, GRANTED, CAPTURED = 1, 2, 3, 4
local accounts, lines, entry = {}, {}, nil
local function load_accounts(users)
  if #users == 0 then return end
  for i, packed in ipairs(call('HMGET', ACCOUNTS, unpack(users))) do
    accounts[users[i]] = packed and open(packed)
  end
end
local function available(account)
  return account and account[BALANCE] - account[RESERVED] or 0
end
local function book(user, at, kind, amount, id, key, memo)
  local account = accounts[user]
  if not entry then entry = tonumber(call('GET', ENTRIES) or 0) end
  entry = entry + 1
  local list = lines[user]
  if not list then
    list = {}
    lines[user] = list
  end
  list[#list + 1] = pack({ entry, at, kind, amount, account[BALANCE], account[RESERVED], id, key, memo })
end
local function reserve(user, cost, at, id)
  local account = accounts[user]
  account[RESERVED] = account[RESERVED] + cost
  book(user, at, 3, cost, id, false, false)
end
local function settle(user, cost, used, at, id)
  local account = accounts[user]
  if used > 0 then
    account[BALANCE] = account[BALANCE] - used
    account[CAPTURED] = account[CAPTURED] + used
    account[RESERVED] = account[RESERVED] - used
    book(user, at, 4, used, id, false, false)
  end
  if used < cost then
    account[RESERVED] = account[RESERVED] - (cost - used)
    book(user, at, 5, cost - used, id, false, false)
  end
end
local function save_accounts()
  for user in pairs(lines) do put(ACCOUNTS, user, pack(accounts[user])) end
  if entry then store(ENTRIES, entry) end
end
local function write_ledgers(at)
  for user, list in pairs(lines) do
    if call('RPUSH', LEDGER .. user, unpack(list)) == #list then call('ZADD', LEDGERS, at, user) end
  end
end
`,
  facts: String.raw`
local tallies, latest_runs = {}, {}
local function bin_of(ms)
  if ms < 4 then return ms end
  local fraction, exponent = math.frexp(ms)
  return math.min((exponent - 3) * 4 + math.floor(fraction * 8), BINS_MAX)
end
local function tally(model, measure, bin, sum)
  local measures = tallies[model]
  if not measures then
    measures = {}
    tallies[model] = measures
  end
  local bins = measures[measure]
  if not bins then
    bins = {}
    measures[measure] = bins
  end
  local cell = bins[bin]
  if cell then
    cell[1] = cell[1] + 1
    cell[2] = cell[2] + sum
  else
    bins[bin] = { 1, sum }
  end
end
local function tally_run(model, ms)
  tally(model, 'run', bin_of(ms), ms)
  local list = latest_runs[model]
  if not list then
    list = {}
    latest_runs[model] = list
  end
  list[#list + 1] = ms
end
local function tally_settled(model, used, refunded)
  if used > 0 then tally(model, 'captured', 0, used) end
  if refunded > 0 then tally(model, 'refunded', 0, refunded) end
end
local function write_tally(key, measure, bin, cell)
  local field = measure .. ':' .. bin
  local count = call('HINCRBY', key, field .. ':n', cell[1])
  if cell[2] ~= 0 then call('HINCRBY', key, field .. ':s', cell[2]) end
  return count == cell[1]
end
local function write_tallies(at)
  local hour = string.format('%.0f', at - at % HOUR_MS)
  for model, measures in pairs(tallies) do
    local name, fresh = hour .. ':' .. model, false
    for measure, bins in pairs(measures) do
      for bin, cell in pairs(bins) do
        if write_tally(ROLLUP .. name, measure, bin, cell) then fresh = true end
      end
    end
    if fresh then call('ZADD', HOURS, hour, name) end
  end
  for model, list in pairs(latest_runs) do
    local from = math.max(1, #list - RUNS_MAX + 1)
    call('LPUSH', RUNS .. model, unpack(list, from))
    call('LTRIM', RUNS .. model, 0, RUNS_MAX - 1)
  end
end
`,
  grant: String.raw`
local function grant(id, row, token, move, lease_ms, at, entry)
  local old = snapshot(row)
  row[STATUS] = move[TO]
  row[PLACE] = move[TO_PLACE]
  row[ATTEMPT] = row[ATTEMPT] + 1
  row[NOT_BEFORE] = false
  row[DEADLINE] = false
  row[STARTED] = at
  row[TOKEN] = token
  row[EXPIRES] = at + lease_ms
  row[RELEASED_BY] = false
  row[PROGRESS] = false
  row[TIMELINE] = append(row[TIMELINE], entry)
  local model = row[MODEL]
  tally(model, move[EVENT], 0, 0)
  if row[ATTEMPT] == 1 then
    local waited = math.max(0, at - row[SINCE])
    tally(model, 'wait', bin_of(waited), waited)
  end
  reindex(id, row, old, at)
  local packed = pack(row)
  store(ROW .. id, packed)
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
  members: String.raw`
local function snapshot(row)
  return { row[STATUS], row[PLACE], row[NOT_BEFORE], row[DEADLINE], row[ENDED] }
end
local delaying = {}
local function enter_waiting(id, row, waited, at)
  local model, starts = row[MODEL], row[NOT_BEFORE]
  if starts and starts > at then
    add(DELAYED .. model, starts, id)
    delaying[model] = true
    if waited then drop(READY .. model, id) end
  else
    add(READY .. model, order_of(row[PRIORITY], row[SINCE]), id)
    if waited then drop(DELAYED .. model, id) end
  end
end
local function reindex(id, row, old, at)
  local model, place = row[MODEL], row[PLACE]
  if old[1] ~= row[STATUS] then
    add(INDEX .. row[STATUS] .. ':' .. model, id, id)
    drop(INDEX .. old[1] .. ':' .. model, id)
  end
  if place == IN_QUEUE then
    enter_waiting(id, row, old[2] == IN_QUEUE, at)
  elseif old[2] == IN_QUEUE then
    drop(READY .. model, id)
    if old[3] then drop(DELAYED .. model, id) end
  end
  if place == IN_SLOT then add(HELD .. model, row[EXPIRES], id) end
  if old[2] == IN_SLOT and place ~= IN_SLOT then drop(HELD .. model, id) end
  if place == OUT and old[5] ~= row[ENDED] then push(SETTLED .. row[STATUS], id .. ':' .. row[ENDED]) end
  if (place == OUT) ~= (old[2] == OUT) then
    add(OWNED .. row[USER], place == OUT and id or '-' .. id, id)
  end
  if old[4] ~= row[DEADLINE] then
    if row[DEADLINE] then add(DEADLINES, row[DEADLINE], id) else drop(DEADLINES, id) end
  end
end
local function note_delays()
  for model in pairs(delaying) do
    local first = call('ZRANGE', DELAYED .. model, 0, 0, 'WITHSCORES')
    if first[2] then call('ZADD', DELAYS, first[2], model) end
  end
end
`,
  models: String.raw`
local models = {}
local function model_of(id)
  local m = models[id]
  if m ~= nil then return m end
  m = false
  local packed = call('HGET', LIMITS, id)
  if packed then
    local limit = open(packed)
    m = {
      type = limit[1],
      max = limit[2],
      paused = limit[3] == 1,
      active = call('ZCARD', HELD .. id),
      waiting = call('ZCARD', READY .. id),
      delayed = call('ZCARD', DELAYED .. id),
    }
  end
  models[id] = m
  return m
end
local function free_slots(m)
  if m.paused then return 0 end
  return math.max(0, m.max - m.active)
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
local AGAIN = pack(false)
local function promote_model(model, at, room)
  local key = DELAYED .. model
  local ids = call('ZRANGEBYSCORE', key, '-inf', at, 'LIMIT', 0, room)
  local names, scored = {}, {}
  for i, id in ipairs(ids) do names[i] = ROW .. id end
  local rows = #ids > 0 and call('MGET', unpack(names)) or {}
  for i, id in ipairs(ids) do
    if rows[i] then
      local row = open(rows[i])
      scored[#scored + 1] = order_of(row[PRIORITY], row[SINCE])
      scored[#scored + 1] = id
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
local function rank_of(id, row)
  local key = READY .. row[MODEL]
  local rank = call('ZRANK', key, id)
  if rank then return rank end
  local own = string.format('%.0f', order_of(row[PRIORITY], row[SINCE]))
  rank = call('ZCOUNT', key, '-inf', '(' .. own)
  for _, other in ipairs(call('ZRANGEBYSCORE', key, own, own)) do
    if other < id then rank = rank + 1 end
  end
  return rank
end
`,
  rows: String.raw`
local MGET_STEP = 2000
local function read_many(prefix, ids)
  local found = {}
  for from = 1, #ids, MGET_STEP do
    local names = {}
    for i = from, math.min(from + MGET_STEP - 1, #ids) do names[#names + 1] = prefix .. ids[i] end
    for i, value in ipairs(call('MGET', unpack(names))) do found[from + i - 1] = value end
  end
  return found
end
`,
  state: String.raw`
local STATUS, PLACE, USER, MODEL, TYPE, PRIORITY, COST, ATTEMPTS_MAX, WAIT_MAX = 1, 2, 3, 4, 5, 6, 7, 8, 9
local USED, ATTEMPT, SINCE, NOT_BEFORE, DEADLINE, STARTED, ENDED, TOKEN, EXPIRES = 10, 11, 12, 13, 14, 15, 16, 17, 18
local RELEASED_BY, PROGRESS, URL, OUTPUT, FAULT, TIMELINE = 19, 20, 21, 22, 23, 24
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
    if m and m.waiting > 0 and free_slots(m) > 0 then names[#names + 1] = id end
  end
  if #names > 0 then call('PUBLISH', BASE .. 'wake', cjson.encode(names)) end
end
`,
  write: String.raw`
local STEP = 2000
local stores, adds, drops, pushes, puts = {}, {}, {}, {}, {}
local function store(key, value)
  local n = #stores
  stores[n + 1] = key
  stores[n + 2] = value
end
local function add(key, score, member)
  local list = adds[key]
  if not list then
    list = {}
    adds[key] = list
  end
  local n = #list
  list[n + 1] = score
  list[n + 2] = member
end
local function put(key, field, value)
  local list = puts[key]
  if not list then
    list = {}
    puts[key] = list
  end
  local n = #list
  list[n + 1] = field
  list[n + 2] = value
end
local function drop(key, member)
  local list = drops[key]
  if not list then
    list = {}
    drops[key] = list
  end
  list[#list + 1] = member
end
local function push(key, value)
  local list = pushes[key]
  if not list then
    list = {}
    pushes[key] = list
  end
  list[#list + 1] = value
end
local function each_step(command, key, list)
  for from = 1, #list, STEP do
    local to = math.min(from + STEP - 1, #list)
    if key then call(command, key, unpack(list, from, to)) else call(command, unpack(list, from, to)) end
  end
end
local function flush()
  each_step('MSET', nil, stores)
  for key, list in pairs(puts) do each_step('HSET', key, list) end
  for key, list in pairs(adds) do each_step('ZADD', key, list) end
  for key, list in pairs(pushes) do each_step('RPUSH', key, list) end
  for key, list in pairs(drops) do each_step('ZREM', key, list) end
end
`,
} as const

export const COMMANDS = {
  'accounts': {
    includes: ["header","keys"],
    body: String.raw`
local reply = {}
if #C[1] > 0 then
  for i, packed in ipairs(call('HMGET', ACCOUNTS, unpack(C[1]))) do reply[i] = packed and open(packed) end
end
return pack(reply)
`,
  },
  'admit': {
    includes: ["header","keys","id","state","move","order","write","models","promote","rank","accounts","timeline","facts","wake"],
    body: String.raw`
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
`,
  },
  'apply': {
    includes: ["header","keys","id","state","move","order","write","models","promote","accounts","timeline","facts","members","wake","rows"],
    body: String.raw`
local at, waiting_max, with_rows, lists, items = clock(C[1]), C[2], C[3] == 1, C[4], C[5]
if not promote(at) then return AGAIN end
local ids, rows, requests = {}, {}, {}
for i = 1, #items do
  local id = items[i][1]
  if rows[id] == nil then
    rows[id] = false
    ids[#ids + 1] = id
  end
end
local users = {}
for i, packed in ipairs(read_many(ROW, ids)) do
  local row = packed and open(packed)
  rows[ids[i]] = row
  if row and row[COST] > 0 and accounts[row[USER]] == nil then
    accounts[row[USER]] = false
    users[#users + 1] = row[USER]
  end
end
load_accounts(users)
if with_rows then
  for i, request in ipairs(read_many(REQUEST, ids)) do requests[ids[i]] = request end
end
local function broken_guard(move, token, row)
  local guard = move[GUARD]
  if guard == 'none' then return nil end
  if guard == 'overdue' then return (not row[DEADLINE] or row[DEADLINE] > at) and 'not_due' or nil end
  if token and token ~= row[TOKEN] then return 'lease_mismatch' end
  if guard == 'held' then return nil end
  return (not row[EXPIRES] or row[EXPIRES] > at) and 'not_due' or nil
end
local function attempts_fit(move, row)
  if move[ATTEMPTS] == 'any' then return true end
  return (move[ATTEMPTS] == 'left') == (row[ATTEMPT] < row[ATTEMPTS_MAX])
end
local function match(moves, token, row)
  local code = 'status_mismatch'
  for _, move in ipairs(moves) do
    if move[FROM] == row[STATUS] then
      local reason = broken_guard(move, token, row)
      if reason then
        code = reason
      elseif attempts_fit(move, row) then
        return move
      end
    end
  end
  return nil, code
end
local function repeated(moves, token, row)
  for _, move in ipairs(moves) do
    if move[TO] == row[STATUS] and row[RELEASED_BY] == (token or '') then return move end
  end
end
local function captured_by(move, item, row)
  if move[RESERVE] ~= -1 then return 0 end
  return item[4] or (move[CAPTURE] == 1 and row[COST] or 0)
end
local function refusal_of(move, row, used)
  if move[FROM_PLACE] == OUT and move[TO_PLACE] == IN_QUEUE then
    local m = model_of(row[MODEL])
    if m and m.waiting + m.delayed >= waiting_max then return 'queue_full' end
  end
  if used > row[COST] then return 'tickets_over' end
  if move[RESERVE] == 1 and row[COST] > available(accounts[row[USER]]) then
    return 'tickets_short', available(accounts[row[USER]])
  end
end
local entries = {}
local function change(move, item, row, used)
  local anew, settles, delay = move[FROM_PLACE] == OUT, move[TO_PLACE] == OUT, item[5]
  row[STATUS] = move[TO]
  row[PLACE] = move[TO_PLACE]
  row[USED] = settles and used
  if move[COUNTING] == 'reset' then row[ATTEMPT] = 0 end
  if move[COUNTING] == 'uncount' then row[ATTEMPT] = row[ATTEMPT] - 1 end
  row[NOT_BEFORE] = not settles and delay > 0 and at + delay
  if anew then
    row[SINCE] = at
    row[DEADLINE] = row[WAIT_MAX] and at + row[WAIT_MAX]
    row[STARTED] = false
  elseif settles then
    row[DEADLINE] = false
  end
  row[ENDED] = settles and at
  row[TOKEN] = false
  row[EXPIRES] = false
  row[RELEASED_BY] = not anew and (item[3] or '')
  if not settles then row[PROGRESS] = false end
  row[URL] = not anew and (item[6] or row[URL])
  row[OUTPUT] = not anew and (item[7] or row[OUTPUT])
  row[FAULT] = not anew and (item[8] or row[FAULT])
  local event = move[EVENT]
  if not entries[event] then entries[event] = moment(event, at) end
  row[TIMELINE] = append(row[TIMELINE], entries[event])
end
local function move_tickets(move, id, row, used)
  local user, cost = row[USER], row[COST]
  if cost == 0 or move[RESERVE] == 0 or not accounts[user] then return end
  if move[RESERVE] == 1 then reserve(user, cost, at, tonumber(id)) else settle(user, cost, used, at, tonumber(id)) end
end
local function measure(move, row, used)
  local model = row[MODEL]
  tally(model, move[EVENT], 0, 0)
  if move[MEASURES] == 1 and row[STARTED] then tally_run(model, math.max(0, at - row[STARTED])) end
  if move[RESERVE] == -1 then tally_settled(model, used, row[COST] - used) end
end
local function resize(move, row, waited_later)
  local m = model_of(row[MODEL])
  if not m then return end
  m.active = m.active + move[SLOT]
  if move[FROM_PLACE] == IN_QUEUE then
    local set = waited_later and 'delayed' or 'waiting'
    m[set] = m[set] - 1
  end
  if move[TO_PLACE] == IN_QUEUE then
    local set = row[NOT_BEFORE] and row[NOT_BEFORE] > at and 'delayed' or 'waiting'
    m[set] = m[set] + 1
  end
end
local before, packed, reply, changed = {}, {}, { at }, {}
local function answer(kind, a, b, c)
  local n = #reply
  reply[n + 1] = kind
  reply[n + 2] = a
  reply[n + 3] = b
  reply[n + 4] = c
end
local function carry_out(move, item, id, row, used)
  if not before[id] then
    before[id] = snapshot(row)
    changed[#changed + 1] = id
  end
  local waited_later = row[NOT_BEFORE] and row[NOT_BEFORE] > at
  measure(move, row, used)
  move_tickets(move, id, row, used)
  change(move, item, row, used)
  resize(move, row, waited_later)
  packed[id] = pack(row)
  answer(1, move[EVENT], with_rows and requests[id], with_rows and packed[id])
end
local function decide(item, id, row)
  if not row then return answer(0, 'generation_unknown', false, false) end
  local moves, token = lists[item[2]], item[3]
  local move, code = match(moves, token, row)
  if not move then
    local again = repeated(moves, token, row)
    if again then return answer(2, again[EVENT], with_rows and requests[id], with_rows and pack(row)) end
    return answer(0, code, row[STATUS], false)
  end
  local used = captured_by(move, item, row)
  local refused, tickets = refusal_of(move, row, used)
  if refused then return answer(0, refused, row[STATUS], tickets or false) end
  carry_out(move, item, id, row, used)
end
for i = 1, #items do decide(items[i], items[i][1], rows[items[i][1]]) end
if #changed > 0 then
  for _, id in ipairs(changed) do
    store(ROW .. id, packed[id])
    reindex(id, rows[id], before[id], at)
  end
  save_accounts()
  flush()
  write_ledgers(at)
  note_delays()
  write_tallies(at)
  wake()
end
return pack(reply)
`,
  },
  'audit': {
    includes: ["header","keys","state","rows"],
    body: String.raw`
local after_model, after_user, most, waiting, leased = C[1], C[2], C[3], C[4], C[5]
local function page_of(key, after)
  if not after then return {} end
  return call('ZRANGEBYLEX', key, after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, most + 1)
end
local function size_of(statuses, model)
  local size = 0
  for _, status in ipairs(statuses) do size = size + call('ZCARD', INDEX .. status .. ':' .. model) end
  return size
end
local models, last_model, names = {}, false, page_of(MODELS, after_model)
for i, model in ipairs(names) do
  if i > most then break end
  if i == most then last_model = #names > most and model end
  local n = #models
  models[n + 1], models[n + 2] = model, open(call('HGET', LIMITS, model))[2]
  models[n + 3], models[n + 4] = call('ZCARD', HELD .. model), size_of(leased, model)
  models[n + 5] = size_of(waiting, model)
  models[n + 6] = call('ZCARD', READY .. model) + call('ZCARD', DELAYED .. model)
end
local looked = 0
local function live_cost(user)
  local ids, cost = call('ZRANGEBYSCORE', OWNED .. user, '-inf', '(0'), 0
  looked = looked + #ids
  for _, packed in ipairs(read_many(ROW, ids)) do
    local row = packed and open(packed)
    if row and row[PLACE] ~= OUT then cost = cost + row[COST] end
  end
  return cost
end
local users, people, last_user = {}, page_of(USERS, after_user), false
for i, user in ipairs(people) do
  local packed, n = call('HGET', ACCOUNTS, user), #users
  local account = packed and open(packed) or { 0, 0, 0, 0 }
  users[n + 1] = user
  for j = 1, 4 do users[n + 1 + j] = account[j] end
  users[n + 6] = live_cost(user)
  if i == most or looked >= AUDIT_ROWS_MAX then
    last_user = #people > i and user
    break
  end
end
return pack({ last_model, last_user, models, users })
`,
  },
  'claim': {
    includes: ["header","keys","id","state","move","order","write","models","promote","timeline","facts","members","grant","rows"],
    body: String.raw`
local at, wanted, tokens, move, lease_ms = clock(C[1]), C[2], C[3], C[4], C[5]
if not promote(at) then return AGAIN end
wanted = wanted or call('ZRANGE', MODELS, 0, -1)
local reply, room = {}, #tokens
local function recall()
  local unspent = {}
  for _, token in ipairs(tokens) do unspent[token] = true end
  for _, model in ipairs(wanted) do
    local ids = call('ZRANGE', HELD .. model, 0, -1)
    for i, packed in ipairs(read_many(ROW, ids)) do
      local row = packed and open(packed)
      if row and unspent[row[TOKEN]] then
        unspent[row[TOKEN]] = nil
        reply[#reply + 1] = ids[i]
        reply[#reply + 1] = call('GET', REQUEST .. ids[i])
        reply[#reply + 1] = packed
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
local found = {}
local looked = 0
for _, model in ipairs(wanted) do
  local m = room > 0 and model_of(model)
  local most = m and not m.looked and m.waiting > 0 and math.min(free_slots(m), room) or 0
  if most > 0 then
    looked = looked + 1
    m.looked = true
    local list = call('ZRANGE', READY .. model, 0, most - 1, 'WITHSCORES')
    for i = 1, #list, 2 do found[#found + 1] = { tonumber(list[i + 1]), list[i], model } end
  end
end
if looked > 1 then
  table.sort(found, function(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    return a[2] < b[2]
  end)
end
local ids = {}
for i = 1, math.min(room, #found) do ids[i] = found[i][2] end
local rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
local entry = moment(move[EVENT], at)
for i, id in ipairs(ids) do
  local row = rows[i] and open(rows[i])
  if row and row[PLACE] == IN_QUEUE then
    local n = #reply
    reply[n + 1] = id
    reply[n + 2] = requests[i]
    reply[n + 3] = grant(id, row, tokens[i], move, lease_ms, at, entry)
  else
    drop(READY .. found[i][3], id)
  end
end
flush()
write_tallies(at)
return pack(reply)
`,
  },
  'due': {
    includes: ["header","keys","state","rows"],
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
local ids, reply = {}, {}
for i = 1, math.min(most, #found) do ids[i] = found[i][2] end
for i, packed in ipairs(read_many(ROW, ids)) do
  local row, n = packed and open(packed), #reply
  if row then
    reply[n + 1], reply[n + 2], reply[n + 3] = ids[i], row[MODEL], row[USER]
    reply[n + 4], reply[n + 5], reply[n + 6] = row[TOKEN], row[ATTEMPT], row[ATTEMPTS_MAX]
  end
end
return pack(reply)
`,
  },
  'get': {
    includes: ["header","keys","rows"],
    body: String.raw`
local ids, reply = C[1], {}
local rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
for i = 1, #ids do
  reply[2 * i - 1] = rows[i] and requests[i]
  reply[2 * i] = rows[i] and requests[i] and rows[i]
end
return pack(reply)
`,
  },
  'inspect': {
    includes: ["header"],
    body: String.raw`
local function info(section)
  local text = redis.pcall('INFO', section)
  return type(text) == 'string' and text or ''
end
return pack({ KEYS[1], info('server'), info('replication'), info('memory') })
`,
  },
  'ledger': {
    includes: ["header","keys"],
    body: String.raw`
local user, only, below, most, look = C[1], C[2], C[3], C[4], C[5]
local key = LEDGER .. user
local length = call('LLEN', key)
local function count_below()
  if not below then return length end
  local low, high = 0, length
  while low < high do
    local middle = math.floor((low + high) / 2)
    if open(call('LINDEX', key, middle))[1] < below then low = middle + 1 else high = middle end
  end
  return low
end
local stop = count_below()
local start = math.max(0, stop - look)
local list = stop > 0 and call('LRANGE', key, start, stop - 1) or {}
local reply, last = { false }, nil
for i = #list, 1, -1 do
  local entry = open(list[i])
  last = entry[1]
  if not only or entry[7] == only then reply[#reply + 1] = list[i] end
  if #reply > most then
    start = start + i - 1
    break
  end
end
reply[1] = start > 0 and last or false
return pack(reply)
`,
  },
  'limit': {
    includes: ["header","keys","write","models","wake"],
    body: String.raw`
local at, items = clock(C[1]), C[2]
local stamps, reply = {}, {}
local function stamp_of(model)
  if not stamps[model] then stamps[model] = open(call('HGET', LIMITS, model))[4] end
  return stamps[model]
end
local function set(model, type, max, paused, default_type, default_max)
  local m = model_of(model)
  if not m then
    m = { type = default_type, max = default_max, paused = false, active = 0, waiting = 0, delayed = 0 }
    models[model] = m
    add(MODELS, 0, model)
  end
  m.type = type or m.type
  m.max = max or m.max
  if paused then m.paused = paused == 1 end
  stamps[model] = at
  put(LIMITS, model, pack({ m.type, m.max, m.paused and 1 or 0, at }))
end
for i = 1, #items do
  local model, type, max, paused, only_new, default_type, default_max = unpack(items[i])
  if only_new == 0 or not model_of(model) then set(model, type, max, paused, default_type, default_max) end
  local m, n = models[model], #reply
  reply[n + 1], reply[n + 2], reply[n + 3] = m.type, m.max, m.paused and 1 or 0
  reply[n + 4], reply[n + 5] = stamp_of(model), m.active
end
flush()
wake()
return pack(reply)
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
return pack(reply)
`,
  },
  'list': {
    includes: ["header","keys","rows"],
    body: String.raw`
local user, wanted, statuses, below, most = C[1], C[2], C[3], C[4], C[5]
local found, floor = {}, '-inf'
local sought = most + 1
local function newest_first(a, b) return a > b end
local function cut()
  table.sort(found, newest_first)
  for i = #found, sought + 1, -1 do found[i] = nil end
  if #found == sought then floor = '(' .. found[sought] end
end
local function gather(ids)
  for _, id in ipairs(ids) do found[#found + 1] = id end
  if #found > 2 * sought then cut() end
end
if user then
  local key = OWNED .. user
  gather(call('ZRANGEBYSCORE', key, below and '(-' .. below or '-inf', '(0', 'LIMIT', 0, sought))
  gather(call('ZREVRANGEBYSCORE', key, below and '(' .. below or '+inf', '(0', 'LIMIT', 0, sought))
else
  for _, model in ipairs(wanted or call('ZRANGE', MODELS, 0, -1)) do
    for _, status in ipairs(statuses) do
      local key = INDEX .. status .. ':' .. model
      gather(call('ZREVRANGEBYSCORE', key, below and '(' .. below or '+inf', floor, 'LIMIT', 0, sought))
    end
  end
end
cut()
local reply = { #found > most and found[most] }
found[sought] = nil
local rows, requests = read_many(ROW, found), read_many(REQUEST, found)
for i, id in ipairs(found) do
  if rows[i] and requests[i] then
    local n = #reply
    reply[n + 1], reply[n + 2], reply[n + 3] = id, requests[i], rows[i]
  end
end
return pack(reply)
`,
  },
  'mend-model': {
    includes: ["header","keys","state","order","write","rows"],
    body: String.raw`
local at, model, statuses, number, skip, most = clock(C[1]), C[2], C[3], C[4], C[5], C[6]
local sets = { READY .. model, DELAYED .. model, HELD .. model }
for _, status in ipairs(statuses) do sets[#sets + 1] = INDEX .. status .. ':' .. model end
local key = sets[number]
local function place_of(row)
  if row[PLACE] == IN_SLOT then return HELD .. model, row[EXPIRES] end
  if row[PLACE] ~= IN_QUEUE then return nil end
  if row[NOT_BEFORE] and row[NOT_BEFORE] > at then return DELAYED .. model, row[NOT_BEFORE] end
  return READY .. model, order_of(row[PRIORITY], row[SINCE])
end
local ids, kept = call('ZRANGE', key, skip, skip + most - 1), 0
for i, packed in ipairs(read_many(ROW, ids)) do
  local row, id = packed and open(packed), ids[i]
  if not row or row[MODEL] ~= model then
    drop(key, id)
  else
    local index = INDEX .. row[STATUS] .. ':' .. model
    local place, score = place_of(row)
    add(index, id, id)
    if place then add(place, score, id) end
    if key == index or key == place then kept = kept + 1 else drop(key, id) end
  end
end
flush()
local first = call('ZRANGE', DELAYED .. model, 0, 0, 'WITHSCORES')
if first[2] then call('ZADD', DELAYS, first[2], model) end
return pack({ kept, #ids == most and 1 or 0, number < #sets and 1 or 0 })
`,
  },
  'mend-user': {
    includes: ["header","keys","state","write","rows"],
    body: String.raw`
local user, cost = C[1], 0
local ids = call('ZRANGEBYSCORE', OWNED .. user, '-inf', '(0')
for i, packed in ipairs(read_many(ROW, ids)) do
  local row = packed and open(packed)
  if not row then
    drop(OWNED .. user, ids[i])
  elseif row[PLACE] == OUT then
    add(OWNED .. user, ids[i], ids[i])
  else
    cost = cost + row[COST]
  end
end
local found = call('HGET', ACCOUNTS, user)
if found then
  local account = open(found)
  put(ACCOUNTS, user, pack({ account[1], cost, account[1] + account[4], account[4] }))
end
flush()
return pack(1)
`,
  },
  'now': {
    includes: ["header"],
    body: String.raw`
return pack(clock(false))
`,
  },
  'positions': {
    includes: ["header","keys","state","order","promote","rank","rows"],
    body: String.raw`
local at, ids = clock(C[1]), C[2]
if not promote(at) then return AGAIN end
local function position_of(id, row)
  return row[PLACE] == IN_QUEUE and rank_of(id, row) + 1
end
local reply = {}
for i, packed in ipairs(read_many(ROW, ids)) do reply[i] = packed and position_of(ids[i], open(packed)) end
return pack(reply)
`,
  },
  'post': {
    includes: ["header","keys","write","accounts"],
    body: String.raw`
local at, items = clock(C[1]), C[2]
local users, posted, reply = {}, {}, {}
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
    account = { 0, 0, 0, 0 }
    accounts[user] = account
    add(USERS, 0, user)
  end
  account[BALANCE] = account[BALANCE] + amount
  account[GRANTED] = account[GRANTED] + amount
  posted[user][key] = amount
  put(POSTED .. user, key, amount)
  book(user, at, amount < 0 and 2 or 1, math.abs(amount), false, key, memo)
end
for i = 1, #items do
  local user, amount, key, n = items[i][1], items[i][2], items[i][3], #reply
  local earlier = earlier_amount(user, key)
  local code = refusal_of(accounts[user], amount, earlier)
  if code then
    reply[n + 1], reply[n + 2] = 0, { code, code ~= 'idempotency_conflict' and available(accounts[user]) }
  else
    if not earlier then post(user, amount, key, items[i][4]) end
    local account = accounts[user] or { 0, 0, 0, 0 }
    reply[n + 1], reply[n + 2] = earlier and 2 or 1, { account[1], account[2], account[3], account[4] }
  end
end
save_accounts()
flush()
write_ledgers(at)
return pack(reply)
`,
  },
  'purge-generations': {
    includes: ["header","keys","state","write","rows"],
    body: String.raw`
local statuses, before, most = C[1], C[2], C[3]
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
local gone, removed = {}, 0
for i, id in ipairs(ids) do
  local row, status = rows[i] and open(rows[i]), statuses[found[i][2]]
  if row and row[STATUS] == status and row[ENDED] == found[i][1] then
    rows[i] = false
    removed = removed + 1
    gone[#gone + 1] = ROW .. id
    gone[#gone + 1] = REQUEST .. id
    drop(INDEX .. status .. ':' .. row[MODEL], id)
    drop(OWNED .. row[USER], id)
    if requests[i] then call('HDEL', ONCE, row[USER] .. '\0' .. open(requests[i])[4]) end
  end
end
if #gone > 0 then call('DEL', unpack(gone)) end
for number, count in pairs(passed) do call('LTRIM', SETTLED .. statuses[number], count, -1) end
flush()
return pack({ removed, #ids == most and 1 or 0 })
`,
  },
  'purge-ledger': {
    includes: ["header","keys"],
    body: String.raw`
local before, most = C[1], C[2]
local removed = 0
local function purge(user)
  local key, gone = LEDGER .. user, 0
  for _, packed in ipairs(call('LRANGE', key, 0, most - removed - 1)) do
    local entry = open(packed)
    if entry[2] > before then break end
    gone = gone + 1
    if entry[8] then call('HDEL', POSTED .. user, entry[8]) end
  end
  removed = removed + gone
  call('LTRIM', key, gone, -1)
  local first = call('LINDEX', key, 0)
  if first then call('ZADD', LEDGERS, open(first)[2], user) else call('ZREM', LEDGERS, user) end
end
for _, user in ipairs(call('ZRANGEBYSCORE', LEDGERS, '-inf', before, 'LIMIT', 0, most)) do
  if removed < most then purge(user) end
end
return pack({ removed, removed == most and 1 or 0 })
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
return pack({ removed, gone < #names and 1 or 0 })
`,
  },
  'renew': {
    includes: ["header","keys","state","write","rows"],
    body: String.raw`
local at, lease_ms, items = clock(C[1]), C[2], C[3]
local ids, rows, changed, reply = {}, {}, {}, {}
for i = 1, #items do ids[i] = items[i][1] end
for i, packed in ipairs(read_many(ROW, ids)) do rows[ids[i]] = rows[ids[i]] or (packed and open(packed)) end
for i = 1, #items do
  local id, token, progress = items[i][1], items[i][2], items[i][3]
  local row, n = rows[id], #reply
  if row and row[TOKEN] == token then
    row[EXPIRES] = at + lease_ms
    row[PROGRESS] = progress or row[PROGRESS]
    changed[id] = row
    reply[n + 1], reply[n + 2], reply[n + 3] = 1, row[EXPIRES], false
  else
    local code = not row and 'generation_unknown' or row[TOKEN] and 'lease_mismatch' or 'status_mismatch'
    reply[n + 1], reply[n + 2], reply[n + 3] = 0, code, row and row[STATUS]
  end
end
for id, row in pairs(changed) do
  store(ROW .. id, pack(row))
  add(HELD .. row[MODEL], row[EXPIRES], id)
end
flush()
return pack(reply)
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
return pack(reply)
`,
  },
  'start': {
    includes: ["header","keys","id","state","move","order","write","models","promote","timeline","facts","members","grant","rows"],
    body: String.raw`
local at, move, lease_ms, items = clock(C[1]), C[2], C[3], C[4]
if not promote(at) then return AGAIN end
local ids = {}
for i = 1, #items do ids[i] = items[i][1] end
local packed_rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
local rows, taken, reply = {}, {}, {}
for i, id in ipairs(ids) do rows[id] = rows[id] or (packed_rows[i] and open(packed_rows[i])) end
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
`,
  },
  'stats': {
    includes: ["header","keys","state","order","models","promote","rows"],
    body: String.raw`
local at, wanted, statuses = clock(C[1]), C[2], C[3]
if not promote(at) then return AGAIN end
local function oldest_since(model)
  local key, oldest, from = READY .. model, false, '-inf'
  while true do
    local first = call('ZRANGEBYSCORE', key, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    if not first[1] then return oldest end
    local score = tonumber(first[2])
    local since = score % ORDER_STEP
    if not oldest or since < oldest then oldest = since end
    from = string.format('%.0f', score - since + ORDER_STEP)
  end
end
local function starts_of(model)
  local starts = {}
  for _, packed in ipairs(read_many(ROW, call('ZRANGE', HELD .. model, 0, -1))) do
    local row = packed and open(packed)
    if row and row[STARTED] then starts[#starts + 1] = row[STARTED] end
  end
  table.sort(starts)
  for i = #starts, STARTS_MAX + 1, -1 do starts[i] = nil end
  return starts
end
local function counts_of(model)
  local counts = {}
  for i, status in ipairs(statuses) do counts[i] = call('ZCARD', INDEX .. status .. ':' .. model) end
  return counts
end
local function runs_of(model)
  local runs = call('LRANGE', RUNS .. model, 0, RUNS_MAX - 1)
  for i, ms in ipairs(runs) do runs[i] = tonumber(ms) end
  return runs
end
local reply = {}
for _, model in ipairs(wanted or call('ZRANGE', MODELS, 0, -1)) do
  local m = model_of(model)
  if m then
    local updated = open(call('HGET', LIMITS, model))[4]
    reply[#reply + 1] = {
      model, m.type, m.max, m.paused and 1 or 0, updated, m.active, m.waiting, m.delayed,
      oldest_since(model), starts_of(model), runs_of(model), counts_of(model),
    }
  end
end
return pack(reply)
`,
  },
} as const
