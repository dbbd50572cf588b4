-- A ledger line, as lua/include/accounts.lua writes it.
local ENTRY_FORMAT = '<ddBi4i4i4dss' -- entryId, at, kind, amount, balance, reserved, queueId or -1, key, memo
