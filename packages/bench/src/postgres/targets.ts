import type { Row } from '../harness.js'

const ADDS_TIMES = 10
const LIVES_TIMES = 4
const CAPPED_TIMES = 1.2
const UNCAPPED_TIMES = 0.35
const ENQUEUE_MS = 3
const POSITION_MS = 5

export interface Measured {
  readonly ours: Row
  readonly peers: readonly Row[]
  readonly capped: Row
  readonly batched: Row
  readonly enqueueMsP50: number
  /** Null where a million was not reached. */
  readonly positionMsP99: number | null
}

const atLeast = (what: string, wanted: number, reached: number) => ({
  what,
  wanted: `${wanted}x or more`,
  reached: `${reached.toFixed(2)}x`,
  met: reached >= wanted ? 'yes' : 'no',
})

const atMost = (what: string, wantedMs: number, reachedMs: number | null) => ({
  what,
  wanted: `${wantedMs} ms or less`,
  reached: reachedMs === null ? 'not measured' : `${reachedMs.toFixed(2)} ms`,
  met: reachedMs !== null && reachedMs <= wantedMs ? 'yes' : 'no',
})

/** What genqueue set out to reach beside its peers, and what came of it in this run. */
export function targetRows({ ours, peers, capped, batched, enqueueMsP50, positionMsP99 }: Measured) {
  const times = (column: string, peer: Row) => Number(ours[column]) / Number(peer[column])
  return [
    ...peers.map((peer) => atLeast(`adds, ${peer.name}`, ADDS_TIMES, times('adds/s', peer))),
    ...peers.map((peer) => atLeast(`whole lives, ${peer.name}`, LIVES_TIMES, times('whole lives/s', peer))),
    atLeast(`processed, ${capped.name}`, CAPPED_TIMES, times('processed/s', capped)),
    atLeast(`processed, ${batched.name}`, UNCAPPED_TIMES, times('processed/s', batched)),
    atMost('enqueue with reservation, p50', ENQUEUE_MS, enqueueMsP50),
    atMost('position among 1,000,000 waiting, p99', POSITION_MS, positionMsP99),
  ]
}
