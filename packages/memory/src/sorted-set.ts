/** Entries of a chunk. Within it things move by memmove; a million entries make about a thousand chunks. */
const CHUNK_MAX = 1_024

/**
 * A sorted set with ranks, as a list of sorted chunks. Insert, delete and rank cost two binary searches, a
 * memmove within one chunk, and for the rank a sum over the chunks on the nearer side: about a microsecond at a
 * million entries. A tree would have the better order but costs an object per entry, and memory is the scarcer thing.
 * `compare` must never answer 0 for two different members.
 */
export class SortedSet<Member> {
  readonly #compare: (a: Member, b: Member) => number
  #chunks: Member[][] = []
  #size = 0

  constructor(compare: (a: Member, b: Member) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#size
  }

  first(): Member | undefined {
    return this.#chunks[0]?.[0]
  }

  add(member: Member): void {
    this.#size += 1
    if (this.#chunks.length === 0) {
      this.#chunks.push([member])
      return
    }
    const at = this.#chunkOf(member)
    const chunk = this.#chunks[at] as Member[]
    const last = at === this.#chunks.length - 1
    if (last && chunk.length >= CHUNK_MAX && this.#compare(chunk[chunk.length - 1] as Member, member) < 0) {
      // Arrivals come mostly in order: a full last chunk stays full, and the next one begins.
      this.#chunks.push([member])
      return
    }
    chunk.splice(this.#indexIn(chunk, member), 0, member)
    if (chunk.length > CHUNK_MAX) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_MAX / 2))
  }

  /** false when it was not there. */
  delete(member: Member): boolean {
    if (this.#chunks.length === 0) return false
    const at = this.#chunkOf(member)
    const chunk = this.#chunks[at] as Member[]
    const index = this.#indexIn(chunk, member)
    if (index === chunk.length || this.#compare(chunk[index] as Member, member) !== 0) return false
    this.#size -= 1
    if (chunk.length === 1) this.#chunks.splice(at, 1)
    else if (index === 0) chunk.shift()
    else chunk.splice(index, 1)
    return true
  }

  /** How many members stand before this one, whether or not it is a member. */
  rank(member: Member): number {
    if (this.#chunks.length === 0) return 0
    const at = this.#chunkOf(member)
    const index = this.#indexIn(this.#chunks[at] as Member[], member)
    let count = 0
    if (at < this.#chunks.length / 2) {
      for (let i = 0; i < at; i++) count += (this.#chunks[i] as Member[]).length
      return count + index
    }
    for (let i = at; i < this.#chunks.length; i++) count += (this.#chunks[i] as Member[]).length
    return this.#size - count + index
  }

  /** From the first on, or from the first that stands after `after`. */
  *ascending(after?: Member): Generator<Member> {
    let at = after === undefined || this.#chunks.length === 0 ? 0 : this.#chunkOf(after)
    for (; at < this.#chunks.length; at++) {
      for (const member of this.#chunks[at] as Member[]) {
        if (after === undefined || this.#compare(member, after) > 0) yield member
      }
    }
  }

  /** From the last on, or from the last that stands before `before`. */
  *descending(before?: Member): Generator<Member> {
    if (this.#chunks.length === 0) return
    let at = before === undefined ? this.#chunks.length - 1 : this.#chunkOf(before)
    let index =
      before === undefined ? Number.POSITIVE_INFINITY : this.#indexIn(this.#chunks[at] as Member[], before)
    for (; at >= 0; at--) {
      const chunk = this.#chunks[at] as Member[]
      for (let i = Math.min(index, chunk.length) - 1; i >= 0; i--) yield chunk[i] as Member
      index = Number.POSITIVE_INFINITY
    }
  }

  /** The last chunk whose first member is not after this one. */
  #chunkOf(member: Member): number {
    let low = 0
    let high = this.#chunks.length - 1
    const newest = this.#chunks[high] as Member[]
    if (this.#compare(newest[0] as Member, member) <= 0) return high
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#compare((this.#chunks[middle] as Member[])[0] as Member, member) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Where in the chunk it is, or would be. */
  #indexIn(chunk: readonly Member[], member: Member): number {
    let low = 0
    let high = chunk.length
    if (high > 0 && this.#compare(chunk[high - 1] as Member, member) < 0) return high
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(chunk[middle] as Member, member) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
