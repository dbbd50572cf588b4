/** Milliseconds of the machine's monotonic clock: the same in every process of the machine, and nobody sets it. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** An epoch time of this machine's clock, as a storage on it gives them, on the monotonic clock. */
export const fromEpoch = (epochMs: number): number => epochMs - Date.now() + monotonicMs()

export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end)
  })
}

/** Looks until `met` or until the time is over; answers whether it was met. */
export async function until(met: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const giveUpAt = monotonicMs() + timeoutMs
  while (!(await met())) {
    if (monotonicMs() > giveUpAt) return false
    await pause(LOOK_MS)
  }
  return true
}

const LOOK_MS = 50
