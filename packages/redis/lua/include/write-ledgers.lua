-- After the flush: the ledger lines. A ledger that begins is noted with its time, for retention.
for i = 1, #lines, 2 do
  if call('RPUSH', LEDGER .. lines[i], lines[i + 1]) == 1 then call('ZADD', LEDGERS, at_text, lines[i]) end
end
