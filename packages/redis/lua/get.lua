-- Rows by id.
-- KEYS[1] base of the namespace
-- ARGV[1] { ids }
-- Reply   { { 1 or 0 an id: whether there is one }, then request and row of each that there is }
-- include: header keys read-many
local ids, there, reply = C[1], {}, { '' }
local rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
for i = 1, #ids do
  there[i] = rows[i] and requests[i] and 1 or 0
  if there[i] == 1 then
    local n = #reply
    reply[n + 1], reply[n + 2] = requests[i], rows[i]
  end
end
reply[1] = pack(there)
return reply
