import type { Random } from '../../chaos/random.js'

/** Whose event it is: a dead process does nothing more, a frozen one does it later. */
export interface Owner {
  readonly alive: boolean
  /** Virtual time; 0 when it is not frozen. */
  readonly frozenUntil: number
}

type Act = () => void | Promise<void>

interface Due {
  at: number
  readonly tie: number
  readonly owner: Owner | null
  readonly act: Act
  off: boolean
}

const START_MS = 1_700_000_000_000

/** Virtual time, and all that is going to happen in it. What falls on the same millisecond happens in random order. */
export class Scheduler {
  readonly startedAt = START_MS
  now = START_MS
  readonly #random: Random
  readonly #heap: Due[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /** Answers how to call it off. */
  after(delayMs: number, act: Act, owner: Owner | null = null): () => void {
    const at = this.now + Math.max(0, Math.ceil(delayMs))
    const due: Due = { at, tie: this.#random.next(), owner, act, off: false }
    this.#push(due)
    return () => {
      due.off = true
    }
  }

  /** Moves time to the next event and answers it; null when nothing will ever happen again. */
  next(): Act | null {
    for (let due = this.#pop(); due !== undefined; due = this.#pop()) {
      const { owner } = due
      if (due.off || owner?.alive === false) continue
      if (owner !== null && owner.frozenUntil > due.at) {
        due.at = owner.frozenUntil
        this.#push(due)
        continue
      }
      this.now = Math.max(this.now, due.at)
      return due.act
    }
    return null
  }

  #push(due: Due): void {
    const heap = this.#heap
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!sooner(due, heap[parent] as Due)) break
      heap[at] = heap[parent] as Due
      at = parent
    }
    heap[at] = due
  }

  #pop(): Due | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && sooner(heap[child + 1] as Due, heap[child] as Due)) child += 1
      if (!sooner(heap[child] as Due, last)) break
      heap[at] = heap[child] as Due
      at = child
    }
    heap[at] = last
    return first
  }
}

const sooner = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && a.tie < b.tie)
