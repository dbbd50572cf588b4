import type { Known } from '../observer/books.js'
import type { Instance } from '../world/instance.js'
import type { World } from '../world/world.js'
import type { KeyedRequests } from './requests.js'

/** What a deed is done with: the world, and the process that is asked. */
export interface Stage {
  readonly world: World
  readonly keys: KeyedRequests
  readonly me: Instance
}

/** Somebody does something; whatever it needs is drawn from the world's randomness. */
export type Deed = (stage: Stage) => void

const among = ({ world }: Stage, fits: (known: Known) => boolean): Known | undefined => {
  const found = [...world.observer.books.generations.values()].filter(fits)
  return found.length === 0 ? undefined : world.random.pick(found)
}

export const anyWaiting = (stage: Stage) => among(stage, ({ status }) => status === 'queued')
export const anyRunning = (stage: Stage) => among(stage, ({ status }) => status === 'processing')
export const anySettled = (stage: Stage) => among(stage, ({ settledAt }) => settledAt !== null)
export const anyLive = (stage: Stage) => among(stage, ({ settledAt }) => settledAt === null)
