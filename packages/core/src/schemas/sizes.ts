/** Largest inputs. Bytes are of UTF-8, for objects of their JSON text; lengths are UTF-16 units. */
export interface Sizes {
  readonly promptBytes: number
  readonly parametersBytes: number
  readonly metadataBytes: number
  readonly outputBytes: number
  readonly resultUrlBytes: number
  /** Longer error messages are cut, not refused: they are other people's text. */
  readonly errorMessageLength: number
  /** User, model and idempotency ids, memos. */
  readonly idLength: number
  /** Requests of one enqueueMany. */
  readonly batchItems: number
}

export const DEFAULT_SIZES: Sizes = Object.freeze({
  promptBytes: 65_536,
  parametersBytes: 262_144,
  metadataBytes: 16_384,
  outputBytes: 262_144,
  resultUrlBytes: 1_048_576,
  errorMessageLength: 2_000,
  idLength: 191,
  batchItems: 10_000,
})

/** Priorities reach this far from 0 both ways: with a millisecond time they still fit one exact double. */
export const PRIORITY_MAX = 1_000
/** Longest wait that may be asked for: a year. */
export const MAX_WAIT_MS_MAX = 366 * 24 * 3_600_000
export const ATTEMPTS_MAX = 100
