-- A page of models and a page of users: what the books say beside what the rows say.
-- KEYS[1] base of the namespace
-- ARGV[1] { models after this one or false for none, users likewise, most of each, waiting statuses }
-- Reply   { { last model or false at the end, last user likewise,
--         { 6 values a model: model, maxConcurrent, active, leased, waiting, indexed },
--         { 6 values a user: user, balance, reserved, granted, captured, live } } }
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

-- Those of the slots taken whose rows say so too.
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

-- A page of users ends early once this many rows were read, so that a call stays short.
local looked = 0

-- Looks from the newest on until all that the account counts as live are found: they are the newest but for few.
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
