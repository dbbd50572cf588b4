/** Next calls it once per process, before the first request. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs' || process.env.NEXT_PHASE === 'phase-production-build') return
  const { registerWorker } = await import('@genqueue/next')
  const { prepareStorage } = await import('./lib/storage')
  const { queue } = await import('./lib/queue-worker')
  const { generate } = await import('./lib/generate')
  const { openAccounts } = await import('./lib/people')
  await prepareStorage()
  await openAccounts(queue)
  registerWorker(queue, generate)
}
