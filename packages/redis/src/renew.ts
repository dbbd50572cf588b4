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
    packer
      .list(3)
      .text(idText(queueId))
      .text(token)
      .number(progress ?? -1)
  }
  const { values } = await caller.call('renew', [packer.take()])
  values.list()
  return items.map((): RenewResult => {
    if (values.number() === 1) {
      const leaseExpiresAt = values.number()
      values.none()
      return { ok: true, leaseExpiresAt }
    }
    const code = values.text() as RefusalCode
    const status = values.textOrNull() as Status | null
    return status === null ? { ok: false, code } : { ok: false, code, status }
  })
}
