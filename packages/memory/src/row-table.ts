import type { StoredRow } from './stored-row.js'

const CHUNK = 1_024

/**
 * Rows by their id. Ids are given out one after the other, so a row stands at its number in a chunk of an array: eight
 * bytes a row, no hashing, no rehashing of millions at once. A chunk goes when its last row is removed.
 */
export class RowTable {
  readonly #chunks: ((StoredRow | undefined)[] | undefined)[] = []
  readonly #alive: number[] = []
  #lastId = 0

  /** The id of a row to come: 1, 2, 3 ... */
  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  get(queueId: number): StoredRow | undefined {
    if (!(queueId >= 1 && queueId <= this.#lastId)) return undefined
    return this.#chunks[Math.floor(queueId / CHUNK)]?.[queueId % CHUNK]
  }

  add(row: StoredRow): void {
    const at = Math.floor(row.queueId / CHUNK)
    let chunk = this.#chunks[at]
    if (chunk === undefined) {
      chunk = new Array<StoredRow | undefined>(CHUNK).fill(undefined)
      this.#chunks[at] = chunk
      this.#alive[at] = 0
    }
    const index = row.queueId % CHUNK
    if (chunk[index] === undefined) this.#alive[at] = (this.#alive[at] as number) + 1
    chunk[index] = row
  }

  delete(queueId: number): void {
    const at = Math.floor(queueId / CHUNK)
    const chunk = this.#chunks[at]
    if (chunk?.[queueId % CHUNK] === undefined) return
    chunk[queueId % CHUNK] = undefined
    this.#alive[at] = (this.#alive[at] as number) - 1
    if (this.#alive[at] === 0) this.#chunks[at] = undefined
  }
}
