-- Carries out guarded moves: the first of an item's moves whose status, lease or time, and attempts fit.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, maxQueued, 1 to answer rows, lists of moves, { 8 values an item: id, number of its list, token,
--         tickets used or -1, delayMs, resultUrl, output, errorMessage } }
-- Reply   nothing when it must be sent again, else { { at, then 4 values an item }, request and row of each item that
--         was not refused, when rows are asked for }:
--         refused 0, code, status, available; moved 1 or repeated 2, event, false, false
-- include: header keys row id move order write models promote accounts timeline facts wake rows delays
local at, waiting_max, with_rows, lists, items = clock(C[1]), C[2], C[3] == 1, C[4], C[5]
if not promote(at) then return AGAIN end
local count = #items / 8

local ids, packed_rows, requests, users = {}, {}, {}, {}
for i = 1, count do ids[i] = items[i * 8 - 7] end
for i, packed in ipairs(read_many(ROW, ids)) do
  packed_rows[ids[i]] = packed
  if packed then
    local _, _, cost, _, _, _, _, _, _, _, _, _, _, _, _, user = open_row(ROW_FORMAT, packed)
    if cost > 0 and accounts[user] == nil then
      accounts[user] = false
      users[#users + 1] = user
    end
  end
end
load_accounts(users)
if with_rows then requests = read_many(REQUEST, ids) end

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

local answers, reply, entries, changed, delaying = { at }, { '' }, {}, {}, {}

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

local function entry_of(event)
  local entry = entries[event]
  if not entry then
    entry = moment(event, at)
    entries[event] = entry
  end
  return entry
end

local function measure(m, move, account, id, cost, used, started)
  tally(m, move[EVENT])
  if move[MEASURES] == 1 and started >= 0 then tally_run(m, math.max(0, at - started)) end
  if move[RESERVE] == -1 then
    tally_tickets(m, 'captured', used)
    tally_tickets(m, 'refunded', cost - used)
    if cost > 0 and account then settle(account, cost, used, at, tonumber(id)) end
  elseif move[RESERVE] == 1 and cost > 0 and account then
    reserve(account, cost, at, tonumber(id))
  end
end

-- The sets that it leaves.
local function leave(m, move, id, not_before, deadline)
  local place = move[FROM_PLACE]
  if place == IN_SLOT then
    drop(m.held, id)
    m.active, m.freed = m.active - 1, true
    return
  end
  drop(index_of(m, move[FROM]), id)
  if place ~= IN_QUEUE then return end
  drop(m.ready, id)
  if not_before >= 0 then drop(m.later, id) end
  if deadline >= 0 then drop(DEADLINES, id) end
  if not_before > at then m.delayed = m.delayed - 1 else m.waiting = m.waiting - 1 end
end

-- The sets that it joins.
local function enter(m, move, id, user, priority, since, not_before, deadline)
  local place = move[TO_PLACE]
  add(index_of(m, move[TO]), id, id)
  if place == OUT then
    push(SETTLED .. move[TO], id .. ':' .. string.format('%.0f', at))
    add(OWNED .. user, id, id)
    return
  end
  if move[FROM_PLACE] == OUT then add(OWNED .. user, '-' .. id, id) end
  if deadline >= 0 then add(DEADLINES, deadline, id) end
  if not_before > at then
    add(m.later, not_before, id)
    delaying[m.id] = true
    m.delayed = m.delayed + 1
  else
    add(m.ready, order_of(priority, since), id)
    m.waiting = m.waiting + 1
  end
end

local function attempt_after(move, attempt)
  if move[COUNTING] == 'reset' then return 0 end
  return move[COUNTING] == 'uncount' and attempt - 1 or attempt
end

local function decide(i, id, list, token, used, delay, new_url, new_output, new_fault)
  local packed = packed_rows[id]
  if not packed then return answer(0, 'generation_unknown', false, false) end
  local _, priority, cost, attempts_max, _, attempt, wait_max, since, not_before, deadline, started, _, expires,
    progress, status, user, model, type, held, released_by, url, output, fault, timeline = open_row(ROW_FORMAT, packed)
  local moves = lists[list]
  local move, code = match(moves, status, token, held, deadline, expires, attempt < attempts_max)
  if not move then
    local again = repeated(moves, status, token, released_by)
    if again then return answer_row(2, i, again[EVENT], packed) end
    return answer(0, code, status, false)
  end
  local m, account = model_of(model), accounts[user]
  if move[RESERVE] ~= -1 then used = 0 elseif used < 0 then used = move[CAPTURE] == 1 and cost or 0 end
  local refused, tickets = refusal_of(move, m, account, cost, used)
  if refused then return answer(0, refused, status, tickets or false) end
  -- A row that moved before in this command: what was gathered is written first, so that sets change in order.
  if changed[id] then flush() end
  changed[id] = true

  measure(m, move, account, id, cost, used, started)
  leave(m, move, id, not_before, deadline)
  local anew, settles = move[FROM_PLACE] == OUT, move[TO_PLACE] == OUT
  not_before = not settles and delay > 0 and at + delay or -1
  if anew then
    since, started, deadline = at, -1, wait_max >= 0 and at + wait_max or -1
    url, output, fault, released_by = NONE, NONE, NONE, NONE
  else
    url, output, fault, released_by = new_url or url, new_output or output, new_fault or fault, token or ''
    if settles then deadline = -1 end
  end
  packed = pack_row(
    ROW_FORMAT, move[TO_PLACE], priority, cost, attempts_max, settles and used or -1, attempt_after(move, attempt),
    wait_max, since, not_before, deadline, started, settles and at or -1, -1, settles and progress or -1, move[TO],
    user, model, type, NONE, released_by, url, output, fault, append(timeline, entry_of(move[EVENT])))
  packed_rows[id] = packed
  store(ROW .. id, packed)
  enter(m, move, id, user, priority, since, not_before, deadline)
  answer_row(1, i, move[EVENT], packed)
end

for i = 1, count do decide(i, unpack(items, i * 8 - 7, i * 8)) end

if next(changed) then
  save_accounts()
  flush()
  write_ledgers(at)
  for model in pairs(delaying) do note_delay(model) end
  write_tallies(at)
  wake()
end
answers = pack(answers)
reply[1] = answers
return reply
