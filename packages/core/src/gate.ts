import { closedError } from './engine.js'

/** Lets calls in until it closes, and knows when the last of them has left. */
export interface Gate {
  /** The same methods, behind the gate. */
  guard<Methods extends object>(methods: Methods): Methods
  /** Lets nobody in any more; resolves when nobody is inside. */
  close(): Promise<void>
}

type Method = (...args: unknown[]) => Promise<unknown>

export function createGate(): Gate {
  let inside = 0
  let closed = false
  let empty: () => void = () => {}
  const leave = () => {
    inside -= 1
    if (closed && inside === 0) empty()
  }
  const pass =
    (method: Method): Method =>
    (...args) => {
      if (closed) return Promise.reject(closedError())
      inside += 1
      const call = method(...args)
      call.then(leave, leave)
      return call
    }
  return {
    guard: <Methods extends object>(methods: Methods) =>
      Object.fromEntries(
        Object.entries(methods).map(([name, method]) => [name, pass(method as Method)]),
      ) as Methods,
    close() {
      closed = true
      if (inside === 0) return Promise.resolve()
      return new Promise((resolve) => {
        empty = resolve
      })
    },
  }
}
