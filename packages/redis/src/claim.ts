import type { ClaimCommand, GenerationRow } from '@genqueue/core'
import type { Caller } from './link.js'
import { packEntry } from './moves.js'
import { packer } from './pack.js'
import { readRow } from './row.js'

/** Claims remembered whose outcome nobody knows. */
const UNCERTAIN_MAX = 1_000

/**
 * Claims; the function remembers the claims that failed without an answer, so that the same tokens sent again get
 * the rows which they already took, and no others in their stead.
 */
export function createClaim(current: () => Caller): (command: ClaimCommand) => Promise<GenerationRow[]> {
  const uncertain = new Set<string>()

  return async (command) => {
    const [first] = command.tokens
    if (first === undefined) return []
    const known = uncertain.delete(first)
    try {
      const reply = await current().call('claim', (resent) => [packCommand(command, resent || known)])
      const { values } = reply
      return Array.from({ length: values.list() }, () => readRow(Number(values.text()), reply))
    } catch (error) {
      uncertain.add(first)
      if (uncertain.size > UNCERTAIN_MAX) uncertain.delete(uncertain.values().next().value as string)
      throw error
    }
  }
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
