-- Positions of a compiled move's values; src/moves.ts packs the same order. Labels are opaque here.
local EVENT, FROM, TO, FROM_PLACE, TO_PLACE, SLOT, RESERVE, CAPTURE, GUARD, ATTEMPTS, COUNTING, MEASURES =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
