-- 14 digits: 10^14 ids, and with its header exactly one 16-byte block of the allocator.
local function id_text(number)
  return string.format('%014d', number)
end
