-- What the hourly rollups learn from this command: { count, sum } by model, measure and bin.
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
