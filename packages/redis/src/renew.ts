import type { RefusalCode, RenewCommand, RenewResult, Status } from '@genqueue/core'
import type { Caller } from './link.js'
import { packer } from './pack.js'
import { idText } from './row.js'

export async function renew(caller: Caller, { at, leaseMs, items }: RenewCommand): Promise<RenewResult[]> {
  if (items.length === 0) return []
  packer
    .begin(3)
    .numberOrNone(at ?? null)
    .number(leaseMs)
    .list(items.length)
  for (const { queueId, token, progress } of items) {
    packer.list(3).text(idText(queueId)).text(token).numberOrNone(progress)
  }
  const reply = await caller.call('renew', packer.take())
  reply.list()
  return items.map((): RenewResult => {
    if (reply.number() === 1) {
      const leaseExpiresAt = reply.number()
      reply.none()
      return { ok: true, leaseExpiresAt }
    }
    const code = reply.text() as RefusalCode
    const status = reply.textOrNull() as Status | null
    return status === null ? { ok: false, code } : { ok: false, code, status }
  })
}
