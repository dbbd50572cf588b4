import type { RedisClient } from './client.js'

/**
 * Keeps client and server busy at the same time. Redis answers at once whatever it read at once, and what came at once
 * would be worked off here before the next command goes out; then each of the two would wait for the other.
 */
export interface Turns {
  /** Sends: what one turn of the event loop sends goes out in one write, and what is `last` behind all else of its turn. */
  send<Reply>(command: () => Promise<Reply>, last: boolean): Promise<Reply>
  /** Await before an answer is handed on: answers that came together take a turn each. Nothing to await: the turn is yours. */
  mine(): Promise<void> | undefined
}

export function createTurns(client: RedisClient): Turns {
  let gathering = false
  let late: (() => void)[] = []
  let taken = false

  /** Until the microtasks of this turn are done. */
  const gather = () => {
    if (gathering) return
    gathering = true
    const { stream } = client
    stream?.cork()
    process.nextTick(() => {
      gathering = false
      const commands = late
      late = []
      for (const command of commands) command()
      stream?.uncork()
    })
  }
  const release = () => {
    taken = false
  }

  return {
    send(command, last) {
      gather()
      if (!last) return command()
      return new Promise((resolve, reject) => {
        late.push(() => command().then(resolve, reject))
      })
    },
    mine() {
      if (taken) return new Promise((resolve) => setImmediate(resolve))
      taken = true
      setImmediate(release)
      return undefined
    },
  }
}
