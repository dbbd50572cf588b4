-- A row is one struct: numbers, and texts that end in NUL (which no text contains). -1 and NONE stand for null.
-- src/row.ts reads the same layout, and packs the head of a new one. The values, in order:
--   head: place, cost, user, priority, attempts_max, wait_max
--   middle: used, attempt, since, not_before, deadline, started, ended, expires, progress
--   tail: status, model, type, token, released_by, url, output, fault, timeline
-- struct rather than cmsgpack: no table is built to read or to write one (0.5 us against 1.1 us each way).
local OWNER_FORMAT, MIDDLE_FORMAT, TAIL_FORMAT = '<Bi4s', '<i4i4ddddddd', 'sssssssss'
local ROW_FORMAT = '<Bi4si4i4di4i4dddddddsssssssss'
local NONE = '\255' -- never part of UTF-8
local pack_row, open_row = struct.pack, struct.unpack

-- The values that the less frequent commands look at, by name.
local function row_of(packed)
  local place, cost, user, priority, attempts_max, _, _, attempt, since, not_before, _, started, ended, expires, _,
    status, model, _, token = open_row(ROW_FORMAT, packed)
  return {
    place = place, priority = priority, cost = cost, attempts_max = attempts_max, attempt = attempt, since = since,
    not_before = not_before, started = started, ended = ended, expires = expires, status = status, user = user,
    model = model, token = token,
  }
end
