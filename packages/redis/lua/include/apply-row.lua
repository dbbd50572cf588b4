-- The row after the move, and the sets that depend on more than its status.
if (from == IN_SLOT or to == IN_QUEUE) and not m.woken then
  m.woken = true
  append(woken, model)
end
local counting, entry, progress, deadline = move[COUNTING], way.entry, -1, -1
if counting == 'reset' then attempt = 0 elseif counting == 'uncount' then attempt = attempt - 1 end
if from == IN_QUEUE then
  m.grown = m.grown - 1
  append(list_in(drops, m.ready), id)
  if first >= 0 then append(list_in(drops, m.later), id) end
  if second >= 0 then append(list_in(drops, DEADLINES), id) end
elseif from == IN_SLOT then
  progress = second
else
  since, started, deadline = at, -1, wait_max >= 0 and at + wait_max or -1
end
if to == OUT then
  append(way.settled, id .. settled_suffix)
  first, second = at, progress
else
  used, first, second = -1, -1, deadline
  m.grown = m.grown + 1
  if deadline >= 0 then pair(adds, DEADLINES, deadline, id) end
  if delay > 0 then
    first, m.delays = at + delay, true
    pair(adds, m.later, first, id)
  else
    pair(adds, m.ready, order_of(priority, since), id)
  end
end
local released = from == OUT and NONE or token or ''
local hot = pack_struct(
  HOT, to, HOT_BYTES + #move[TO] + #released, used, attempt, since, started, first, second, move[TO], released)
if #packed - bytes + #entry > TIMELINE_MAX then
  packed = sub(packed, 1, bytes) .. trim(sub(packed, bytes + 1), entry)
end
if from == OUT or new_url or new_output or new_fault then
  local url, output, fault, timeline = open_struct(RESULTS, packed, results)
  if from == OUT then
    url, output, fault = NONE, NONE, NONE
  else
    url, output, fault = new_url or url, new_output or output, new_fault or fault
  end
  packed = hot .. sub(packed, bytes + 1, results - 1) .. pack_struct(RESULTS, url, output, fault)
    .. sub(packed, timeline) .. entry
else
  packed = hot .. sub(packed, bytes + 1) .. entry
end
n = #stores
stores[n + 1], stores[n + 2] = names[i], packed
