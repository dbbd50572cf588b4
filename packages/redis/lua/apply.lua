-- Carries out guarded moves: the first of an item's moves whose status, lease or time, and attempts fit.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, maxQueued, 1 to answer rows, lists of moves, { 8 values an item: id, number of its list, token,
--         tickets used or -1, delayMs, resultUrl, output, errorMessage } }; no id twice
-- Reply   nothing when it must be sent again, else { { at, then 4 values an item }, request and row of each item that
--         was not refused, when rows are asked for }:
--         refused 0, code, status, available; moved 1 or repeated 2, event, false, false
-- include: header keys row id move order write models promote accounts timeline facts wake rows delays
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

-- What this command keeps for a move of a model's rows: the sets that it leaves and joins, and its tally.
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
