-- include: entry
-- Ledger lines of this command, each behind its user; kinds by number, see src/row.ts.
local GRANTED_LINE, REVOKED_LINE, RESERVED_LINE, CAPTURED_LINE, REFUNDED_LINE = 1, 2, 3, 4, 5
local lines, last_entry = {}, nil

-- A line with the account as it stands now.
local function book(user, account, kind, amount, id, key, memo)
  last_entry = (last_entry or tonumber(call('GET', ENTRIES) or 0)) + 1
  local n = #lines
  lines[n + 1], lines[n + 2] = user,
    pack_struct(ENTRY_FORMAT, last_entry, at, kind, amount, account[BALANCE], account[RESERVED], id, key, memo)
  account[TOUCHED] = true
end
