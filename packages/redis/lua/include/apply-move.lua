-- The move fits: refuses it over tickets or a full queue, or gathers all that it changes.
local from, to, account, effect = move[FROM_PLACE], move[TO_PLACE], accounts[user], move[RESERVE]
if effect ~= -1 then used = 0 elseif used < 0 then used = move[CAPTURE] == 1 and cost or 0 end
local free = account and account[BALANCE] - account[RESERVED] or 0
if from == OUT and to == IN_QUEUE and call('ZCARD', m.ready) + call('ZCARD', m.later) + m.grown >= waiting_max then
  code, b = 'queue_full', status
elseif used > cost then
  code, b = 'tickets_over', status
elseif effect == 1 and cost > free then
  code, b, c = 'tickets_short', status, free
else
  answer, moved = number, true
  local way = m.ways[move] or way_of(m, move)
  local event, leaves, joins = way.event, way.leaves, way.joins
  local n = #joins
  event[1] = event[1] + 1
  leaves[#leaves + 1] = id
  joins[n + 1], joins[n + 2] = id, id
  if move[MEASURES] == 1 and started >= 0 then
    local ran = at > started and at - started or 0
    m.run_bins = m.run_bins or bins_of(m, 'run')
    tally_time(m.run_bins, ran)
    append(m.runs, ran)
  end
  -- include: apply-tickets apply-row
end
