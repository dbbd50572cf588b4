-- Before the flush: the accounts that changed.
if last_entry then
  local list, n = {}, 0
  for user, a in pairs(accounts) do
    if a and a[TOUCHED] then
      list[n + 1], list[n + 2] = user, pack_struct(ACCOUNT_FORMAT, a[1], a[2], a[3], a[4], a[5])
      n = n + 2
    end
  end
  puts[ACCOUNTS] = list
  n = #stores
  stores[n + 1], stores[n + 2] = ENTRIES, format('%d', last_entry)
end
