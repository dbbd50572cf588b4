-- The move fits: refuses it over tickets or a full queue, or gathers all that it changes.
local from, to, account, effect = move[FROM_PLACE], move[TO_PLACE], accounts[user], move[RESERVE]
if effect ~= -1 then used = 0 elseif used < 0 then used = move[CAPTURE] == 1 and cost or 0 end
local free = account and account[BALANCE] - account[RESERVED] or 0
b = status
if from == OUT and to == IN_QUEUE and call('ZCARD', m.ready) + call('ZCARD', m.later) + m.grown >= waiting_max then
  a = 'queue_full'
elseif used > cost then
  a = 'tickets_over'
elseif effect == 1 and cost > free then
  a, c = 'tickets_short', free
else
  kind, a, b, moved = 1, move[EVENT], false, true
  local way = m.ways[move] or way_of(m, move)
  way.event[1] = way.event[1] + 1
  way.leaves[#way.leaves + 1] = id
  local joins, n = way.joins, #way.joins
  joins[n + 1], joins[n + 2] = id, id
  if move[MEASURES] == 1 and started >= 0 then
    local ran = at > started and at - started or 0
    m.run_bins = m.run_bins or bins_of(m, 'run')
    tally_time(m.run_bins, ran)
    m.runs[#m.runs + 1] = ran
  end
  -- include: apply-tickets apply-row
end
