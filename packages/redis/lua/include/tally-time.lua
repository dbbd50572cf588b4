-- A duration in its histogram bin, as core's histogramBin: four bins a doubling, whole milliseconds below 4.
local frexp, floor = math.frexp, math.floor

local function tally_time(bins, ms)
  if ms < 4 then return tally(bins, ms, ms) end
  local fraction, exponent = frexp(ms)
  tally(bins, math.min((exponent - 3) * 4 + floor(fraction * 8), BINS_MAX), ms)
end
