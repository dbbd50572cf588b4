-- A ledger line: entryId, at, kind, amount, balance, reserved, queueId or -1, key, memo.
local ENTRY_FORMAT = '<ddBi4i4i4dss'
