-- The histogram bin of a duration, as core's histogramBin: four bins a doubling, whole milliseconds below 4.
local function bin_of(ms)
  if ms < 4 then return ms end
  local fraction, exponent = math.frexp(ms)
  return math.min((exponent - 3) * 4 + math.floor(fraction * 8), BINS_MAX)
end
