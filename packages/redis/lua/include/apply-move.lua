-- The move fits: refuses it over tickets or a full queue, or gathers all that it changes.
local from, to, account, effect = move[FROM_PLACE], move[TO_PLACE], accounts[user], move[RESERVE]
if effect ~= -1 then used = 0 elseif used < 0 then used = move[CAPTURE] == 1 and cost or 0 end
local free = account and account[BALANCE] - account[RESERVED] or 0
b = status
if from == OUT and to == IN_QUEUE and m.waiting + m.delayed >= waiting_max then
  a = 'queue_full'
elseif used > cost then
  a = 'tickets_over'
elseif effect == 1 and cost > free then
  a, c = 'tickets_short', free
else
  kind, a, b, moved = 1, move[EVENT], false, true
  local way = m.moved[move] or way_of(m, move)
  way.event[1] = way.event[1] + 1
  way.leaves[#way.leaves + 1] = id
  local n = #way.joins
  way.joins[n + 1], way.joins[n + 2] = id, id
  if move[MEASURES] == 1 and started >= 0 then
    local ran = at > started and at - started or 0
    tally(m, 'run', bin_of(ran), ran)
    table.insert(list_in(m, 'runs'), ran)
  end
  -- include: apply-tickets
  if from == IN_SLOT then
    m.active, m.freed = m.active - 1, true
  elseif from == IN_QUEUE then
    table.insert(list_in(drops, m.ready), id)
    if not_before >= 0 then table.insert(list_in(drops, m.later), id) end
    if deadline >= 0 then table.insert(list_in(drops, DEADLINES), id) end
    if not_before > at then m.delayed = m.delayed - 1 else m.waiting = m.waiting - 1 end
  end
  if from == OUT then
    since, started, deadline = at, -1, wait_max >= 0 and at + wait_max or -1
    url, output, fault, released_by = NONE, NONE, NONE, NONE
  else
    url, output, fault, released_by = new_url or url, new_output or output, new_fault or fault, token or ''
  end
  if move[COUNTING] == 'reset' then attempt = 0 elseif move[COUNTING] == 'uncount' then attempt = attempt - 1 end
  timeline = append(timeline, way.entry)
  if to == OUT then
    way.settled[#way.settled + 1] = id .. settled_suffix
    packed = pack_struct(
      ROW_FORMAT, to, cost, user, priority, attempts_max, wait_max, used, attempt, since, -1, -1, started, at, -1,
      progress, move[TO], model, type, NONE, released_by, url, output, fault, timeline)
  else
    not_before = delay > 0 and at + delay or -1
    packed = pack_struct(
      ROW_FORMAT, to, cost, user, priority, attempts_max, wait_max, -1, attempt, since, not_before, deadline, started,
      -1, -1, -1, move[TO], model, type, NONE, released_by, url, output, fault, timeline)
    if deadline >= 0 then pair(adds, DEADLINES, deadline, id) end
    if not_before > at then
      pair(adds, m.later, not_before, id)
      delaying[m], m.delayed = true, m.delayed + 1
    else
      pair(adds, m.ready, order_of(priority, since), id)
      m.waiting = m.waiting + 1
    end
  end
  n = #stores
  stores[n + 1], stores[n + 2] = ROW .. id, packed
end
