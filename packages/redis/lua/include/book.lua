-- include: entry
-- Ledger lines of this command, with their users; kinds by number, see src/row.ts.
local GRANTED_LINE, REVOKED_LINE, RESERVED_LINE, CAPTURED_LINE, REFUNDED_LINE = 1, 2, 3, 4, 5
local lines, line_users, last_entry = {}, {}, nil

-- A ledger line with the account as it stands now.
local function book(user, account, kind, amount, id, key, memo)
  last_entry = (last_entry or tonumber(call('GET', ENTRIES) or 0)) + 1
  local n = #lines + 1
  line_users[n] = user
  lines[n] =
    pack_struct(ENTRY_FORMAT, last_entry, at, kind, amount, account[BALANCE], account[RESERVED], id, key, memo)
  account[TOUCHED] = true
end
