-- What a row was before this command touched it, as far as its sets depend on it.
local function snapshot(row)
  return { row[STATUS], row[PLACE], row[NOT_BEFORE], row[DEADLINE], row[ENDED] }
end

local delaying = {}

local function enter_waiting(id, row, waited, at)
  local model, starts = row[MODEL], row[NOT_BEFORE]
  if starts and starts > at then
    add(DELAYED .. model, starts, id)
    delaying[model] = true
    if waited then drop(READY .. model, id) end
  else
    add(READY .. model, order_of(row[PRIORITY], row[SINCE]), id)
    if waited then drop(DELAYED .. model, id) end
  end
end

-- Gathers the changes of the sets that hold the row, from the snapshot to what the row is now.
local function reindex(id, row, old, at)
  local model, place = row[MODEL], row[PLACE]
  if old[1] ~= row[STATUS] then
    add(INDEX .. row[STATUS] .. ':' .. model, id, id)
    drop(INDEX .. old[1] .. ':' .. model, id)
  end
  if place == IN_QUEUE then
    enter_waiting(id, row, old[2] == IN_QUEUE, at)
  elseif old[2] == IN_QUEUE then
    drop(READY .. model, id)
    if old[3] then drop(DELAYED .. model, id) end
  end
  if place == IN_SLOT then add(HELD .. model, row[EXPIRES], id) end
  if old[2] == IN_SLOT and place ~= IN_SLOT then drop(HELD .. model, id) end
  if place == OUT and old[5] ~= row[ENDED] then push(SETTLED .. row[STATUS], id .. ':' .. row[ENDED]) end
  if (place == OUT) ~= (old[2] == OUT) then
    add(OWNED .. row[USER], place == OUT and id or '-' .. id, id)
  end
  if old[4] ~= row[DEADLINE] then
    if row[DEADLINE] then add(DEADLINES, row[DEADLINE], id) else drop(DEADLINES, id) end
  end
end

-- After flush(): when each model's next delayed generation is due.
local function note_delays()
  for model in pairs(delaying) do
    local first = call('ZRANGE', DELAYED .. model, 0, 0, 'WITHSCORES')
    if first[2] then call('ZADD', DELAYS, first[2], model) end
  end
end
