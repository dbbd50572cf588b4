-- What the hourly rollups learn from this command: { count, sum } by bin, by measure, by model.
local function bins_of(m, measure)
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
  return bins
end

-- The cell that counts an event.
local function events_of(m, event)
  local bins = bins_of(m, event)
  local cell = bins[0] or { 0, 0 }
  bins[0] = cell
  return cell
end

local function tally(bins, bin, sum)
  local cell = bins[bin]
  if cell then
    cell[1], cell[2] = cell[1] + 1, cell[2] + sum
  else
    bins[bin] = { 1, sum }
  end
end
