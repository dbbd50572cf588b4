-- A row is one struct: numbers, and texts that end in NUL (which no text contains). -1 and NONE stand for null.
-- src/row.ts reads the same layout, and packs the head of a new one. The values, in order:
--   head: place, cost, user, priority, attempts_max, wait_max
--   middle: used, attempt, since, not_before, deadline, started, ended, expires, progress
--   tail: status, model, type, token, released_by, url, output, fault, timeline
-- struct rather than cmsgpack: no table is built to read or to write one (0.5 us against 1.1 us each way).
local ROW_FORMAT, OWNER_FORMAT = '<Bi4si4i4di4i4dddddddsssssssss', '<Bi4s'
local NONE = '\255' -- never part of UTF-8
