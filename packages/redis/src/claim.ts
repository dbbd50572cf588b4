import type { ClaimCommand, GenerationRow } from '@genqueue/core'
import type { Caller } from './link.js'
import { packEntry } from './moves.js'
import { packer } from './pack.js'
import { readRow } from './row.js'

/** Sent again, the same tokens get the rows which they already took, and no others in their stead. */
export async function claim(caller: Caller, command: ClaimCommand): Promise<GenerationRow[]> {
  if (command.tokens.length === 0) return []
  const again = command.again === true
  const reply = await caller.call('claim', (resent) => [packCommand(command, resent || again)])
  return Array.from({ length: reply.values.list() }, () => readRow(Number(reply.values.text()), reply))
}

function packCommand({ at, modelIds, tokens, claim, leaseMs }: ClaimCommand, resent: boolean): Buffer {
  packer
    .begin(9)
    .numberOrNone(at ?? null)
    .value(modelIds)
    .value(tokens)
  packEntry(packer, claim)
  packer.number(leaseMs).number(resent ? 1 : 0)
  return packer.take()
}
