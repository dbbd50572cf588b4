import { createQueue } from '@genqueue/core'
import { prismaStorage } from '@genqueue/prisma'
import { clientAt } from './databases.js'

/**
 * A worker in a process of its own. Tells its parent, outside the library, when each handler begins and ends:
 * `begin QUEUE_ID EPOCH_MS` and `end QUEUE_ID EPOCH_MS`, a line each.
 */
const [url, runMs] = process.argv.slice(2) as [string, string]
const queue = createQueue({
  storage: prismaStorage(await clientAt(url)),
  models: {},
  logger: { warn() {}, error() {} },
})
const now = () => performance.timeOrigin + performance.now()

queue
  .worker(async ({ queueId }, { signal }) => {
    process.stdout.write(`begin ${queueId} ${now()}\n`)
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, Number(runMs))
      signal.addEventListener('abort', () => clearTimeout(timer))
    })
    process.stdout.write(`end ${queueId} ${now()}\n`)
    return `https://img.example/${queueId}.png`
  })
  .start()
process.stdout.write('ready 0 0\n')
