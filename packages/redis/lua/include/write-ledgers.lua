-- After the flush: the ledger lines. A ledger that begins is noted with its time, for retention.
for i = 1, #lines do
  local user = line_users[i]
  if call('RPUSH', LEDGER .. user, lines[i]) == 1 then call('ZADD', LEDGERS, at_text, user) end
end
