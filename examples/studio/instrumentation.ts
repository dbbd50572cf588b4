/** Next calls it once per process, before the first request. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs' || process.env.NEXT_PHASE === 'phase-production-build') return
  const { prepareStorage } = await import('./lib/storage')
  const { queue } = await import('./lib/queue-worker')
  const { openAccounts } = await import('./lib/people')
  const { startWorker } = await import('./lib/worker')
  await prepareStorage()
  await openAccounts(queue)
  startWorker()
}
