import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** What a process tells the observer. */
export type Report =
  | { readonly who: string; readonly what: 'hello'; readonly at: number }
  | { readonly who: string; readonly what: 'begin' | 'end'; readonly job: number; readonly at: number }
  /** The answer to an order: a number where it asked for one, or why it could not be done. */
  | {
      readonly who: string
      readonly what: 'did'
      readonly value: number
      readonly error: string | null
      readonly at: number
    }

/** What the observer tells a process to do, one at a time. */
export type Order =
  | { readonly order: 'setUp' }
  /** Adds the jobs `from`, `from + 1`, ... */
  | { readonly order: 'add'; readonly from: number; readonly count: number }
  /** Connects a worker that claims nothing yet. */
  | { readonly order: 'prepare'; readonly runMs: number }
  | { readonly order: 'go' }
  /** How many jobs wait or run, as the library's own storage has it. */
  | { readonly order: 'left' }
  /** Adds jobs for so long, and at most so many; answers jobs a second. */
  | { readonly order: 'fill'; readonly forMs: number; readonly most: number }
  /** Runs what `fill` added, by a handler that does nothing and tells nobody; answers jobs a second. */
  | { readonly order: 'race'; readonly forMs: number }

/** A line of JSON each. The kernel has it when `send` returns, so what was told before a SIGKILL arrives. */
export const send = (socket: Socket, message: Report | Order): void => {
  socket.write(`${JSON.stringify(message)}\n`)
}

export function receive<Message extends Report | Order>(
  socket: Socket,
  listener: (message: Message) => void,
): void {
  socket.setNoDelay(true)
  createInterface({ input: socket }).on('line', (line) => listener(JSON.parse(line) as Message))
}
