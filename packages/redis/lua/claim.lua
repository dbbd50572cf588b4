-- Takes the next generations that may start, best first over the models asked for, each under one token.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, models or false for all, tokens, move, leaseMs, 1 when sent again after a lost reply }
-- Reply   nothing when it must be sent again, else { { ids }, then request and row of each }
-- include: header keys row move order write models promote timeline facts grant rows
local at, wanted, tokens, move, lease_ms = clock(C[1]), C[2], C[3], C[4], C[5]
if not promote(at) then return AGAIN end
wanted = wanted or call('ZRANGE', MODELS, 0, -1)

local taken, reply, room = {}, { '' }, #tokens

local function answer(id, request, packed)
  taken[#taken + 1] = id
  local n = #reply
  reply[n + 1], reply[n + 2] = request, packed
end

-- What an earlier sending of this command took counts: its tokens are spent, and its rows are told again.
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

-- The first of each model's queue, as many as it has free slots.
local found, heads = {}, {}
for _, model in ipairs(wanted) do
  local m = room > 0 and model_of(model)
  local most = m and not m.looked and m.waiting > 0 and math.min(free_slots(m), room) or 0
  if most > 0 then
    m.looked = true -- one that is named twice has its slots once
    heads[#heads + 1] = { m, call('ZRANGE', m.ready, 0, most - 1, 'WITHSCORES') }
  end
end

-- The best of all of them.
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
  -- Only a set that was edited by hand names what does not wait; it leaves the queue with the others.
  if rows[i] and string.byte(rows[i]) == IN_QUEUE then
    answer(id, requests[i], grant(id, rows[i], tokens[i], move, lease_ms, at, entry))
  end
end
flush()
-- What was taken of a model stood first in its queue.
for _, head in ipairs(heads) do
  if head[1].took then call('ZREMRANGEBYRANK', head[1].ready, 0, head[1].took - 1) end
end
write_tallies(at)
reply[1] = pack(taken)
return reply
