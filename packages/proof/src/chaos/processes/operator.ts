import { MODELS, POOR, POOR_TICKETS, RICH, RICH_TICKETS } from '../workload.js'
import { start } from './start.js'

/** `setup` creates the limits and gives everybody tickets; `verify` tells on stderr what the library itself finds wrong. */
const task = process.argv[3]
const { say, queue, close } = await start()

if (task === 'setup') {
  for (const [modelId, maxConcurrent] of Object.entries(MODELS)) {
    await queue.limits.set(modelId, { maxConcurrent, modelType: 'image' })
  }
  for (const userId of [...RICH, ...POOR]) {
    const [id, amount] = [`first-${userId}`, POOR.includes(userId) ? POOR_TICKETS : RICH_TICKETS]
    say({ what: 'grant', id, userId, amount })
    await queue.tickets.grant(userId, amount, { id })
    say({ what: 'granted', id })
  }
} else {
  const { ok, findings } = await queue.verify()
  for (const { message } of findings) process.stderr.write(`${message}\n`)
  process.exitCode = ok ? 0 : 1
}
await close()
process.exit()
