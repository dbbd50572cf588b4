-- How many may start but for the cap, and how many wait for their time, for the commands that ask. `found` is the
-- first as the command found it.
local function sizes_of(m)
  m.waiting, m.delayed = call('ZCARD', m.ready), call('ZCARD', m.later)
  m.found = m.waiting
  return m
end
