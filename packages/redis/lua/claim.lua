-- Takes the next generations that may start, best first over the models asked for, each under one token.
-- KEYS[1] base of the namespace
-- ARGV[1] { at, models or false for all, tokens, event, statuses from and to, place, leaseMs, 1 when sent again after a
--         lost reply }
-- Reply   nothing when it must be sent again, else { { ids }, then request and row of each }
-- include: header keys clock row order promote models tally tally-time writes trim read-many read-both
local wanted, tokens, event, from, to, to_place, lease_ms, resent = unpack(C, 2, 9)
-- include: grant
wanted = wanted or call('ZRANGE', MODELS, '0', '-1')
local taken, reply, room = {}, { '' }, #tokens

if resent == 1 then
  -- include: recall
end

-- The first of each model's queue, as many as it has free slots.
local heads = {}
for _, model in ipairs(wanted) do
  local m = room > 0 and call('EXISTS', READY .. model) == 1 and model_of(model)
  local most = m and not m.looked and math.min(free_slots(m), room) or 0
  if most > 0 then
    m.looked, m.most = true, format('%d', most - 1) -- one that is named twice has its slots once
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
  -- Only a set that was edited by hand names what does not wait; it leaves the queue with the others.
  if packed and string.byte(packed) == IN_QUEUE then
    local n = #reply
    taken[#taken + 1] = id
    reply[n + 1], reply[n + 2] = values[count + i], grant(owner[i] or heads[1], id, names[i], packed, tokens[i])
  end
end
-- include: flush
-- What was taken of a model stood first in its queue.
for _, m in ipairs(heads) do
  if m.took then call('ZREMRANGEBYRANK', m.ready, '0', format('%d', m.took - 1)) end
end
-- include: write-tallies
reply[1] = pack(taken)
return reply
