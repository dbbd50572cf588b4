-- The row after the move, and the sets that depend on more than its status.
if (from == IN_SLOT or to == IN_QUEUE) and not m.woken then
  m.woken = true
  woken[#woken + 1] = model
end
if from == IN_QUEUE then
  m.grown = m.grown - 1
  table.insert(list_in(drops, m.ready), id)
  if not_before >= 0 then table.insert(list_in(drops, m.later), id) end
  if deadline >= 0 then table.insert(list_in(drops, DEADLINES), id) end
elseif from == OUT then
  since, started, deadline = at, -1, wait_max >= 0 and at + wait_max or -1
end
if move[COUNTING] == 'reset' then attempt = 0 elseif move[COUNTING] == 'uncount' then attempt = attempt - 1 end
not_before = -1
if to == OUT then
  way.settled[#way.settled + 1] = id .. settled_suffix
  deadline = -1
else
  m.grown = m.grown + 1
  if deadline >= 0 then pair(adds, DEADLINES, deadline, id) end
  if delay > 0 then
    not_before, m.delays = at + delay, true
    pair(adds, m.later, not_before, id)
  else
    pair(adds, m.ready, order_of(priority, since), id)
  end
end
local cold = string.sub(packed, rest)
if #cold + #way.entry > TIMELINE_MAX then cold = trim(cold, way.entry) end
if from == OUT or new_url or new_output or new_fault then
  local head = results - rest
  local url, output, fault, timeline = open_struct(RESULTS, cold, head + 1)
  if from == OUT then
    url, output, fault = NONE, NONE, NONE
  else
    url, output, fault = new_url or url, new_output or output, new_fault or fault
  end
  cold = string.sub(cold, 1, head) .. pack_struct(RESULTS, url, output, fault) .. string.sub(cold, timeline)
end
packed = pack_struct(
  HOT, to, to == OUT and used or -1, attempt, since, not_before, deadline, started, to == OUT and at or -1, -1,
  to == OUT and progress or -1, move[TO], NONE, from == OUT and NONE or token or '') .. cold .. way.entry
n = #stores
stores[n + 1], stores[n + 2] = ROW .. id, packed
