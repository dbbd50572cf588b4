/** The same work for everybody. */
import type { GenerationRequest } from '@genqueue/core'

/** Calls under way while adding, and jobs while processing. */
export const ADDERS = 100
export const CONCURRENCY = 50
export const USERS = 1_000
export const MODEL = 'm'
export const RESULT = 'https://img.example/1.png'

export const requestOf = (n: number) =>
  ({
    userId: `user-${n % USERS}`,
    modelId: MODEL,
    prompt: `a red fox in the snow, number ${n}`,
    parameters: { steps: 20 },
  }) satisfies GenerationRequest

export const randomName = () => `genqueue-bench-${Math.random().toString(36).slice(2)}`

/** `from`, `from + 1`, ... up to and with `to`. */
export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)

/** One call a job, ADDERS of them under way at once. */
export async function addAll(jobs: readonly number[], add: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const adder = async () => {
    while (next < jobs.length) {
      const n = jobs[next] as number
      next += 1
      await add(n)
    }
  }
  await Promise.all(Array.from({ length: ADDERS }, adder))
}
