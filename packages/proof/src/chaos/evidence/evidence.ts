/** A slot as the storage's rows say it is taken now. */
export interface TakenSlot {
  readonly queueId: number
  readonly modelId: string
  /** Epoch milliseconds of the storage's clock. */
  readonly leaseUntil: number
}

export interface StoredGeneration {
  readonly queueId: number
  readonly userId: string
  readonly key: string
  readonly modelId: string
  readonly status: string
}

export interface StoredLine {
  readonly userId: string
  readonly kind: string
  readonly amount: number
  readonly queueId: number | null
  readonly key: string | null
}

export interface StoredAccount {
  readonly userId: string
  readonly balance: number
  readonly reserved: number
}

/** Everything that the observer asks of a storage at the end. */
export interface StoredBooks {
  readonly generations: readonly StoredGeneration[]
  readonly ledger: readonly StoredLine[]
  readonly accounts: readonly StoredAccount[]
  /** Slots that the storage counts as taken, by model. */
  readonly active: Readonly<Record<string, number>>
}

/** Reads a storage's own tables or keys with a plain driver: nothing of genqueue in between. Any call may fail while the server is down. */
export interface Evidence {
  takenSlots(): Promise<TakenSlot[]>
  accounts(): Promise<StoredAccount[]>
  /** Generations that still wait or run. */
  unfinished(): Promise<number>
  books(): Promise<StoredBooks>
  close(): Promise<void>
}
