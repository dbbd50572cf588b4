import { type Contender, median, ms, quantileOf, timed } from './harness.js'
import { addAll, numbers } from './work.js'

/** What a worker tells while it works. */
export interface Watch {
  /** A handler's first line. */
  started(): void
  /** One more job is settled. */
  done(): void
}

export interface Work {
  begin(): void
  /** Where done() is told before the storage knows: resolves when it does. */
  settled?(): Promise<unknown>
  stop(): Promise<unknown>
}

/** A library at work in an empty storage of its own. */
export interface Subject {
  /** One call, one job. */
  add(n: number): Promise<unknown>
  /** Many in few calls: for what is only there to be processed. */
  addMany(jobs: readonly number[]): Promise<unknown>
  /** Connects a worker that takes nothing before begin(). */
  prepare(watch: Watch): Promise<Work>
  /** Leaves nothing behind. */
  close(): Promise<unknown>
}

export type OpenSubject = () => Promise<Subject>

export interface LifeSizes {
  readonly adds: number
  /** Of those that were added, and of as many more as it takes. */
  readonly processed: number
}

const perSecond = (jobs: number, elapsedMs: number) => (jobs / elapsedMs) * 1_000

/** Adds one by one, then processes; a whole life takes its part of both. */
export const livesOf = (name: string, { adds, processed }: LifeSizes, open: OpenSubject): Contender => ({
  name,
  async measure() {
    const subject = await open()
    try {
      const adding = await timed(() => addAll(numbers(1, adds), subject.add))
      const more = numbers(adds + 1, processed)
      if (more.length > 0) await subject.addMany(more)
      const processing = await timeProcessing(subject, processed)
      const rates = { adds: perSecond(adds, adding), processed: perSecond(processed, processing) }
      return {
        'adds/s': rates.adds,
        'processed/s': rates.processed,
        'whole lives/s': 1 / (1 / rates.adds + 1 / rates.processed),
      }
    } finally {
      await subject.close()
    }
  },
})

/** How long a worker takes for the next `jobs`. */
export async function timeProcessing(subject: Pick<Subject, 'prepare'>, jobs: number): Promise<number> {
  let done = 0
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const work = await subject.prepare({
    started: () => {},
    done: () => {
      done += 1
      if (done === jobs) finish()
    },
  })
  const elapsed = await timed(async () => {
    work.begin()
    await finished
    await work.settled?.()
  })
  await work.stop()
  return elapsed
}

export const latencyRow = (name: string, times: readonly number[]) => ({
  name,
  'p50 ms': ms(median(times)),
  'p99 ms': ms(quantileOf(times, 0.99)),
})

/** What one call takes that has the storage for itself. */
export async function addLatency(name: string, calls: number, open: OpenSubject) {
  const subject = await open()
  const times: number[] = []
  for (let n = 1; n <= calls; n++) times.push(await timed(() => subject.add(n)))
  await subject.close()
  return latencyRow(name, times)
}

/** Until a worker is idle again: otherwise it is the settling of the one before that is measured. */
const IDLE_MS = 5

/** From the call that adds to the handler's first line, one at a time, on an idle worker that only hears of it. */
export async function startLatency(name: string, starts: number, open: OpenSubject) {
  const subject = await open()
  let arrived = () => {}
  const work = await subject.prepare({ started: () => arrived(), done: () => {} })
  work.begin()
  const times: number[] = []
  for (let n = 1; n <= starts; n++) {
    const start = new Promise<void>((resolve) => {
      arrived = resolve
    })
    let adding: Promise<unknown> | undefined
    times.push(
      await timed(() => {
        adding = subject.add(n)
        return start
      }),
    )
    await adding
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  }
  await work.stop()
  await subject.close()
  return latencyRow(name, times)
}
