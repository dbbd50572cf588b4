import type { GenerationRow } from './generation.js'
import type { ApplyCommand, ApplyResult, ClaimCommand, Storage } from './storage.js'

type Call = <Result>(command: (storage: Storage, again: boolean) => Promise<Result>) => Promise<Result>
type Report = (error: unknown, doing: string) => void

/** A claim that goes out with settles. */
export interface AlongClaim {
  readonly command: ClaimCommand
  /** Called once with what was claimed, before the settles are answered; with nothing when that failed. */
  readonly claimed: (rows: readonly GenerationRow[]) => void
}

/** Somebody who claims: asked whenever settles are about to go out. */
export interface Claimer {
  /** null: nothing is wanted now. */
  wanted(): AlongClaim | null
  /** Settles went out with somebody else's claim. */
  passedOver(): void
}

/**
 * Sends settles, and with them the claim of whoever wants their slots: one command, one commit, from the end of a
 * generation to the start of the next.
 */
export class SettleSender {
  readonly #claimers = new Set<Claimer>()
  readonly #storage: Storage
  readonly #carryOut: Call
  readonly #report: Report

  constructor(storage: Storage, carryOut: Call, report: Report) {
    this.#storage = storage
    this.#carryOut = carryOut
    this.#report = report
  }

  add(claimer: Claimer): () => void {
    this.#claimers.add(claimer)
    return () => this.#claimers.delete(claimer)
  }

  async send(command: ApplyCommand): Promise<ApplyResult[]> {
    const along = this.#ask()
    if (along === null) return this.#carryOut((storage) => storage.apply(command))
    let claimed: readonly GenerationRow[] = []
    try {
      const done = await this.#sendBoth(command, along.command)
      claimed = done.claimed
      return done.applied
    } finally {
      along.claimed(claimed)
    }
  }

  #ask(): AlongClaim | null {
    for (const claimer of this.#claimers) {
      const along = claimer.wanted()
      if (along === null) continue
      for (const other of this.#claimers) if (other !== claimer) other.passedOver()
      // Next time the others are asked before it.
      if (this.#claimers.delete(claimer)) this.#claimers.add(claimer)
      return along
    }
    return null
  }

  async #sendBoth(command: ApplyCommand, claim: ClaimCommand) {
    if (this.#storage.applyAndClaim !== undefined) {
      return this.#carryOut((storage, again) =>
        (storage.applyAndClaim as NonNullable<Storage['applyAndClaim']>)(command, { ...claim, again }),
      )
    }
    const applied = await this.#carryOut((storage) => storage.apply(command))
    try {
      return {
        applied,
        claimed: await this.#carryOut((storage, again) => storage.claim({ ...claim, again })),
      }
    } catch (error) {
      // What was settled stays settled, and whoever claims looks again.
      this.#report(error, 'claim')
      return { applied, claimed: [] }
    }
  }
}
