import type { Clock } from './runtime.js'

/** A flag that can be waited for: once rung, and when `ready`, the wait ends at once. */
export function createAlarm(clock: Clock, ready: () => boolean) {
  let rung = false
  let end: (() => void) | undefined
  const check = () => {
    if (rung && ready()) end?.()
  }
  return {
    get rung() {
      return rung
    },
    reset() {
      rung = false
    },
    ring() {
      rung = true
      check()
    },
    /** To be called when it may have become ready. */
    check,
    async wait(timeoutMs: number): Promise<void> {
      if (rung && ready()) return
      await new Promise<void>((resolve) => {
        const finish = () => {
          cancel()
          end = undefined
          resolve()
        }
        const cancel = clock.setTimer(finish, timeoutMs)
        end = finish
      })
    },
  }
}
