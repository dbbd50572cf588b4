import { CLEARABLE, type EventName, MOVES, STATUS_TABLE, STATUSES, type Status } from '../../rules.js'
import type { ApplyItem } from '../../storage.js'
import { APPLIED, claimCommand, LEASE_MS, startCommand } from '../builders.js'
import { equal, includes } from '../check.js'
import { type Harness, inCase, type Runner, type Stage, T0 } from '../harness.js'

const COST = 3
/** Longest of the guards' times: leases have lapsed and deadlines passed by then. */
const LATER = T0 + LEASE_MS
const DEADLINE_MS = 1_000

/** A generation in `status` for which everything that `event` asks besides the status holds. */
async function ready(stage: Stage, event: EventName, status: Status) {
  const [move] = MOVES[event]
  const spent = move?.attempts === 'spent'
  return stage.inStatus(status, {
    ticketCost: COST,
    maxAttempts: spent ? 1 : 3,
    maxWaitMs: move?.guard === 'overdue' ? DEADLINE_MS : null,
  })
}

/** Every event from every status: what the tables allow happens to the letter, the rest is refused without a trace. */
export function transitionCases({ describe, it }: Runner, harness: Harness): void {
  describe('every event from every status', () => {
    for (const event of APPLIED) {
      for (const status of STATUSES) {
        const move = MOVES[event].find(({ from }) => from === status)
        it(
          `${event} from ${status} ${move ? `goes to ${move.to}` : 'is refused'}`,
          inCase(harness, (stage) => (move ? allowed(stage, event, status) : refused(stage, event, status))),
        )
      }
    }
    for (const event of APPLIED) {
      const attempts = MOVES[event][0]?.attempts
      if (attempts === 'any') continue
      const wrong = attempts === 'left' ? 'when no attempt is left' : 'while attempts are left'
      it(
        `${event} is refused ${wrong}`,
        inCase(harness, async (stage) => {
          const { queueId, leaseToken: token } = await stage.inStatus('processing', {
            maxAttempts: attempts === 'left' ? 1 : 3,
          })
          await stage.unchangedBy(`a refused ${event}`, async () => {
            const result = await stage.apply(queueId, event, { token }, LATER)
            equal(result, { ok: false, code: 'status_mismatch', status: 'processing' }, event)
          })
        }),
      )
    }
    for (const how of ['claim', 'start', 'admitStarted'] as const) {
      it(
        `${how} takes a slot and a lease, and keeps the tickets reserved`,
        inCase(harness, (stage) => granted(stage, how)),
      )
    }
    for (const status of STATUSES.filter((s) => s !== 'queued')) {
      it(
        `start from ${status} is refused`,
        inCase(harness, async (stage) => {
          const row = await stage.inStatus(status)
          await stage.unchangedBy('a refused start', async () => {
            const item = { queueId: row.queueId, token: 'late' }
            const [claim] = MOVES.claim
            const command = {
              items: [item],
              claim: claim as NonNullable<typeof claim>,
              leaseMs: LEASE_MS,
              at: T0,
            }
            const [result] = await stage.storage.start(command)
            equal(result, { ok: false, code: 'status_mismatch', status }, 'start')
          })
        }),
      )
    }
    for (const status of STATUSES) {
      const clearable = CLEARABLE.includes(status)
      it(
        `purge ${clearable ? 'removes' : 'leaves'} what is ${status}`,
        inCase(harness, async (stage) => {
          const row = await stage.inStatus(status)
          const removed = await stage.storage.purge({
            what: 'generations',
            statuses: CLEARABLE,
            before: LATER,
            max: 10,
          })
          equal(removed, clearable ? 1 : 0, 'generations removed')
          equal((await stage.storage.get([row.queueId]))[0] === null, clearable, 'it is gone')
        }),
      )
    }
  })
}

