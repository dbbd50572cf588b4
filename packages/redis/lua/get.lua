-- Rows by id.
-- KEYS[1] base of the namespace
-- ARGV[1] { ids }
-- Reply   { 2 values an id: request, row; both false when there is none }
-- include: header keys rows
local ids, reply = C[1], {}
local rows, requests = read_many(ROW, ids), read_many(REQUEST, ids)
for i = 1, #ids do
  reply[2 * i - 1] = rows[i] and requests[i]
  reply[2 * i] = rows[i] and requests[i] and rows[i]
end
return pack(reply)
