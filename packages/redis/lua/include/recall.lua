-- What an earlier sending of this command took counts: its tokens are spent, and its rows are told again.
local unspent, left = {}, {}
for _, token in ipairs(tokens) do unspent[token] = true end
for _, model in ipairs(wanted) do
  local ids = call('ZRANGE', HELD .. model, 0, -1)
  for i, packed in ipairs(read_many(ROW, ids)) do
    local token = packed and select(10, open_struct(HOT, packed))
    if token and unspent[token] then
      unspent[token] = nil
      taken[#taken + 1] = ids[i]
      reply[#reply + 1] = call('GET', REQUEST .. ids[i])
      reply[#reply + 1] = packed
    end
  end
end
for _, token in ipairs(tokens) do
  if unspent[token] then left[#left + 1] = token end
end
tokens, room = left, #left
