import type { ApplyCommand, ApplyResult, RenewCommand, RenewResult } from '@genqueue/core'
import type { Commands } from '../commands.js'
import type { Database } from '../database.js'
import { toNumber } from '../row.js'
import { transactionalCommands } from '../transactional/commands.js'
import { admitPlainly } from './admit.js'
import { plainly } from './plainly.js'
import { runStatement } from './statements.js'
import { applyAndClaimPlainly, applyPlainly, claimPlainly, type Partly } from './turn.js'

/**
 * One statement for what happens all the time and goes as expected: it carries out the moves that fit. Refusals, replays and
 * rare commands take the transactional way, where core's plan decides.
 */
export function postgresqlCommands(database: Database, lane: number): Commands {
  const stepwise = transactionalCommands(database, lane)
  return {
    ...stepwise,
    admit: async (command) =>
      (await plainly(() => admitPlainly(database, command, lane))) ?? stepwise.admit(command),
    claim: async (command) => {
      if (command.tokens.length === 0 || command.modelIds?.length === 0) return []
      return (await plainly(() => claimPlainly(database, command, lane))) ?? stepwise.claim(command)
    },
    apply: async (command) => {
      const applied = await plainly(() => applyPlainly(database, command, lane))
      if (applied === null) return stepwise.apply(command)
      const items = leftOver(command, applied)
      return items.length === 0
        ? together(applied, [])
        : together(applied, await stepwise.apply({ ...command, items }))
    },
    applyAndClaim: async (command, claim) => {
      const done = await plainly(() => applyAndClaimPlainly(database, command, claim, lane))
      if (done === null) return stepwise.applyAndClaim(command, claim)
      const items = leftOver(command, done.applied)
      if (items.length === 0) return { applied: together(done.applied, []), claimed: done.claimed }
      const { applied, claimed } = await stepwise.applyAndClaim({ ...command, items }, claim)
      return { applied: together(done.applied, applied), claimed }
    },
    renew: async (command) =>
      (await plainly(() => renewPlainly(database, command))) ?? stepwise.renew(command),
  }
}

/** All of the items, or null when a lease was lost: those that hold are renewed again then, which changes nothing. */
async function renewPlainly(database: Database, command: RenewCommand): Promise<RenewResult[] | null> {
  const { items, leaseMs, at = null } = command
  const ids = items.map((item) => item.queueId)
  if (new Set(ids).size < items.length) return null
  const renewed = await runStatement(database, 'renew', { items: JSON.stringify(items), leaseMs, at })
  if (renewed.length < items.length) return null
  const expiries = new Map(renewed.map((raw) => [toNumber(raw.id), toNumber(raw.leaseExpiresAt)]))
  return ids.map((id) => ({ ok: true, leaseExpiresAt: expiries.get(id) as number }))
}

/** The items that did not fit. */
const leftOver = ({ items }: ApplyCommand, applied: Partly) =>
  items.filter((_, n) => applied[n] === undefined)

/** All results, those of what did not fit in the plan's words. */
function together(applied: Partly, rest: readonly ApplyResult[]): ApplyResult[] {
  let next = 0
  return applied.map((result) => result ?? (rest[next++] as ApplyResult))
}
