/** What a violation is about, so that a reader can be shown the lines that matter. */
export interface Subject {
  readonly queueId?: number | undefined
  readonly modelId?: string | undefined
  readonly userId?: string | undefined
}

/** The law by its number in docs/concepts.md; `contract` for what docs/storage-contract.md says besides. */
export type Law = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 'contract'

export const LAW_NAMES: Readonly<Record<Law, string>> = {
  1: 'cap',
  2: 'order',
  3: 'money',
  4: 'once',
  5: 'fence',
  6: 'finality',
  7: 'no loss',
  8: 'idempotence',
  9: 'agreement',
  contract: 'contract of storages',
}

/** Something that must never happen has happened. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly law: Law
  readonly subject: Subject

  constructor(law: Law, { queueId, modelId, userId }: Subject, evidence: string) {
    super(evidence)
    this.law = law
    this.subject = { queueId, modelId, userId }
  }
}

export function demand(met: boolean, law: Law, subject: Subject, evidence: () => string): asserts met {
  if (!met) throw new Violation(law, subject, evidence())
}
