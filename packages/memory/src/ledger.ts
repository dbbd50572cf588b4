import type { Change, LedgerEntry, LedgerKind, LedgerLine, LineTaker } from '@genqueue/core'

/** Numbers of one entry, in this order: at, entryId, kind, amount, balance, reserved, queueId (0: none). */
const WIDTH = 7
/** Entries of a chunk: a user of few has little, and the chunks of one of many double up to the larger. */
const CHUNK_MIN = 4
const CHUNK_MAX = 256

const KINDS = ['grant', 'revoke', 'reserve', 'capture', 'refund'] as const satisfies readonly LedgerKind[]
const CODES = Object.fromEntries(KINDS.map((kind, code) => [kind, code])) as Record<LedgerKind, number>

/** Numbers the entries of all ledgers of a storage, in the order of writing. */
export class EntryIds {
  #last = 0

  next(): number {
    this.#last += 1
    return this.#last
  }
}

/** What a grant or revocation has that other entries have not. */
interface Note {
  readonly key: string | null
  readonly memo: string | null
}

/**
 * One user's ticket history, oldest first. Several entries are written in every life of a generation and hardly ever
 * read, so they are kept as numbers in chunks: 56 bytes each that the garbage collector neither walks nor copies, where objects
 * took 150.
 */
export class Ledger implements LineTaker {
  readonly userId: string
  readonly #entryIds: EntryIds
  readonly #chunks: Float64Array[] = []
  /** Where the oldest entry begins in the first chunk, and where the next one goes in the last. */
  #start = 0
  #end = 0
  /** By entry id: grants and revocations only. */
  #notes: Map<number, Note> | undefined
  /** Entry id of a grant or revocation by its key. */
  #keys: Map<string, number> | undefined

  constructor(userId: string, entryIds: EntryIds) {
    this.userId = userId
    this.#entryIds = entryIds
  }

  /** Time and id of the oldest entry; undefined when there is none. */
  oldest(): { readonly at: number; readonly entryId: number } | undefined {
    const chunk = this.#chunks[0]
    return chunk && { at: chunk[this.#start] as number, entryId: chunk[this.#start + 1] as number }
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  /** A grant or revocation. */
  add({ at, kind, amount, balance, reserved, queueId, key, memo }: LedgerLine): void {
    const entryId = this.#write(at, kind, amount, balance, reserved, queueId ?? 0)
    if (key === null && memo === null) return
    this.#notes ??= new Map()
    this.#notes.set(entryId, { key, memo })
    if (key === null) return
    this.#keys ??= new Map()
    this.#keys.set(key, entryId)
  }

  takeLine({ at, row }: Change, kind: LedgerKind, amount: number, balance: number, reserved: number): void {
    this.#write(at, kind, amount, balance, reserved, row.queueId)
  }

  /** The grant or revocation under a key. */
  posted(key: string): LedgerEntry | undefined {
    const entryId = this.#keys?.get(key)
    if (entryId === undefined) return undefined
    return this.descending(entryId + 1).next().value as LedgerEntry
  }

  /** Newest first, from the first below the id `before` on; only those of one generation, or all. */
  *descending(before = Number.POSITIVE_INFINITY, queueId: number | null = null): Generator<LedgerEntry> {
    for (let at = this.#chunkBelow(before); at >= 0; at--) {
      const chunk = this.#chunks[at] as Float64Array
      const start = at === 0 ? this.#start : 0
      const end = at === this.#chunks.length - 1 ? this.#end : chunk.length
      for (let index = end - WIDTH; index >= start; index -= WIDTH) {
        if ((chunk[index + 1] as number) >= before) continue
        if (queueId === null || chunk[index + 6] === queueId) yield this.#entry(chunk, index)
      }
    }
  }

  /** Forgets the oldest entries up to `before`, at most `max`; answers how many. */
  purge(before: number, max: number): number {
    for (let removed = 0; removed < max; removed++) {
      const oldest = this.oldest()
      if (oldest === undefined || oldest.at > before) return removed
      this.#forgetNote(oldest.entryId)
      this.#start += WIDTH
      const isLast = this.#chunks.length === 1
      if (this.#start === (isLast ? this.#end : this.#chunks[0]?.length)) {
        this.#chunks.shift()
        this.#start = 0
      }
    }
    return max
  }

  /** Answers the entry's id. */
  #write(
    at: number,
    kind: LedgerKind,
    amount: number,
    balance: number,
    reserved: number,
    queueId: number,
  ): number {
    const entryId = this.#entryIds.next()
    const chunk = this.#chunkWithRoom()
    const to = this.#end
    chunk[to] = at
    chunk[to + 1] = entryId
    chunk[to + 2] = CODES[kind]
    chunk[to + 3] = amount
    chunk[to + 4] = balance
    chunk[to + 5] = reserved
    chunk[to + 6] = queueId
    this.#end = to + WIDTH
    return entryId
  }

  #chunkWithRoom(): Float64Array {
    const last = this.#chunks[this.#chunks.length - 1]
    if (last !== undefined && this.#end < last.length) return last
    const size = last === undefined ? CHUNK_MIN * WIDTH : Math.min(2 * last.length, CHUNK_MAX * WIDTH)
    const chunk = new Float64Array(size)
    this.#chunks.push(chunk)
    this.#end = 0
    return chunk
  }

  #forgetNote(entryId: number): void {
    const note = this.#notes?.get(entryId)
    if (note === undefined) return
    this.#notes?.delete(entryId)
    if (note.key !== null) this.#keys?.delete(note.key)
  }

  #entry(chunk: Float64Array, index: number): LedgerEntry {
    const number = (offset: number) => chunk[index + offset] as number
    const entryId = number(1)
    const queueId = number(6)
    const note = this.#notes?.get(entryId)
    return {
      entryId,
      userId: this.userId,
      at: number(0),
      kind: KINDS[number(2)] as LedgerKind,
      amount: number(3),
      balance: number(4),
      reserved: number(5),
      queueId: queueId === 0 ? null : queueId,
      key: note?.key ?? null,
      memo: note?.memo ?? null,
    }
  }

  /** The last chunk whose first entry stands below the id; -1 when there is none. */
  #chunkBelow(before: number): number {
    let low = -1
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      // What was purged from the first chunk still stands there; it only makes the look begin one chunk too early.
      if (((this.#chunks[middle] as Float64Array)[1] as number) < before) low = middle
      else high = middle - 1
    }
    return low
  }
}
