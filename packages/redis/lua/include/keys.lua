-- Every key of a namespace is built here and nowhere else. KEYS[1] is its base, '{namespace}:' as the server
-- sees it: one hash tag keeps a namespace on one node of a cluster, and a keyPrefix of the client stands before it.
-- Ids stand in keys and sets as 14 digits (see id.lua): their text order is their number order.
local BASE = KEYS[1]
local IDS = BASE .. 'ids' -- string: the last queueId given
local ENTRIES = BASE .. 'entries' -- string: the last ledger entryId given
local LIMITS = BASE .. 'limits' -- hash: model -> packed limit
local MODELS = BASE .. 'models' -- sorted set by name: models with a limit
local ACCOUNTS = BASE .. 'accounts' -- hash: user -> packed account
local USERS = BASE .. 'users' -- sorted set by name: users with an account
local ONCE = BASE .. 'once' -- hash: user NUL idempotency key -> id
local DEADLINES = BASE .. 'deadlines' -- sorted set: id by the time to start by
local DELAYS = BASE .. 'delays' -- sorted set: model by its earliest delayed start
local HOURS = BASE .. 'hours' -- sorted set: hour:model:measure by hour, for each rollup hash
local LEDGERS = BASE .. 'ledgers' -- sorted set: user by the time of the oldest ledger entry
local REQUEST = BASE .. 'q:' -- string per id: the packed request, never changed
local ROW = BASE .. 'g:' -- string per id: the row, see row.lua
local INDEX = BASE .. 's:' -- sorted set per status:model, waiting and done: id by id
local READY = BASE .. 'w:' -- sorted set per model: id by its order, may start
local DELAYED = BASE .. 'd:' -- sorted set per model: id by its earliest start
local HELD = BASE .. 'a:' -- sorted set per model: id by lease expiry; its size is the slots taken
local OWNED = BASE .. 'u:' -- list per user: ids, oldest first; those of purged rows leave when they come first
local SETTLED = BASE .. 'c:' -- list per status: id:time in the order of settling
local LEDGER = BASE .. 't:' -- list per user: packed entries, oldest first
local POSTED = BASE .. 'p:' -- hash per user: key of a grant or revocation -> amount
local RUNS = BASE .. 'r:' -- string per model: latest run times, see runs.lua
local ROLLUP = BASE .. 'h:' -- hash per hour:model:measure, small ones are found fast: bin:n and bin:s -> integer
