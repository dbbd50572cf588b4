-- Carries out guarded moves: the first of an item's moves whose status, lease or time, and attempts fit.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, maxQueued, 1 to answer rows, lists of moves, { 8 values an item: id, number of its list, token,
--         tickets used or -1, delayMs, resultUrl, output, errorMessage } }; no id twice
-- Reply   nothing when it must be sent again, else { { at, then of each item: the number of its move, in its list, when
--         moved, that negative when repeated; 0, code, status, available when refused }, request and row of each
--         item that was not refused, when rows are asked for }
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

-- A model as this command sees it: no more than the changes that it makes.
local models = {}

local function model_of(id)
  local m = {
    id = id, ready = READY .. id, later = DELAYED .. id, held = HELD .. id, grown = 0, ways = {}, tallies = false,
    run_bins = false, runs = {}, delays = false, woken = false,
  }
  models[id] = m
  return m
end

-- Why a guard does not hold; nil when it does. `second` is the deadline of what waits, `first` the expiry of a lease.
local function broken_guard(guard, token, holder, first, second)
  if guard == 'none' then return nil end
  if guard == 'overdue' then return (second < 0 or second > at) and 'not_due' or nil end
  if token and token ~= holder then return 'lease_mismatch' end
  if guard == 'held' then return nil end
  return first > at and 'not_due' or nil
end

-- The number of the first move that fits; else nil and why the nearest did not.
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

-- The number of the move that this very settle has carried out before; nil when there is none.
local function earlier_of(moves, status, token, released_by)
  for i, move in ipairs(moves) do
    if move[TO] == status and released_by == (token or '') then return i end
  end
end

-- What this command keeps for a move of a model's rows: its entry and tally, the sets that it leaves and joins.
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
