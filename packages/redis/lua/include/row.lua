-- A row is one string of three parts; -1 and NONE stand for null, texts end in NUL (which no text contains).
--   hot, which every move writes anew: place, used, attempt, since, not_before, deadline, started, ended, expires,
--     progress, status, token, released_by
--   fixed at admission: cost, user, priority, attempts_max, wait_max, model, type
--   url, output, fault; and the timeline, which goes to the end
-- Moves hand the parts after `hot` on as bytes: a struct costs by its values, and cmsgpack would build a table besides
-- (0.5 us against 1.1 us each way). src/row.ts reads the same layout, and packs most of `fixed`.
local HOT, FIXED, RESULTS = '<Bi4i4dddddddsss', '<i4si4i4dss', 'sss'
local NONE = '\255' -- never part of UTF-8
