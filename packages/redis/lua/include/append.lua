-- A timeline with an entry, 'event@time,', at its end; whole entries leave at the front beyond TIMELINE_MAX characters.
local function append(timeline, entry)
  local longer = timeline .. entry
  if #longer <= TIMELINE_MAX then return longer end
  local tail = string.sub(longer, -TIMELINE_MAX)
  return string.sub(tail, string.find(tail, ',', 1, true) + 1)
end
