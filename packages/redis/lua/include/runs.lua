-- A model's latest run times are one string of numbers, newest last.
local RUN_FORMAT, RUN_BYTES = '<d', 8
