/** A break in an adapter's own text: its Lua or its SQL, changed on its way to the server. */
export interface AdapterMutant {
  readonly name: string
  readonly adapter: 'redis' | 'postgres' | 'sqlite'
  /** From this seed on it is met soon; default 1. */
  readonly seed?: number | undefined
  readonly find: string | RegExp
  readonly put: string
}

export const ADAPTER_MUTANTS: readonly AdapterMutant[] = [
  {
    name: 'Redis: any token settles',
    adapter: 'redis',
    seed: 2,
    find: "if token and token ~= holder then return 'lease_mismatch' end",
    put: '',
  },
  {
    name: 'Redis: one slot too many',
    adapter: 'redis',
    find: 'm.max - m.active',
    put: 'm.max + 1 - m.active',
  },
  {
    name: 'Redis: a newcomer overtakes',
    adapter: 'redis',
    seed: 4,
    find: 'token and m.waiting == 0 and',
    put: 'token and',
  },
  {
    name: 'Redis: priority is forgotten',
    adapter: 'redis',
    seed: 2,
    find: '(1000 - priority) * 4398046511104 + since',
    put: '1000 * 4398046511104 + since',
  },
  {
    name: 'Redis: a refund keeps its reservation',
    adapter: 'redis',
    find: 'account[2] = account[2] - (cost - used)',
    put: '',
  },
  {
    name: 'Redis: a slot is not given back',
    adapter: 'redis',
    find: 'from == 2 and m.held or',
    put: "from == 2 and 'nowhere' or",
  },
  {
    name: 'Redis: a claim that is sent again takes others',
    adapter: 'redis',
    seed: 10,
    find: 'if resent == 1 then',
    put: 'if false then',
  },
  {
    name: 'PostgreSQL: any token settles',
    adapter: 'postgres',
    seed: 2,
    find: /i\.token IS NULL OR i\.token = \w+\."leaseToken"/g,
    put: 'true',
  },
  {
    name: 'PostgreSQL: one slot too many',
    adapter: 'postgres',
    seed: 2,
    find: 'GREATEST(0, "currentActive") AS slots',
    put: 'GREATEST(0, "currentActive") + 1 AS slots',
  },
  {
    name: 'PostgreSQL: a settled reservation stays',
    adapter: 'postgres',
    find: 'reserved = t.reserved - p.settled',
    put: 'reserved = t.reserved',
  },
  {
    name: 'PostgreSQL: priority is forgotten',
    adapter: 'postgres',
    seed: 4,
    find: 'ORDER BY g.turn, g."queuedAt", g.id LIMIT LEAST',
    put: 'ORDER BY g."queuedAt", g.id LIMIT LEAST',
  },
  {
    name: 'SQLite: slots are not written',
    adapter: 'sqlite',
    find: '"currentActive" + ? END',
    put: '"currentActive" + 0 * ? END',
  },
  {
    name: 'SQLite: the last comes first',
    adapter: 'sqlite',
    seed: 2,
    find: 'ORDER BY "turn", "queuedAt", "id"',
    put: 'ORDER BY "id" DESC',
  },
  {
    name: 'SQLite: delays are ignored',
    adapter: 'sqlite',
    seed: 2,
    find: '"dueAt" <= ? AND "notBefore" <= ?',
    put: '"dueAt" > 0 * ? AND "notBefore" > 0 * ?',
  },
]
