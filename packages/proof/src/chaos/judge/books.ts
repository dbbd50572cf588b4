import type { StoredBooks, StoredGeneration, StoredLine } from '../evidence/evidence.js'
import type { Entry } from '../log.js'
import { type Account, judgeAccounts } from './accounts.js'
import type { Run } from './runs.js'

export interface BooksReport {
  /** Generations in the storage, by how they ended. */
  readonly ended: Readonly<Record<string, number>>
  /** Accepted, told to somebody, and then not there, not ended, or not what was told. */
  readonly lost: readonly string[]
  /** The same request in the storage twice, or one generation settled twice. */
  readonly doubled: readonly string[]
  /** Tickets that are not where the producers' and workers' own notes say they must be. */
  readonly tickets: readonly string[]
}

/** What the processes noted of the requests they sent. */
interface Notes {
  readonly wants: ReadonlyMap<string, Entry & { what: 'want' }>
  readonly got: ReadonlyMap<string, ReadonlySet<number>>
  readonly cancels: ReadonlyMap<number, { done: boolean }>
  readonly told: ReadonlyMap<number, readonly (Entry & { what: 'told' })[]>
}

/** Compares the processes' own notes with the storage's rows after everything has ended. */
export function judgeBooks(entries: readonly Entry[], runs: readonly Run[], books: StoredBooks): BooksReport {
  const notes = notesOf(entries)
  const runsById = grouped(runs, (run) => run.queueId)
  const linesById = grouped(books.ledger, (line) => line.queueId)
  const ended: Record<string, number> = {}
  const lost = lostAnswers(notes, books.generations)
  const doubled = doubledAnswers(notes, books.generations)
  const tickets: string[] = []
  const accounts = new Map<string, Account>()
  for (const generation of books.generations) {
    const { queueId, status, userId } = generation
    ended[status] = (ended[status] ?? 0) + 1
    const mine = runsById.get(queueId) ?? []
    lost.push(...unexplained(generation, notes, mine))
    doubled.push(...settledTwice(queueId, notes.told.get(queueId) ?? [], linesById.get(queueId) ?? []))
    const cost = notes.wants.get(generation.key)?.cost ?? 0
    const used = status === 'completed' ? billed(mine) : 0
    tickets.push(...wrongLines(queueId, cost, used, linesById.get(queueId) ?? []))
    const account = accounts.get(userId) ?? { spent: 0 }
    accounts.set(userId, { spent: account.spent + used })
  }
  tickets.push(...judgeAccounts(entries, books, accounts))
  lost.push(...lostSlots(books))
  return { ended, lost, doubled, tickets }
}

function notesOf(entries: readonly Entry[]): Notes {
  const wants = new Map<string, Entry & { what: 'want' }>()
  const got = new Map<string, Set<number>>()
  const cancels = new Map<number, { done: boolean }>()
  const told = new Map<number, (Entry & { what: 'told' })[]>()
  for (const entry of entries) {
    if (entry.what === 'want') wants.set(entry.key, entry)
    else if (entry.what === 'got') got.set(entry.key, (got.get(entry.key) ?? new Set()).add(entry.queueId))
    else if (entry.what === 'told') told.set(entry.queueId, [...(told.get(entry.queueId) ?? []), entry])
    else if (entry.what === 'cancel')
      cancels.set(entry.queueId, cancels.get(entry.queueId) ?? { done: false })
    else if (entry.what === 'cancelled' && entry.code === null) cancels.set(entry.queueId, { done: true })
  }
  return { wants, got, cancels, told }
}

/** A slot that stays taken when nothing runs any more is lost to its model. */
const lostSlots = ({ active }: StoredBooks) =>
  Object.entries(active)
    .filter(([, taken]) => taken !== 0)
    .map(([modelId, taken]) => `${modelId}: ${taken} slots are counted as taken, and nothing runs`)

function lostAnswers({ got }: Notes, generations: readonly StoredGeneration[]): string[] {
  const stored = new Set(generations.map(({ key, queueId }) => `${key} ${queueId}`))
  return [...got].flatMap(([key, ids]) =>
    [...ids]
      .filter((id) => !stored.has(`${key} ${id}`))
      .map((id) => `request ${key} was accepted as ${id}, which is not in the storage`),
  )
}

function doubledAnswers({ got, wants }: Notes, generations: readonly StoredGeneration[]): string[] {
  const answers = [...got]
    .filter(([, ids]) => ids.size > 1)
    .map(([key, ids]) => `request ${key} was accepted as ${[...ids].join(' and ')}`)
  const rows = [...grouped(generations, ({ key }) => key)]
    .filter(([, same]) => same.length > 1)
    .map(([key, same]) => `request ${key} stands ${same.length} times in the storage`)
  const strangers = generations
    .filter(({ key }) => !wants.has(key))
    .map(({ queueId }) => `nobody asked for generation ${queueId}`)
  return [...answers, ...rows, ...strangers]
}

/** Why a generation cannot have ended as the storage says, if so. */
function unexplained(
  { queueId, status, key, modelId, userId }: StoredGeneration,
  notes: Notes,
  runs: readonly Run[],
) {
  const name = `generation ${queueId}`
  const want = notes.wants.get(key)
  const findings: string[] = []
  if (want !== undefined && (want.modelId !== modelId || want.userId !== userId)) {
    findings.push(`${name} is of another user or model than was asked for`)
  }
  const cancel = notes.cancels.get(queueId)
  const told = new Set((notes.told.get(queueId) ?? []).map(({ end }) => end))
  const explained: Readonly<Record<string, boolean>> = {
    completed: runs.some(({ how }) => how === 'made'),
    failed: runs.some(({ how }) => how === 'refused'),
    cancelled: cancel !== undefined,
  }
  if (explained[status] === undefined) findings.push(`${name} never ended: ${status}`)
  else if (!explained[status]) findings.push(`${name} is ${status}, and nobody did that`)
  for (const end of ['completed', 'failed']) {
    if (told.has(end) && status !== end) findings.push(`${name} was told to be ${end} but is ${status}`)
  }
  if (cancel?.done && status !== 'cancelled')
    findings.push(`${name} was told to be cancelled but is ${status}`)
  return findings
}

function settledTwice(
  queueId: number,
  told: readonly (Entry & { what: 'told' })[],
  lines: readonly StoredLine[],
): string[] {
  const settles = told.filter(({ end }) => end === 'completed' || end === 'failed')
  const findings: string[] = []
  if (settles.length > 1) {
    findings.push(`generation ${queueId} was settled by ${settles.map(({ who }) => who).join(' and ')}`)
  }
  for (const kind of ['reserve', 'capture', 'refund']) {
    const times = lines.filter((line) => line.kind === kind).length
    if (times > 1) findings.push(`generation ${queueId} has ${times} lines of ${kind}`)
  }
  return findings
}

/** What the provider billed: every attempt of a generation that made its picture bills the same. */
const billed = (runs: readonly Run[]): number => runs.find(({ how }) => how === 'made')?.used ?? 0

function wrongLines(queueId: number, cost: number, used: number, lines: readonly StoredLine[]): string[] {
  const sum = (kind: string) =>
    lines.filter((line) => line.kind === kind).reduce((total, line) => total + line.amount, 0)
  const found = { reserve: sum('reserve'), capture: sum('capture'), refund: sum('refund') }
  const due = { reserve: cost, capture: used, refund: cost - used }
  return JSON.stringify(found) === JSON.stringify(due)
    ? []
    : [`generation ${queueId}: ledger has ${JSON.stringify(found)}, must have ${JSON.stringify(due)}`]
}

function grouped<Value, Key>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}
