import type { ApplyCommand, Move, Storage } from '@genqueue/core'
import { conformanceSuite, Tables, tableStorage } from '@genqueue/core/testing'
import { describe, expect, it } from 'vitest'

/** Deliberate breaks of a storage that is right; the suite must notice every one of them. */
const MUTATIONS: Readonly<Record<string, (sound: Storage, tables: Tables) => Partial<Storage>>> = {
  'skips the fence': (sound) => ({
    apply: (c) => sound.apply(withMoves(c, (move) => ({ ...move, guard: 'none' }))),
  }),
  'takes back leases early': (sound) => ({
    apply: (c) =>
      sound.apply(withMoves(c, (move) => (move.guard === 'lapsed' ? { ...move, guard: 'held' } : move))),
  }),
  'drops a refund': (sound) => ({
    apply: (c) =>
      sound.apply(withMoves(c, (move) => (move.event === 'cancel' ? { ...move, reserve: 0 } : move))),
  }),
  'captures what failed': (sound) => ({
    apply: (c) =>
      sound.apply(withMoves(c, (move) => (move.event === 'fail' ? { ...move, capture: 1 } : move))),
  }),
  'forgets the slot of a retry': (sound) => ({
    apply: (c) =>
      sound.apply(withMoves(c, (move) => (move.event === 'retryLater' ? { ...move, slot: 0 } : move))),
  }),
  'counts an attempt that was given back': (sound) => ({
    apply: (c) =>
      sound.apply(
        withMoves(c, (move) => ({ ...move, attempt: move.attempt === 'uncount' ? 'keep' : move.attempt })),
      ),
  }),
  'resubmits for free': (sound) => ({
    apply: (c) =>
      sound.apply(withMoves(c, (move) => (move.event === 'resubmit' ? { ...move, reserve: 0 } : move))),
  }),
  'overshoots the cap by one': (sound, tables) => ({
    claim: async (command) => {
      const limits = new Map(tables.limits)
      for (const [id, limit] of limits)
        tables.limits.set(id, { ...limit, maxConcurrent: limit.maxConcurrent + 1 })
      const rows = await sound.claim(command)
      for (const [id, limit] of tables.limits) {
        tables.limits.set(id, {
          ...limit,
          maxConcurrent: limits.get(id)?.maxConcurrent ?? limit.maxConcurrent,
        })
      }
      return rows
    },
  }),
  'claims the last first': (_sound, tables) => {
    const startable = tables.startable.bind(tables)
    tables.next = (modelId, at) => startable(modelId, at).at(-1)
    return {}
  },
  'ignores delays': (_sound, tables) => {
    tables.startable = (modelId) => tables.inPlace(modelId, 'waiting')
    return {}
  },
  'lets newcomers overtake': (_sound, tables) => {
    tables.waiting = () => 0
    return {}
  },
  'forgets idempotency keys': (_sound, tables) => {
    tables.rowOfKey = () => undefined
    return {}
  },
  'posts a grant twice': (_sound, tables) => {
    tables.posted = () => undefined
    return {}
  },
  'answers a batch out of order': (sound) => ({ admit: async (c) => (await sound.admit(c)).reverse() }),
  'renews any lease': (sound, tables) => ({
    renew: (c) =>
      sound.renew({
        ...c,
        items: c.items.map((item) => ({
          ...item,
          token: tables.row(item.queueId)?.leaseToken ?? item.token,
        })),
      }),
  }),
  'starts out of turn': (_sound, tables) => {
    tables.ahead = () => 0
    return {}
  },
  'forgets a ledger line': (_sound, tables) => {
    const write = tables.write.bind(tables)
    tables.write = (change) => write({ ...change, lines: change.lines.slice(1) })
    return {}
  },
  'loses rollups': (_sound, tables) => {
    const write = tables.write.bind(tables)
    tables.write = (change) => write({ ...change, facts: change.facts.slice(0, 1) })
    return {}
  },
}

const withMoves = (command: ApplyCommand, mutate: (move: Move) => Move): ApplyCommand => ({
  ...command,
  items: command.items.map((item) => ({ ...item, moves: item.moves.map(mutate) })),
})

/** Runs the suite without a test runner; answers the names of the cases that failed. */
async function failures(mutate: (sound: Storage, tables: Tables) => Partial<Storage>): Promise<string[]> {
  const cases: { name: string; body: () => Promise<void> }[] = []
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => cases.push({ name, body }),
  }
  conformanceSuite(runner, {
    name: 'mutant',
    async create() {
      const tables = new Tables()
      const sound = tableStorage({ tables })
      const storage = { ...sound, ...mutate(sound, tables) }
      return { storage, another: async () => storage, destroy: () => sound.close() }
    },
  })
  const failed: string[] = []
  for (const { name, body } of cases) await body().catch(() => failed.push(name))
  return failed
}

describe('the conformance suite', () => {
  it('passes what is right', async () => {
    expect(await failures(() => ({}))).toEqual([])
  })

  it.each(Object.entries(MUTATIONS))('notices a storage that %s', async (name, mutate) => {
    const failed = await failures(mutate)
    console.log(`${name}: caught by ${failed.length}, first "${failed[0]}"`)
    expect(failed.length).toBeGreaterThan(0)
  })
})
