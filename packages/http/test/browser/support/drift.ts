import { MOVES, type Storage } from '@genqueue/core'
import { expect } from 'vitest'

/** A bug in somebody's storage: it cancels one without giving its tickets back. */
export async function cancelWithoutRefund(storage: Storage, queueId: number): Promise<void> {
  const moves = MOVES.cancel.map((move) => ({ ...move, reserve: 0 as const }))
  const item = { queueId, moves, token: null, ticketsUsed: null, delayMs: 0, resultUrl: null, output: null }
  const [result] = await storage.apply({
    items: [{ ...item, errorMessage: null }],
    maxQueued: 10,
    rows: false,
  })
  expect(result).toMatchObject({ ok: true })
}
