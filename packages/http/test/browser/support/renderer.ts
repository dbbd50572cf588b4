import type { Handler } from '@genqueue/core'

interface Work {
  readonly finish: (url: string) => void
  readonly fail: (error: Error) => void
}

/** What a worker of these tests runs: it takes as long as the test says, and ends as the test says. */
export interface Renderer {
  readonly handler: Handler
  /** Generations under way, in the order in which they started. */
  readonly running: () => number[]
  finish(queueId: number, url?: string): Promise<void>
  fail(queueId: number, message: string): Promise<void>
}

const STARTED_MS = 5_000
const LOOK_MS = 10

export function createRenderer(): Renderer {
  const works = new Map<number, Work>()
  const started = async (queueId: number): Promise<Work> => {
    for (let waitedMs = 0; waitedMs < STARTED_MS; waitedMs += LOOK_MS) {
      const work = works.get(queueId)
      if (work !== undefined) return work
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    throw new Error(`generation ${queueId} did not start; running: ${[...works.keys()]}`)
  }
  return {
    running: () => [...works.keys()],
    handler: ({ queueId }, { signal, progress }) =>
      new Promise<string>((resolve, reject) => {
        works.set(queueId, { finish: resolve, fail: reject })
        signal.addEventListener('abort', () => reject(new Error('stopped')))
        void progress(0.5)
      }).finally(() => works.delete(queueId)),
    async finish(queueId, url = `https://img.example/${queueId}.png`) {
      ;(await started(queueId)).finish(url)
    },
    async fail(queueId, message) {
      ;(await started(queueId)).fail(new Error(message))
    },
  }
}