async function allowed(stage: Stage, event: EventName, status: Status): Promise<void> {
  const before = await ready(stage, event, status)
  const move = MOVES[event].find(({ from }) => from === status) as (typeof MOVES)[EventName][number]
  const [account, [limit]] = [await stage.account(), await limitOf(stage)]
  const outcome: Partial<ApplyItem> = {
    token: before.leaseToken,
    errorMessage: 'why',
    resultUrl: 'https://img.example/1.png',
    output: '{"seed":7}',
  }
  const result = await stage.apply(before.queueId, event, outcome, LATER)
  includes(result, { ok: true, repeated: false, event, at: LATER }, 'the answer')
  const row = await stage.row(before.queueId)
  if (result.ok) equal(result.row, row, 'the answered row is the stored one')

  const used = move.reserve === -1 && move.capture === 1 ? COST : 0
  const settles = STATUS_TABLE[move.to].place === 'done'
  const anew = STATUS_TABLE[status].place === 'done'
  includes(
    row,
    {
      status: move.to,
      leaseToken: null,
      leaseExpiresAt: null,
      attempt: move.attempt === 'reset' ? 0 : before.attempt - (move.attempt === 'uncount' ? 1 : 0),
      queuedAt: anew ? LATER : before.queuedAt,
      completedAt: settles ? LATER : null,
      ticketsUsed: settles ? used : null,
      errorMessage: anew ? null : 'why',
      resultUrl: anew ? null : 'https://img.example/1.png',
      timeline: `${before.timeline}${event}@${LATER},`,
    },
    'the row',
  )
  equal(
    await stage.account(),
    {
      ...account,
      balance: account.balance - used,
      reserved: account.reserved + move.reserve * COST,
      captured: account.captured + used,
    },
    'the account',
  )
  equal((await limitOf(stage))[0]?.active, (limit?.active ?? 0) + move.slot, 'taken slots')
  const kinds = (await stage.ledger())
    .filter((entry) => entry.at === LATER)
    .map(({ kind, amount }) => `${kind} ${amount}`)
  equal(
    kinds,
    move.reserve === 0 ? [] : [`${move.reserve === 1 ? 'reserve' : used > 0 ? 'capture' : 'refund'} ${COST}`],
    'ledger',
  )
}

/** The three ways into `processing`, on a row to the letter. */
async function granted(stage: Stage, how: 'claim' | 'start' | 'admitStarted'): Promise<void> {
  const token = stage.token()
  const item = { ticketCost: COST, maxWaitMs: DEADLINE_MS, leaseToken: how === 'admitStarted' ? token : null }
  const { queueId } = await stage.admit(item, how === 'admitStarted' ? LATER : T0)
  const answered =
    how === 'claim'
      ? (await stage.storage.claim(claimCommand([token], LATER)))[0]
      : how === 'start'
        ? (await stage.storage.start(startCommand([{ queueId, token }], LATER)))[0]
        : null
  const row = await stage.row(queueId)
  if (how === 'claim') equal(answered, row, 'the answered row is the stored one')
  if (how === 'start') equal(answered, { ok: true, row }, 'the answered row is the stored one')
  const event = how === 'start' ? 'claim' : how
  includes(
    row,
    {
      status: MOVES[event][0]?.to,
      attempt: 1,
      notBefore: null,
      deadlineAt: null,
      startedAt: LATER,
      completedAt: null,
      leaseToken: token,
      leaseExpiresAt: LATER + LEASE_MS,
      releasedBy: null,
      progress: null,
      ticketsUsed: null,
      timeline: how === 'admitStarted' ? `${event}@${LATER},` : `admit@${T0},${event}@${LATER},`,
    },
    'the row',
  )
  includes(await stage.account(), { balance: 100, reserved: COST }, 'the account')
  equal((await limitOf(stage))[0]?.active, 1, 'taken slots')
}

async function refused(stage: Stage, event: EventName, status: Status): Promise<void> {
  const before = await ready(stage, event, status)
  await stage.unchangedBy(`a refused ${event}`, async () => {
    // A stranger's token: the holder's own would be a replay where the status already is the event's target.
    const result = await stage.apply(before.queueId, event, { token: 'stranger' }, LATER)
    equal(result, { ok: false, code: 'status_mismatch', status }, 'the answer')
  })
}

const limitOf = async (stage: Stage) =>
  (await stage.storage.limits()).filter(({ modelId }) => modelId === 'm')
