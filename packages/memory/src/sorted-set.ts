/** Entries of a chunk. Within it things move by memmove; a million entries make about a thousand chunks. */
const CHUNK_MAX = 1_024

/** Only the first chunk has empty places, at its front. */
type Chunk<Member> = (Member | undefined)[]

/**
 * A sorted set with ranks, as a list of sorted chunks. Insert, delete and rank cost two binary searches and a
 * memmove within one chunk; the rank adds the sizes of the chunks on the nearer side, which stand side by side in
 * one array: a microsecond or two at a million entries. A tree would have the better order but costs an object per
 * entry, and memory is the scarcer thing. `compare` must never answer 0 for two different members.
 */
export class SortedSet<Member> {
  readonly #compare: (a: Member, b: Member) => number
  readonly #chunks: Chunk<Member>[] = []
  /** Members of each chunk: adding these up is ten times as fast as asking each chunk. */
  readonly #sizes: number[] = []
  /** Where the members of the first chunk begin: what leaves is mostly the first, and nothing is moved for it. */
  #start = 0
  readonly #chunkMax: number
  #size = 0

  constructor(compare: (a: Member, b: Member) => number, chunkMax = CHUNK_MAX) {
    this.#compare = compare
    this.#chunkMax = chunkMax
  }

  get size(): number {
    return this.#size
  }

  first(): Member | undefined {
    return this.#size === 0 ? undefined : (this.#chunks[0] as Chunk<Member>)[this.#start]
  }

  add(member: Member): void {
    this.#size += 1
    if (this.#append(member)) return
    const at = this.#chunkOf(member)
    const chunk = this.#chunks[at] as Chunk<Member>
    chunk.splice(this.#indexIn(at, member), 0, member)
    this.#sizes[at] = (this.#sizes[at] as number) + 1
    if ((this.#sizes[at] as number) > this.#chunkMax) this.#split(at, chunk)
  }

  /** false when it was not there. */
  delete(member: Member): boolean {
    if (this.#size === 0) return false
    // Settled in the order of starting, claimed in the order of the queue.
    if ((this.#chunks[0] as Chunk<Member>)[this.#start] === member) {
      this.#deleteFirst()
      return true
    }
    const at = this.#chunkOf(member)
    const chunk = this.#chunks[at] as Chunk<Member>
    const index = this.#indexIn(at, member)
    if (index === chunk.length || this.#compare(chunk[index] as Member, member) !== 0) return false
    if (index === chunk.length - 1) chunk.pop()
    else chunk.splice(index, 1)
    this.#size -= 1
    this.#sizes[at] = (this.#sizes[at] as number) - 1
    // Small chunks join a neighbour that has room, so that chunks stay few.
    if ((this.#sizes[at] as number) < this.#chunkMax / 4) this.#shrunk(at)
    return true
  }

  /** How many members stand before this one, whether or not it is a member. */
  rank(member: Member): number {
    if (this.#size === 0) return 0
    const newest = this.#chunks[this.#chunks.length - 1] as Chunk<Member>
    if (newest[newest.length - 1] === member) return this.#size - 1
    const sizes = this.#sizes
    const at = this.#chunkOf(member)
    const index = this.#indexIn(at, member) - this.#startOf(at)
    let count = 0
    if (at < sizes.length / 2) {
      for (let i = 0; i < at; i++) count += sizes[i] as number
      return count + index
    }
    for (let i = at; i < sizes.length; i++) count += sizes[i] as number
    return this.#size - count + index
  }

  /** From the first on, or from the first that stands after `after`. */
  *ascending(after?: Member): Generator<Member> {
    let at = after === undefined || this.#size === 0 ? 0 : this.#chunkOf(after)
    for (; at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] as Chunk<Member>
      for (let index = this.#startOf(at); index < chunk.length; index++) {
        const member = chunk[index] as Member
        if (after === undefined || this.#compare(member, after) > 0) yield member
      }
    }
  }

  /** From the last on, or from the last that stands before `before`. */
  *descending(before?: Member): Generator<Member> {
    if (this.#size === 0) return
    let at = before === undefined ? this.#chunks.length - 1 : this.#chunkOf(before)
    let index = before === undefined ? Number.POSITIVE_INFINITY : this.#indexIn(at, before)
    for (; at >= 0; at--) {
      const chunk = this.#chunks[at] as Chunk<Member>
      const start = this.#startOf(at)
      for (let i = Math.min(index, chunk.length) - 1; i >= start; i--) yield chunk[i] as Member
      index = Number.POSITIVE_INFINITY
    }
  }

  /** Arrivals come mostly in order: a full last chunk stays full, and the next one begins. */
  #append(member: Member): boolean {
    const last = this.#chunks.length - 1
    const newest = this.#chunks[last]
    if (newest !== undefined && this.#compare(newest[newest.length - 1] as Member, member) > 0) return false
    if (newest === undefined || newest.length >= this.#chunkMax) {
      this.#chunks.push([member])
      this.#sizes.push(1)
    } else {
      newest.push(member)
      this.#sizes[last] = (this.#sizes[last] as number) + 1
    }
    return true
  }

  #deleteFirst(): void {
    const [chunk, size] = [this.#chunks[0] as Chunk<Member>, this.#sizes[0] as number]
    this.#size -= 1
    this.#sizes[0] = size - 1
    if (size === 1) {
      this.#drop(0)
      return
    }
    chunk[this.#start] = undefined
    this.#start += 1
  }

  #split(at: number, chunk: Chunk<Member>): void {
    const size = this.#sizes[at] as number
    const lower = size >> 1
    this.#chunks.splice(at + 1, 0, chunk.splice(this.#startOf(at) + lower))
    this.#sizes[at] = lower
    this.#sizes.splice(at + 1, 0, size - lower)
  }

  /** A small chunk goes when it is empty, or joins a neighbour when both together leave half a chunk of room. */
  #shrunk(at: number): void {
    if (this.#sizes[at] === 0) this.#drop(at)
    else if (!this.#join(at - 1)) this.#join(at)
  }

  #join(at: number): boolean {
    const [chunk, next] = [this.#chunks[at], this.#chunks[at + 1]]
    if (chunk === undefined || next === undefined) return false
    const size = (this.#sizes[at] as number) + (this.#sizes[at + 1] as number)
    if (size > this.#chunkMax / 2) return false
    for (const member of next) chunk.push(member)
    this.#sizes[at] = size
    this.#drop(at + 1)
    return true
  }

  #drop(at: number): void {
    this.#chunks.splice(at, 1)
    this.#sizes.splice(at, 1)
    if (at === 0) this.#start = 0
  }

  #startOf(at: number): number {
    return at === 0 ? this.#start : 0
  }

  /** The last chunk whose first member is not after this one. */
  #chunkOf(member: Member): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#compare((this.#chunks[middle] as Chunk<Member>)[0] as Member, member) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Where in the chunk it is, or would be. */
  #indexIn(at: number, member: Member): number {
    const chunk = this.#chunks[at] as Chunk<Member>
    let low = this.#startOf(at)
    let high = chunk.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(chunk[middle] as Member, member) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
