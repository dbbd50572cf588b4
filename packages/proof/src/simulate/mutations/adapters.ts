/** A break in an adapter's own text: its Lua or its SQL, changed on its way to the server. */
export interface AdapterMutant {
  readonly name: string
  readonly adapter: 'redis' | 'sqlite'
  readonly find: string
  readonly put: string
}

export const ADAPTER_MUTANTS: readonly AdapterMutant[] = [
  {
    name: 'Redis: any token settles',
    adapter: 'redis',
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
    find: 'token and m.waiting == 0 and',
    put: 'token and',
  },
  {
    name: 'Redis: priority is forgotten',
    adapter: 'redis',
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
    name: 'SQLite: slots are not written',
    adapter: 'sqlite',
    find: '"currentActive" + ? END',
    put: '"currentActive" + 0 * ? END',
  },
  {
    name: 'SQLite: the last comes first',
    adapter: 'sqlite',
    find: 'ORDER BY "turn", "queuedAt", "id"',
    put: 'ORDER BY "id" DESC',
  },
  {
    name: 'SQLite: delays are ignored',
    adapter: 'sqlite',
    find: '"dueAt" <= ? AND "notBefore" <= ?',
    put: '"dueAt" > 0 * ? AND "notBefore" > 0 * ?',
  },
]
