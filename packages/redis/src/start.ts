import type { RefusalCode, StartCommand, StartResult, Status } from '@genqueue/core'
import type { Caller } from './link.js'
import { packEntry } from './moves.js'
import { packer } from './pack.js'
import { idText, readRow } from './row.js'

export async function start(caller: Caller, command: StartCommand): Promise<StartResult[]> {
  const { at, claim, leaseMs, items } = command
  packer.begin(7).numberOrNone(at ?? null)
  packEntry(packer, claim)
  packer.number(leaseMs).list(items.length)
  for (const { queueId, token } of items) packer.list(2).text(idText(queueId)).text(token)
  const reply = await caller.call('start', [packer.take()])
  const { values } = reply
  values.list()
  return items.map(({ queueId }): StartResult => {
    if (values.number() === 1) {
      values.none()
      values.none()
      return { ok: true, row: readRow(queueId, reply) }
    }
    const code = values.text() as RefusalCode
    const status = values.textOrNull() as Status | null
    return status === null ? { ok: false, code } : { ok: false, code, status }
  })
}
