import type { Books, Known, Model } from './books.js'

/** Higher priority, then first queued, then lower number. */
export const goesBefore = (a: Known, b: Known): boolean =>
  a.priority !== b.priority
    ? a.priority > b.priority
    : a.queuedAt !== b.queuedAt
      ? a.queuedAt < b.queuedAt
      : a.queueId < b.queueId

/** It may start at `at`: its delay, if it has one, is over. */
export const mayStart = ({ notBefore }: Known, at: number): boolean => notBefore === null || notBefore <= at

/** Its delay is over by some clock that a command went by before: a storage may have noticed that for good. */
export const mightStart = (books: Books, known: Known, at: number): boolean =>
  mayStart(known, Math.max(at, books.latestAt))

/** Who of the model is next; undefined when nobody may start. */
export function nextOf({ waiting }: Model, at: number): Known | undefined {
  let next: Known | undefined
  for (const known of waiting) {
    if (mayStart(known, at) && (next === undefined || goesBefore(known, next))) next = known
  }
  return next
}

/** How many stand before it: those that surely do, and those that might. */
export function aheadOf(books: Books, known: Known, at: number): { surely: number; atMost: number } {
  let [surely, atMost] = [0, 0]
  for (const other of books.model(known.modelId).waiting) {
    if (!goesBefore(other, known)) continue
    if (mayStart(other, at)) surely += 1
    if (mightStart(books, other, at)) atMost += 1
  }
  return { surely, atMost }
}

export const freeSlots = ({ cap, leased, paused }: Model): number =>
  paused ? 0 : Math.max(0, cap - leased.size)
