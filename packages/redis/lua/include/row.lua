-- A row is one string of three parts; -1 and NONE stand for null, texts end in NUL (which no text contains).
--   hot, which every move writes anew: place, bytes of hot, used, attempt, since, started, first, second, status,
--     holder. By its place `first`, `second` and `holder` are: not_before, deadline and who released it, while it waits;
--     expires, progress and its token, in a slot; ended, progress and who released it, when done
--   fixed at admission: cost, user, priority, attempts_max, wait_max, model, type
--   url, output, fault; and the timeline, which goes to the end
-- Moves hand the parts after `hot` on as bytes: a struct costs by its values, and cmsgpack would build a table besides
-- (0.5 us against 1.1 us each way). src/row.ts reads the same layout, and packs most of `fixed`.
local HOT, FIXED, RESULTS = '<BHi4i4ddddss', '<i4si4i4dss', 'sss'
local HOT_BYTES = 45 -- without the letters of its two texts
local HOT_SIZE, HOT_NUMBERS = '<BH', '<BHi4i4dddd' -- where only these values count
local COST_AND_USER = '<i4s' -- of the fixed part
local NONE = '\255' -- never part of UTF-8
