-- Carries out guarded moves: the first of an item's moves whose status, lease or time, and attempts fit.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, maxQueued, 1 to answer rows, lists of moves, items }, an item being
--         { id, number of its list, token, tickets used, delayMs, resultUrl, output, errorMessage }
-- Reply   false when it must be sent again, else { at, then 4 values an item }:
--         refused 0, code, status, available; moved 1 or repeated 2, event, request, row (both false without rows)
-- include: header keys id state move order write models promote accounts timeline facts members wake rows
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

-- The first move that fits; else nil and why the nearest did not.
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

-- Keeps the model's sizes in step: what the next item and the listeners look at.
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
