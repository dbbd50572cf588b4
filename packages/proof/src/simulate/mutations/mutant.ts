import type { ApplyCommand, Move, Storage } from '@genqueue/core'
import { Tables, tableStorage } from '@genqueue/core/testing'

/**
 * A deliberate break: of a storage that is right (its plain tables are at hand), or of the way in which an app uses it,
 * step by step where one command would be right.
 */
export interface Mutant {
  readonly name: string
  /** Where to begin looking, when it takes more than luck: from this seed on it is met soon. */
  readonly seed?: number | undefined
  readonly storage?: (sound: Storage, tables: Tables) => Partial<Storage>
  readonly client?: (storage: Storage) => Storage
}

/** A fresh storage with the break in it: the reference storage, so that what is broken is a few lines. */
export function brokenStorage({ storage: mutate }: Mutant): Storage {
  const tables = new Tables()
  // Without the command that settles and claims at once: what is broken in one of the two would not be met.
  const { applyAndClaim: _, ...sound } = tableStorage({ tables })
  return { ...sound, ...mutate?.(sound, tables) }
}

/** A storage that carries out other moves than it was given: a rules table that was written down wrongly. */
export const withMoves =
  (change: (move: Move) => Move | readonly Move[]) =>
  (sound: Storage): Partial<Storage> => ({
    apply: (command: ApplyCommand) => {
      const items = command.items.map((item) => ({ ...item, moves: item.moves.flatMap(change) }))
      return sound.apply({ ...command, items })
    },
  })

/** The same for the moves of some events. */
export const withMovesOf = (events: readonly Move['event'][], change: Partial<Move>) =>
  withMoves((move) => (events.includes(move.event) ? { ...move, ...change } : move))

/** Runs a command while every limit is higher; the reference decides before its promise is answered. */
export function withHigherLimits<Result>(
  tables: Tables,
  by: number,
  command: () => Promise<Result>,
): Promise<Result> {
  const raise = (change: number) => {
    for (const [id, limit] of tables.limits) {
      tables.limits.set(id, { ...limit, maxConcurrent: limit.maxConcurrent + change })
    }
  }
  raise(by)
  const running = command()
  raise(-by)
  return running
}
