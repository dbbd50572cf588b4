-- Carries out guarded moves: the first of an item's moves whose status, lease or time, and attempts fit.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, maxQueued, 1 to answer rows, lists of moves, { 8 values an item: id, number of its list, token,
--         tickets used or -1, delayMs, resultUrl, output, errorMessage } }; no id twice
-- Reply   nothing when it must be sent again, else { { at, then 4 values an item }, request and row of each item that
--         was not refused, when rows are asked for }:
--         refused 0, code, status, available; moved 1 or repeated 2, event, false, false
-- include: header keys clock row move order promote accounts book tally tally-time writes trim read-many
local waiting_max, with_rows, lists, items = C[2], C[3] == 1, C[4], C[5]
local WIDTH = 8
local count = #items / WIDTH

local ids, users = {}, {}
for i = 1, count do ids[i] = items[(i - 1) * WIDTH + 1] end
local rows, requests = read_many(ROW, ids), with_rows and read_many(REQUEST, ids)
for i = 1, count do
  if rows[i] then
    local cost, user = open_struct('<i4s', rows[i], select(14, open_struct(HOT, rows[i])))
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
    run_bins = false, runs = {}, delays = false,
  }
  models[id] = m
  return m
end

-- Why a guard does not hold; nil when it does.
local function broken_guard(guard, token, held, deadline, expires)
  if guard == 'none' then return nil end
  if guard == 'overdue' then return (deadline < 0 or deadline > at) and 'not_due' or nil end
  if token and token ~= held then return 'lease_mismatch' end
  if guard == 'held' then return nil end
  return (expires < 0 or expires > at) and 'not_due' or nil
end

-- The first move that fits; else nil and why the nearest did not.
local function match(moves, status, token, held, deadline, expires, left)
  local code = 'status_mismatch'
  for i = 1, #moves do
    local move = moves[i]
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
  local id, list, token, used, delay, new_url, new_output, new_fault = unpack(items, (i - 1) * WIDTH + 1, i * WIDTH)
  local packed, kind, a, b, c = rows[i], 0, 'generation_unknown', false, false
  if packed then
    local _, _, attempt, since, not_before, deadline, started, _, expires, progress, status, held, released_by, rest =
      open_struct(HOT, packed)
    local cost, user, priority, attempts_max, wait_max, model, _, results = open_struct(FIXED, packed, rest)
    local moves, m = lists[list], models[model] or model_of(model)
    local move, code = match(moves, status, token, held, deadline, expires, attempt < attempts_max)
    if not move then
      a, b = code, status
      for _, other in ipairs(moves) do
        if other[TO] == status and released_by == (token or '') then
          kind, a, b = 2, other[EVENT], false
          break
        end
      end
    else
      -- include: apply-move
    end
  end
  local n = #answers
  answers[n + 1], answers[n + 2], answers[n + 3], answers[n + 4] = kind, a, b, c
  if with_rows and kind > 0 then
    n = #reply
    reply[n + 1], reply[n + 2] = requests[i], packed
  end
end

if moved then
  -- include: save-accounts flush write-ledgers
  for model, m in pairs(models) do
    if m.delays then
      local first = call('ZRANGE', m.later, 0, 0, 'WITHSCORES')
      call('ZADD', DELAYS, first[2], model)
    end
    local runs = #m.runs
    if runs > 0 and call('LPUSH', RUNS .. model, unpack(m.runs, math.max(1, runs - RUNS_MAX + 1))) > 2 * RUNS_MAX then
      call('LTRIM', RUNS .. model, 0, RUNS_MAX - 1)
    end
  end
  -- include: write-tallies
  if woken[1] then call('PUBLISH', BASE .. 'wake', cjson.encode(woken)) end
end
reply[1] = pack(answers)
return reply
