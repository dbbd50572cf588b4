/** Exit code of a program that was stopped by Ctrl-C. */
const STOPPED = 130

/** Runs until it is done or somebody stops the program; then what it started is cleared away before the program ends. */
export async function stoppable(run: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  try {
    process.exitCode = await run(stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    console.error('stopped; what it had started is gone')
    process.exitCode = STOPPED
  }
}
