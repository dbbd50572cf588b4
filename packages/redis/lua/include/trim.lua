-- The parts after `hot` of a row whose timeline has room for one more entry: whole entries leave at its front.
local function trim(cold, entry)
  local _, _, _, _, _, _, _, results = open_struct(FIXED, cold)
  local _, _, _, from = open_struct(RESULTS, cold, results)
  local timeline = string.sub(cold, from)
  if #timeline + #entry <= TIMELINE_MAX then return cold end
  local tail = string.sub(timeline .. entry, -TIMELINE_MAX)
  local kept = string.find(tail, ',', 1, true) + 1
  return string.sub(cold, 1, from - 1) .. string.sub(tail, kept, #tail - #entry)
end
