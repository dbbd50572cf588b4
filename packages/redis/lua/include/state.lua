-- Positions of a row's values in its packed array; src/row.ts reads the same order.
local STATUS, PLACE, USER, MODEL, TYPE, PRIORITY, COST, ATTEMPTS_MAX, WAIT_MAX = 1, 2, 3, 4, 5, 6, 7, 8, 9
local USED, ATTEMPT, SINCE, NOT_BEFORE, DEADLINE, STARTED, ENDED, TOKEN, EXPIRES = 10, 11, 12, 13, 14, 15, 16, 17, 18
local RELEASED_BY, PROGRESS, URL, OUTPUT, FAULT, TIMELINE = 19, 20, 21, 22, 23, 24
