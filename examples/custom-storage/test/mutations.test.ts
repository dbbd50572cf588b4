import type { ApplyCommand, Move, Storage } from '@genqueue/core'
import {
  conformanceSuite,
  type Harness,
  modelTest,
  type Runner,
  Tables,
  tableStorage,
} from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** Deliberate breaks of a storage that is right; the suite must notice every one of them. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
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
  'forgets keys that core made': (_sound, tables) => {
    const rowOfKey = tables.rowOfKey.bind(tables)
    tables.rowOfKey = (item) => (item.fingerprint === '' ? undefined : rowOfKey(item))
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
    tables.write = (change) => {
      const lines = tables.ledger.length
      write(change)
      tables.ledger.splice(lines, 1)
    }
    return {}
  },
  'ignores deadlines': (sound) => ({
    apply: (c) =>
      sound.apply(withMoves(c, (move) => (move.guard === 'overdue' ? { ...move, guard: 'none' } : move))),
  }),
  'settles a replay again': (sound, tables) => ({
    apply: async (c) => {
      const results = await sound.apply(c)
      for (const result of results) {
        const account = result.ok && result.repeated ? tables.account(result.row?.userId ?? '') : undefined
        if (account) tables.accounts.set(account.userId, { ...account, balance: account.balance + 1 })
      }
      return results
    },
  }),
  'queues a resubmit in its old place': (_sound, tables) => {
    const write = tables.write.bind(tables)
    tables.write = (change) => {
      const { row, before } = change
      write({ ...change, row: before === null ? row : { ...row, queuedAt: before.queuedAt } })
    }
    return {}
  },
  'takes account of only the last of a batch': (sound) => ({
    post: async (c) => {
      const results = await sound.post({ ...c, items: c.items.slice(-1) })
      return c.items.map((_, i) => results[i] ?? results[0]) as typeof results
    },
  }),
  'pages with a gap': (sound) => ({
    list: async (query) => {
      const page = await sound.list(query)
      return { ...page, cursor: page.cursor === null ? null : page.cursor - 1 }
    },
  }),
  'lets a queue grow without end': (sound) => ({
    admit: (c) => sound.admit({ ...c, maxQueued: 1_000_000 }),
  }),
  'loses rollups': (_sound, tables) => {
    const write = tables.write.bind(tables)
    tables.write = (change) => {
      const facts = tables.facts.length
      write(change)
      tables.facts.splice(facts + 1)
    }
    return {}
  },
}

const withMoves = (command: ApplyCommand, mutate: (move: Move) => Move): ApplyCommand => ({
  ...command,
  items: command.items.map((item) => ({ ...item, moves: item.moves.map(mutate) })),
})

type Mutation = (sound: Storage, tables: Tables) => Partial<Storage>

const broken = (mutate: Mutation): Harness => ({
  name: 'mutant',
  async create() {
    const tables = new Tables()
    const sound = tableStorage({ tables })
    const storage = { ...sound, ...mutate(sound, tables) }
    return { storage, another: async () => storage, destroy: () => sound.close() }
  },
})

/** Runs tests without a test runner; answers what failed, by name and message. */
async function failures(declare: (runner: Runner) => void): Promise<{ name: string; message: string }[]> {
  const cases: { name: string; body: () => Promise<void> }[] = []
  declare({
    describe: (_: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => cases.push({ name, body }),
  })
  const failed: { name: string; message: string }[] = []
  for (const { name, body } of cases) {
    await body().catch((error: Error) => failed.push({ name, message: error.message }))
  }
  return failed
}

describe('the conformance suite', () => {
  const suite = (mutate: Mutation) => failures((runner) => conformanceSuite(runner, broken(mutate)))

  it('passes what is right', async () => {
    expect(await suite(() => ({}))).toEqual([])
  })

  it.each(Object.entries(MUTATIONS))('notices a storage that %s', async (name, mutate) => {
    const failed = await suite(mutate)
    console.log(`${name}: caught by ${failed.length}, first "${failed[0]?.name}"`)
    expect(failed.length).toBeGreaterThan(0)
  })
})

describe('the model test', () => {
  const options = { runs: 200, steps: 30, seed: 7 }
  const model = (mutate: Mutation) => failures((runner) => modelTest(runner, broken(mutate), fc, options))

  it('passes what is right', async () => {
    expect(await model(() => ({}))).toEqual([])
  })

  it.each(Object.entries(MUTATIONS))('notices a storage that %s', async (name, mutate) => {
    const [failed] = await model(mutate)
    // The message is enough to run it again, and short enough to be read.
    expect(failed?.message).toMatch(/seed: -?\d+/)
    const counterexample = failed?.message.match(/Counterexample: (.*)/)?.[1] as string
    const [steps] = JSON.parse(counterexample) as [{ do: string }[]]
    const found = steps.map((step) => step.do).join(', ')
    console.log(`${name}: ${found === '' ? 'while preparing' : found}`)
    expect(steps.length).toBeLessThan(10)
  })
})
