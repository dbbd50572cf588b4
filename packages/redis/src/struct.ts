/** What stands for null among texts: a byte that UTF-8 never has; among numbers it is -1. See lua/include/row.lua. */
const NONE = 0xff

const FIXED_NUMBERS_BYTES = 4 + 1 + 4 + 4 + 8 + 1
const UTF8_BYTES_PER_UNIT_MAX = 3
let scratch = Buffer.allocUnsafe(2_048)

/** What never changes of a row and stands in its packed values. */
export interface FixedPart {
  readonly ticketCost: number
  readonly userId: string
  readonly priority: number
  readonly maxAttempts: number
  readonly maxWaitMs: number | null
  readonly modelId: string
}

/** The fixed part of a row but for its type, as Lua's struct.pack would write it; good until the next call. */
export function packFixed(part: FixedPart): Buffer {
  const units = part.userId.length + part.modelId.length
  const bytesMax = FIXED_NUMBERS_BYTES + units * UTF8_BYTES_PER_UNIT_MAX
  if (bytesMax > scratch.length) scratch = Buffer.allocUnsafe(bytesMax)
  let at = scratch.writeInt32LE(part.ticketCost, 0)
  at += scratch.write(part.userId, at, 'utf8')
  scratch[at++] = 0
  at = scratch.writeInt32LE(part.priority, at)
  at = scratch.writeInt32LE(part.maxAttempts, at)
  at = scratch.writeDoubleLE(part.maxWaitMs ?? -1, at)
  at += scratch.write(part.modelId, at, 'utf8')
  scratch[at++] = 0
  return scratch.subarray(0, at)
}

/** Reads what Lua's struct.pack wrote: little-endian numbers without padding, texts that end in NUL. */
export class StructReader {
  readonly #buffer: Buffer
  #at = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  byte(): number {
    this.#at += 1
    return this.#buffer.readUInt8(this.#at - 1)
  }

  uint16(): number {
    this.#at += 2
    return this.#buffer.readUInt16LE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#buffer.readInt32LE(this.#at - 4)
  }

  int32OrNull(): number | null {
    const value = this.int32()
    return value === -1 ? null : value
  }

  double(): number {
    this.#at += 8
    return this.#buffer.readDoubleLE(this.#at - 8)
  }

  doubleOrNull(): number | null {
    const value = this.double()
    return value === -1 ? null : value
  }

  text(): string {
    const start = this.#at
    const end = this.#buffer.indexOf(0, start)
    if (end === -1) throw new RangeError('a packed row ended early')
    this.#at = end + 1
    return this.#buffer.toString('utf8', start, end)
  }

  /** The text that goes to the end. */
  rest(): string {
    return this.#buffer.toString('utf8', this.#at)
  }

  textOrNull(): string | null {
    if (this.#buffer[this.#at] !== NONE) return this.text()
    this.#at += 2
    return null
  }
}
