/** Faults that a run can be spared; what is left out makes room for a shorter story. */
export const FAULTS = {
  deaths: 'a process dies before or after one of its storage calls, or anywhere else',
  freezes: 'a process stands still, for longer than its leases may be',
  refusals: 'the storage refuses a call',
  outages: 'the storage refuses every call for a while',
  'lost-replies': 'a call is carried out and its reply is lost',
  duplicates: 'a call is carried out again, later',
  delays: 'a call or its reply takes long, so that calls overtake each other',
  skew: 'the clocks of the processes differ',
} as const

/** What users, workers and the operator do. */
export const DEEDS = {
  enqueue: 'a user asks for a generation',
  submit: 'a user asks for one to be started at once',
  run: 'a request is run where it was made',
  batch: 'many requests at once',
  spend: 'tickets are granted and spent at the same moment',
  again: 'a request is repeated under its key, or another one under the same key',
  claim: 'an app claims by hand, and settles by itself or forgets',
  start: 'an app starts a generation of its choice',
  drain: 'a cron route drains the queue',
  webhook: 'a provider settles without a lease',
  race: 'somebody meddles with a generation whose move is under way',
  cancel: 'a generation is cancelled',
  retry: 'a settled generation is queued again',
  clear: 'settled generations are cleared',
  limits: 'limits are raised and lowered in mid-run',
  pauses: 'models are paused and resumed',
  tickets: 'tickets are granted and revoked',
  reads: 'everything there is to read is read',
  verify: 'the library verifies and repairs itself',
  close: 'an app closes its queue in good order and starts again',
} as const

/** How requests and handlers differ from the plainest there are. */
export const TRAITS = {
  failures: 'handlers fail',
  'long-runs': 'handlers outlast their leases',
  'partial-use': 'settles use a part of the reservation',
  priorities: 'requests have priorities',
  deadlines: 'requests have a deadline to start by',
  costs: 'requests cost other than one ticket',
  crowd: 'more than one process',
} as const

export type FaultName = keyof typeof FAULTS
export type DeedName = keyof typeof DEEDS
export type Feature = FaultName | DeedName | keyof typeof TRAITS

export const FEATURES = Object.keys({ ...FAULTS, ...DEEDS, ...TRAITS }) as Feature[]
