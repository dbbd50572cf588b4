import type { Engine } from './engine.js'
import type { GenerationRow } from './generation.js'
import type { ClaimCommand } from './storage.js'

/** A claim on its way, and when it was sent. */
export interface Asked {
  readonly command: ClaimCommand
  readonly at: number
}

/** Of the lease: an answer that took longer found a process that stood still, or had waited with its calls. */
const LATE_SHARE = 0.5

export const askedNow = (engine: Engine, command: ClaimCommand): Asked => ({
  command,
  at: engine.settings.clock.now(),
})

export const isLate = (engine: Engine, { command, at }: Asked): boolean =>
  engine.settings.clock.now() - at >= command.leaseMs * LATE_SHARE

/**
 * Those of the rows that may be run. When the answer was late their leases may have lapsed, and somebody else may run
 * them: the storage is asked to renew them first, and what it does not renew is left alone.
 */
export async function stillHeld(
  engine: Engine,
  asked: Asked,
  rows: readonly GenerationRow[],
): Promise<readonly GenerationRow[]> {
  if (rows.length === 0 || !isLate(engine, asked)) return rows
  const { leaseMs } = asked.command
  const renewed = rows.map(async (row): Promise<GenerationRow[]> => {
    const { queueId, leaseToken } = row
    const result = await engine.renew.add({ queueId, token: leaseToken as string, progress: null, leaseMs })
    return result.ok ? [{ ...row, leaseExpiresAt: result.leaseExpiresAt }] : []
  })
  try {
    return (await Promise.all(renewed)).flat()
  } catch (error) {
    // Nobody knows whose they are: their leases lapse, and a sweep gives them to others.
    engine.report(error, 'claim')
    return []
  }
}
