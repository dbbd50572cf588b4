-- Settles or reserves what the move says; books nothing for a cost of 0.
if effect == -1 then
  if used > 0 then tally(bins_of(m, 'captured'), 0, used) end
  if used < cost then tally(bins_of(m, 'refunded'), 0, cost - used) end
end
if effect ~= 0 and cost > 0 and account then
  account[LIVE] = account[LIVE] + effect
  if effect == 1 then
    account[RESERVED] = account[RESERVED] + cost
    book(user, account, RESERVED_LINE, cost, tonumber(id), NONE, NONE)
  else
    if used > 0 then
      account[BALANCE], account[CAPTURED] = account[BALANCE] - used, account[CAPTURED] + used
      account[RESERVED] = account[RESERVED] - used
      book(user, account, CAPTURED_LINE, used, tonumber(id), NONE, NONE)
    end
    if used < cost then
      account[RESERVED] = account[RESERVED] - (cost - used)
      book(user, account, REFUNDED_LINE, cost - used, tonumber(id), NONE, NONE)
    end
  end
end
