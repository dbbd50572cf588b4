-- What the hourly rollups learn from this command, summed per model, measure and bin before it is written.
local tallies, latest_runs = {}, {}

-- The histogram bin of a duration, as core's histogramBin: four bins a doubling, whole milliseconds below 4.
local function bin_of(ms)
  if ms < 4 then return ms end
  local fraction, exponent = math.frexp(ms)
  return math.min((exponent - 3) * 4 + math.floor(fraction * 8), BINS_MAX)
end

local function tally(model, measure, bin, sum)
  local measures = tallies[model]
  if not measures then
    measures = {}
    tallies[model] = measures
  end
  local bins = measures[measure]
  if not bins then
    bins = {}
    measures[measure] = bins
  end
  local cell = bins[bin]
  if cell then
    cell[1] = cell[1] + 1
    cell[2] = cell[2] + sum
  else
    bins[bin] = { 1, sum }
  end
end

local function tally_run(model, ms)
  tally(model, 'run', bin_of(ms), ms)
  local list = latest_runs[model]
  if not list then
    list = {}
    latest_runs[model] = list
  end
  list[#list + 1] = ms
end

local function tally_settled(model, used, refunded)
  if used > 0 then tally(model, 'captured', 0, used) end
  if refunded > 0 then tally(model, 'refunded', 0, refunded) end
end

local function write_tally(key, measure, bin, cell)
  local field = measure .. ':' .. bin
  local count = call('HINCRBY', key, field .. ':n', cell[1])
  if cell[2] ~= 0 then call('HINCRBY', key, field .. ':s', cell[2]) end
  return count == cell[1]
end

-- After flush(). The index of rollups is written when a field is new, which covers every new hash.
local function write_tallies(at)
  local hour = string.format('%.0f', at - at % HOUR_MS)
  for model, measures in pairs(tallies) do
    local name, fresh = hour .. ':' .. model, false
    for measure, bins in pairs(measures) do
      for bin, cell in pairs(bins) do
        if write_tally(ROLLUP .. name, measure, bin, cell) then fresh = true end
      end
    end
    if fresh then call('ZADD', HOURS, hour, name) end
  end
  for model, list in pairs(latest_runs) do
    local from = math.max(1, #list - RUNS_MAX + 1)
    call('LPUSH', RUNS .. model, unpack(list, from))
    call('LTRIM', RUNS .. model, 0, RUNS_MAX - 1)
  end
end
