import {
  type AdmitItem,
  type AdmitResult,
  type ApplyItem,
  type ApplyResult,
  positionIn,
  runAdmit,
  runApply,
  runClaim,
  runLimit,
  runPost,
  runRenew,
  runStart,
  type Storage,
  StorageError,
  systemClock,
} from '@genqueue/core'
import { MemoryBooks } from './books.js'
import { Listeners } from './listeners.js'
import { mend } from './mend.js'
import { purge } from './purge.js'
import { auditPage, dueItems, ledgerPage, listRows, modelStats, modelsNamed, rowCopy } from './queries.js'

export interface MemoryStorageOptions {
  /** Default: the system's clock. */
  readonly clock?: { now(): number }
}

const BATCH_MAX = 1_000

/**
 * A storage in this process: fast, exact, gone with the process. Any number of queues may share it. Every command
 * is one synchronous run, so nothing can come between its decision and its writing.
 */
export function memoryStorage(options: MemoryStorageOptions = {}): Storage {
  const clock = options.clock ?? systemClock
  const books = new MemoryBooks()
  const listeners = new Listeners()
  let closed = false

  /** Every command passes here: one synchronous run on the books at one time. */
  const run = async <Result>(at: number | undefined, command: (at: number) => Result): Promise<Result> => {
    if (closed) throw new StorageError('the memory storage is closed', { transient: false })
    return command(at ?? clock.now())
  }
  const read = <Result>(query: () => Result): Promise<Result> => run(0, query)
  /** The model of which a move may have let something start. */
  const movedModel = ({ queueId }: ApplyItem, result: ApplyResult) =>
    result.ok && !result.repeated ? (books.row(queueId)?.modelId ?? null) : null

  return {
    name: 'memory',
    supports: {
      shared: false,
      durable: false,
      listen: true,
      transactions: false,
      batchMax: BATCH_MAX,
      batchesInFlight: 1,
    },
    open: () => run(0, () => {}),
    async close() {
      closed = true
      listeners.clear()
    },
    now: () => run(undefined, (at) => at),

    async admit(command) {
      const results = await run(command.at, (at) => runAdmit(books, command, at))
      listeners.wake(command.items, results, queuedModel)
      return results
    },
    claim: (command) => run(command.at, (at) => runClaim(books, command, at)),
    async applyAndClaim(command, claim) {
      const done = await run(command.at, (at) => ({
        applied: runApply(books, command, at),
        claimed: runClaim(books, claim, claim.at ?? at),
      }))
      listeners.wake(command.items, done.applied, movedModel)
      return done
    },
    start: (command) => run(command.at, (at) => runStart(books, command, at)),
    async apply(command) {
      const results = await run(command.at, (at) => runApply(books, command, at))
      listeners.wake(command.items, results, movedModel)
      return results
    },
    renew: (command) => run(command.at, (at) => runRenew(books, command, at)),
    post: (command) => run(command.at, (at) => runPost(books, command, at)),
    async limit(command) {
      const limits = await run(command.at, (at) => runLimit(books, command, at))
      listeners.wake(command.items, limits, (_, { modelId }) => modelId)
      return limits
    },
    purge: (command) => read(() => purge(books, command)),
    mend: (command) => read(() => mend(books, command)),

    get: (queueIds) => read(() => queueIds.map((id) => rowCopy(books, id))),
    list: (query) => read(() => listRows(books, query)),
    positions: ({ queueIds, at: time }) =>
      run(time, (at) => queueIds.map((id) => positionIn(books, books.row(id), at))),
    due: (query) => run(query.at, (at) => dueItems(books, query, at)),
    stats: (query) =>
      run(query.at, (at) => modelsNamed(books, query.modelIds).map((model) => modelStats(books, model, at))),
    rollups: ({ modelIds, fromHour }) =>
      read(() => modelsNamed(books, modelIds).flatMap((m) => [...m.rollups.from(m.limit.modelId, fromHour)])),
    accounts: (userIds) => read(() => userIds.map((id) => books.users.get(id)?.account ?? null)),
    ledger: (query) => read(() => ledgerPage(books, query)),
    limits: () =>
      read(() =>
        [...books.models.values()]
          .map((m) => ({ ...m.limit }))
          .sort((a, b) => (a.modelId < b.modelId ? -1 : 1)),
      ),
    audit: (query) => read(() => auditPage(books, query)),
    listen: (listener) =>
      run(0, () => {
        const stop = listeners.add(listener)
        return async () => stop()
      }),
  }
}

const queuedModel = ({ modelId }: AdmitItem, result: AdmitResult) =>
  result.ok && !result.duplicate && result.startedAt === null ? modelId : null
