import type { Move, Storage } from '@genqueue/core'
import { type Mutant, withMoves, withMovesOf } from './mutant.js'

/** Breaks of the rules: each is one cell of the table, written down wrongly. */
export const RULE_MUTANTS: readonly Mutant[] = [
  {
    name: 'skips the fence',
    storage: withMoves((move) => (move.guard === 'held' ? { ...move, guard: 'none' } : move)),
  },
  {
    name: 'takes back leases that have not lapsed',
    seed: 16,
    storage: withMoves((move) => (move.guard === 'lapsed' ? { ...move, guard: 'held' } : move)),
  },
  { name: 'drops the refund of a cancel', storage: withMovesOf(['cancel'], { reserve: 0 }) },
  { name: 'captures what failed', storage: withMovesOf(['fail'], { capture: 1 }) },
  { name: 'refunds what completed', storage: withMovesOf(['complete'], { capture: 0 }) },
  { name: 'forgets the slot of a retry', storage: withMovesOf(['retryLater'], { slot: 0 }) },
  { name: 'forgets the slot of a lapsed lease', storage: withMovesOf(['reclaim', 'giveUp'], { slot: 0 }) },
  { name: 'counts an attempt that was given back', storage: withMovesOf(['yield'], { attempt: 'keep' }) },
  { name: 'retries beyond the last attempt', storage: withMovesOf(['retryLater'], { attempts: 'any' }) },
  { name: 'queues again without a reservation', storage: withMovesOf(['resubmit'], { reserve: 0 }) },
  { name: 'expires what is not overdue', seed: 154, storage: withMovesOf(['expire'], { guard: 'none' }) },
  { name: 'cancels what has completed', storage: withMoves(alsoFromCompleted) },
  { name: 'starts without taking a slot', storage: startsWithoutSlot },
]

function alsoFromCompleted(move: Move): readonly Move[] {
  if (move.event !== 'cancel' || move.from !== 'queued') return [move]
  return [move, { ...move, from: 'completed', fromPlace: 'done', reserve: 0 }]
}

function startsWithoutSlot(sound: Storage): Partial<Storage> {
  return {
    claim: (command) => sound.claim({ ...command, claim: { ...command.claim, slot: 0 } }),
  }
}
