import type {
  AdmitCommand,
  AdmitResult,
  AppliedAndClaimed,
  ApplyCommand,
  ApplyResult,
  ClaimCommand,
  DueItem,
  GenerationRow,
  Limit,
  LimitCommand,
  PostCommand,
  PostResult,
  RenewCommand,
  RenewResult,
  StartCommand,
  StartResult,
} from '@genqueue/core'
import { isTogether, type Method, timeOf } from '../observer/observer.js'

/** A storage call and its answer, in few words; generations are `#12`. */
export function describeCall(method: Method, command: unknown, answer: unknown, since: number): string {
  if (isTogether(command)) {
    const { applied, claimed } = answer as AppliedAndClaimed
    const both = [
      describeCall('apply', command.apply, applied, since),
      describeCall('claim', command.claim, claimed, since),
    ]
    return both.join('; and ')
  }
  const describe = DESCRIBE[method]
  const at = timeOf(command)
  const time = at === undefined ? '' : ` @${((at - since) / 1_000).toFixed(3)}`
  return `${method}${time}${describe === undefined ? '' : ` ${describe(command as never, answer as never)}`}`
}

const ok = (result: { ok: boolean } | undefined, good: string): string =>
  result === undefined ? 'nothing' : result.ok ? good : (result as unknown as { code: string }).code

const list = <Item, Result>(
  items: readonly Item[],
  results: readonly Result[],
  say: (item: Item, result: Result) => string,
) => items.map((item, i) => say(item, results[i] as Result)).join('; ')

const DESCRIBE: { readonly [Name in Method]?: (command: never, answer: never) => string } = {
  admit: ({ items }: AdmitCommand, results: AdmitResult[]) =>
    list(items, results, (item, result) => {
      const { userId, modelId, ticketCost, priority, leaseToken, idempotencyKey } = item
      const how = `${ticketCost} of ${userId} for ${modelId}, key ${idempotencyKey}${priority === 0 ? '' : `, priority ${priority}`}`
      const made = result?.ok
        ? `#${result.queueId} ${result.status}${result.duplicate ? ' already' : ''}`
        : ''
      return `${how}${leaseToken === null ? '' : `, start under ${leaseToken}`} -> ${ok(result, made)}`
    }),
  claim: ({ tokens, modelIds, again }: ClaimCommand, rows: GenerationRow[]) =>
    `${again ? 'again ' : ''}${tokens.length} of ${modelIds?.join(', ') ?? 'all'} -> ${rows.length === 0 ? 'none' : rows.map(startOf).join(', ')}`,
  start: ({ items }: StartCommand, results: StartResult[]) =>
    list(
      items,
      results,
      (item, result) => `#${item.queueId} -> ${result.ok ? startOf(result.row) : result.code}`,
    ),
  apply: ({ items }: ApplyCommand, results: ApplyResult[]) =>
    list(items, results, (item, result) => {
      const { queueId, moves, token, ticketsUsed, delayMs } = item
      const events = [...new Set(moves.map(({ event }) => event))].join('/')
      const used = ticketsUsed === null ? '' : `, uses ${ticketsUsed}`
      const delay = delayMs === 0 ? '' : `, not before ${delayMs} ms`
      const done = result?.ok ? `${result.repeated ? 'again ' : ''}${result.event}` : ''
      return `${events} #${queueId} under ${token ?? 'no lease'}${used}${delay} -> ${ok(result, done)}`
    }),
  renew: ({ items, leaseMs }: RenewCommand, results: RenewResult[]) =>
    list(
      items,
      results,
      (item, result) => `#${item.queueId} under ${item.token} -> ${ok(result, `${leaseMs} ms`)}`,
    ),
  post: ({ items }: PostCommand, results: PostResult[]) =>
    list(items, results, ({ userId, amount, key }, result) => {
      const again = result?.ok && result.repeated ? 'again ' : ''
      const left = result?.ok ? `balance ${result.account.balance}, reserved ${result.account.reserved}` : ''
      return `${amount} to ${userId}, key ${key} -> ${ok(result, again + left)}`
    }),
  limit: ({ items }: LimitCommand, limits: Limit[]) =>
    list(items, limits, ({ modelId }, limit) => {
      const state = `${limit?.active} of ${limit?.maxConcurrent} taken${limit?.paused ? ', paused' : ''}`
      return `${modelId} -> ${state}`
    }),
  due: ({ what }: { what: string }, items: DueItem[]) =>
    `${what} -> ${items.length === 0 ? 'none' : items.map(({ queueId }) => `#${queueId}`).join(', ')}`,
  get: (ids: number[], rows: (GenerationRow | null)[]) =>
    list(ids, rows, (id, row) => `#${id} -> ${row?.status ?? 'none'}`),
  purge: (_: unknown, removed: number) => `-> ${removed} removed`,
}

const startOf = ({ queueId, modelId, attempt, leaseToken }: GenerationRow): string =>
  `#${queueId} (${modelId}, attempt ${attempt}) under ${leaseToken}`
