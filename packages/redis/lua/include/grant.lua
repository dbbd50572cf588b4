-- A waiting row gets a slot and a lease; the caller has made sure that it may start.
local function grant(id, row, token, move, lease_ms, at, entry)
  local old = snapshot(row)
  row[STATUS] = move[TO]
  row[PLACE] = move[TO_PLACE]
  row[ATTEMPT] = row[ATTEMPT] + 1
  row[NOT_BEFORE] = false
  row[DEADLINE] = false
  row[STARTED] = at
  row[TOKEN] = token
  row[EXPIRES] = at + lease_ms
  row[RELEASED_BY] = false
  row[PROGRESS] = false
  row[TIMELINE] = append(row[TIMELINE], entry)
  local model = row[MODEL]
  tally(model, move[EVENT], 0, 0)
  if row[ATTEMPT] == 1 then
    local waited = math.max(0, at - row[SINCE])
    tally(model, 'wait', bin_of(waited), waited)
  end
  reindex(id, row, old, at)
  local packed = pack(row)
  store(ROW .. id, packed)
  return packed
end
