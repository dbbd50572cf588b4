import type { LedgerEntry, LedgerKind, LedgerLine } from '@genqueue/core'

/** Numbers of one entry, in this order: at, entryId, kind, amount, balance, reserved, queueId (0: none). */
const WIDTH = 7
const CHUNK_ENTRIES = 256

const KINDS = ['grant', 'revoke', 'reserve', 'capture', 'refund'] as const satisfies readonly LedgerKind[]
const CODES = Object.fromEntries(KINDS.map((kind, code) => [kind, code])) as Record<LedgerKind, number>

/** What a grant or revocation has that other entries have not. */
interface Note {
  readonly key: string | null
  readonly memo: string | null
}

/**
 * One user's ticket history, oldest first. Several entries are written in every life of a generation and hardly ever
 * read, so they are kept as plain numbers in chunks: 56 bytes each, nothing for the garbage collector to walk, where
 * objects took 150.
 */
export class Ledger {
  readonly userId: string
  readonly #chunks: number[][] = []
  /** By entry id: grants and revocations only. */
  #notes: Map<number, Note> | undefined
  /** Entry id of a grant or revocation by its key. */
  #keys: Map<string, number> | undefined

  constructor(userId: string) {
    this.userId = userId
  }

  /** Time and id of the oldest entry; undefined when there is none. */
  oldest(): { readonly at: number; readonly entryId: number } | undefined {
    const chunk = this.#chunks[0]
    return chunk && { at: chunk[0] as number, entryId: chunk[1] as number }
  }

  add(entryId: number, line: LedgerLine): void {
    let chunk = this.#chunks[this.#chunks.length - 1]
    if (chunk === undefined || chunk.length === CHUNK_ENTRIES * WIDTH) {
      chunk = []
      this.#chunks.push(chunk)
    }
    const { at, kind, amount, balance, reserved, queueId, key, memo } = line
    chunk.push(at, entryId, CODES[kind], amount, balance, reserved, queueId ?? 0)
    if (key === null && memo === null) return
    this.#notes ??= new Map()
    this.#notes.set(entryId, { key, memo })
    if (key === null) return
    this.#keys ??= new Map()
    this.#keys.set(key, entryId)
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
      const chunk = this.#chunks[at] as number[]
      for (let index = chunk.length - WIDTH; index >= 0; index -= WIDTH) {
        if ((chunk[index + 1] as number) >= before) continue
        if (queueId === null || chunk[index + 6] === queueId) yield this.#entry(chunk, index)
      }
    }
  }

  /** Forgets the oldest entries up to `before`, at most `max`; answers how many. */
  purge(before: number, max: number): number {
    let removed = 0
    while (removed < max) {
      const chunk = this.#chunks[0]
      if (chunk === undefined) break
      let old = 0
      while (removed + old < max && (chunk[old * WIDTH] ?? Number.POSITIVE_INFINITY) <= before) old += 1
      if (old === 0) break
      for (let i = 0; i < old; i++) this.#forgetNote(chunk[i * WIDTH + 1] as number)
      chunk.splice(0, old * WIDTH)
      if (chunk.length === 0) this.#chunks.shift()
      removed += old
    }
    return removed
  }

  #forgetNote(entryId: number): void {
    const note = this.#notes?.get(entryId)
    if (note === undefined) return
    this.#notes?.delete(entryId)
    if (note.key !== null) this.#keys?.delete(note.key)
  }

  #entry(chunk: readonly number[], index: number): LedgerEntry {
    const [at, entryId, code, amount, balance, reserved, queueId] = chunk.slice(index, index + WIDTH) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const note = this.#notes?.get(entryId)
    return {
      entryId,
      userId: this.userId,
      at,
      kind: KINDS[code] as LedgerKind,
      amount,
      balance,
      reserved,
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
      if (((this.#chunks[middle] as number[])[1] as number) < before) low = middle
      else high = middle - 1
    }
    return low
  }
}
