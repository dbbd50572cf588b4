-- What the hourly rollups learn from this command, summed per model, measure and bin before it is written.
local frexp, floor = math.frexp, math.floor

-- The histogram bin of a duration, as core's histogramBin: four bins a doubling, whole milliseconds below 4.
local function bin_of(ms)
  if ms < 4 then return ms end
  local fraction, exponent = frexp(ms)
  return math.min((exponent - 3) * 4 + floor(fraction * 8), BINS_MAX)
end

local function cell_of(m, measure, bin)
  local measures = m.tallies
  if not measures then
    measures = {}
    m.tallies = measures
  end
  local bins = measures[measure]
  if not bins then
    bins = {}
    measures[measure] = bins
  end
  local cell = bins[bin]
  if not cell then
    cell = { 0, 0 }
    bins[bin] = cell
  end
  return cell
end

local function tally(m, measure, bin, sum)
  local cell = cell_of(m, measure, bin)
  cell[1], cell[2] = cell[1] + 1, cell[2] + sum
end

local function tally_run(m, ms)
  tally(m, 'run', bin_of(ms), ms)
  local list = m.runs
  if not list then
    list = {}
    m.runs = list
  end
  list[#list + 1] = ms
end

local function write_cell(key, measure, bin, cell)
  local field = measure .. ':' .. bin
  local count = call('HINCRBY', key, field .. ':n', cell[1])
  if cell[2] ~= 0 then call('HINCRBY', key, field .. ':s', cell[2]) end
  return count == cell[1]
end

local function write_runs(m)
  local from = math.max(1, #m.runs - RUNS_MAX + 1)
  call('LPUSH', RUNS .. m.id, unpack(m.runs, from))
  call('LTRIM', RUNS .. m.id, 0, RUNS_MAX - 1)
end

-- After flush(). The index of rollups is written when a field is new, which covers every new hash.
local function write_tallies(at)
  local hour = string.format('%.0f', at - at % HOUR_MS)
  for model, m in pairs(models) do
    local name, fresh = hour .. ':' .. model, false
    for measure, bins in pairs(m.tallies or {}) do
      for bin, cell in pairs(bins) do
        if write_cell(ROLLUP .. name, measure, bin, cell) then fresh = true end
      end
    end
    if fresh then call('ZADD', HOURS, hour, name) end
    if m.runs then write_runs(m) end
  end
end
