import { readFileSync } from 'node:fs'
import { CLEARABLE, EVENT_TABLE, EVENTS, MOVES, STATUS_TABLE, STATUSES } from '@genqueue/core'
import { describe, expect, it } from 'vitest'

/** Every move written out by hand: slot, reserved, captured by default, guard, attempts left, attempt. */
const EXPECTED = `
  admit         -           queued      0  1 0 none    any   keep
  admitStarted  -           processing  1  1 0 none    any   count
  claim         queued      processing  1  0 0 none    any   count
  complete      processing  completed  -1 -1 1 held    any   keep
  fail          processing  failed     -1 -1 0 held    any   keep
  retryLater    processing  queued     -1  0 0 held    left  keep
  yield         processing  queued     -1  0 0 held    any   uncount
  reclaim       processing  queued     -1  0 0 lapsed  left  keep
  giveUp        processing  failed     -1 -1 0 lapsed  spent keep
  cancel        queued      cancelled   0 -1 0 none    any   keep
  cancel        processing  cancelled  -1 -1 0 none    any   keep
  expire        queued      failed      0 -1 0 overdue any   keep
  resubmit      failed      queued      0  1 0 none    any   reset
  resubmit      cancelled   queued      0  1 0 none    any   reset
`

const ALL = EVENTS.flatMap((event) => MOVES[event])
/** How much of something a status holds, by the sums of the moves that lead there. */
const held = (status: string | null, effect: 'slot' | 'reserve') => {
  if (status === null) return 0
  const { place, tickets } = STATUS_TABLE[status as keyof typeof STATUS_TABLE]
  return Number(effect === 'slot' ? place === 'leased' : tickets === 'reserved')
}

describe('the rules', () => {
  it('compile to exactly these moves', () => {
    const written = ALL.map((m) =>
      [m.event, m.from ?? '-', m.to, m.slot, m.reserve, m.capture, m.guard, m.attempts, m.attempt].join(' '),
    )
    const expected = EXPECTED.trim().split('\n')
    expect(written).toEqual(expected.map((line) => line.trim().replace(/\s+/g, ' ')))
  })

  it.each(ALL.map((move) => [`${move.event} from ${move.from}`, move] as const))(
    'conserve slots and tickets: %s',
    (_name, move) => {
      for (const effect of ['slot', 'reserve'] as const) {
        expect(held(move.from, effect) + move[effect]).toBe(held(move.to, effect))
      }
      expect(move.capture === 1).toBe(STATUS_TABLE[move.to].tickets === 'captured')
      expect(move.toPlace).toBe(STATUS_TABLE[move.to].place)
      expect(move.fromPlace).toBe(move.from === null ? null : STATUS_TABLE[move.from].place)
    },
  )

  it('ask for a lease exactly where one is held, and measure runs only there', () => {
    for (const move of ALL) {
      const leased = move.fromPlace === 'leased'
      expect(leased && move.event !== 'cancel').toBe(move.guard === 'held' || move.guard === 'lapsed')
      if (move.measuresRun) expect(leased).toBe(true)
    }
  })

  it('leave every settled status only by being queued anew, and reach every status', () => {
    const done = STATUSES.filter((status) => STATUS_TABLE[status].place === 'done')
    expect(CLEARABLE).toEqual(done)
    for (const move of ALL.filter(({ fromPlace }) => fromPlace === 'done'))
      expect([move.toPlace, move.attempt]).toEqual(['waiting', 'reset'])
    expect(new Set(ALL.map(({ to }) => to))).toEqual(new Set(STATUSES))
  })

  it('cannot be changed while running', () => {
    expect(() => Object.assign(MOVES.complete[0] as object, { slot: 0 })).toThrow(TypeError)
    expect(() => (MOVES.complete as unknown as object[]).push({})).toThrow(TypeError)
    expect(() => Object.assign(MOVES, { complete: [] })).toThrow(TypeError)
  })

  it('stand in docs/rules.md, every event with its meaning', () => {
    const page = readFileSync(new URL('../../../docs/rules.md', import.meta.url), 'utf8')
    for (const event of EVENTS) {
      expect(page).toContain(`\`${event}\``)
      expect(page).toContain(EVENT_TABLE[event].meaning)
    }
  })
})
