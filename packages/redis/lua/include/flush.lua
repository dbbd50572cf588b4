-- Makes the writes. What needs memory goes first: a server that is out of memory then refuses the first write, and
-- nothing has changed.
do
  local STEP = 4000 -- arguments of one call; unpack() ends near 8000
  for from = 1, #stores, STEP do call('MSET', unpack(stores, from, math.min(from + STEP - 1, #stores))) end
  local commands, lists_of = { 'HSET', 'ZADD', 'RPUSH', 'ZREM' }, { puts, adds, pushes, drops }
  for i = 1, 4 do
    for key, list in pairs(lists_of[i]) do
      for from = 1, #list, STEP do
        call(commands[i], key, unpack(list, from, math.min(from + STEP - 1, #list)))
      end
    end
  end
end
