/** What stands for null among texts: a byte that UTF-8 never has; among numbers it is -1. See lua/include/row.lua. */
const NONE = 0xff

const HEAD_NUMBERS_BYTES = 1 + 4 + 1 + 4 + 4 + 8
const UTF8_BYTES_PER_UNIT_MAX = 3
let scratch = Buffer.allocUnsafe(1_024)

/** What the beginning of a new row says; null stands for none. */
export interface RowHead {
  readonly userId: string
  readonly ticketCost: number
  readonly priority: number
  readonly maxAttempts: number
  readonly maxWaitMs: number | null
}

/** The head of a waiting row as Lua's struct.pack would write it; good until the next call. See lua/include/row.lua. */
export function packHead(place: number, head: RowHead): Buffer {
  const bytesMax = HEAD_NUMBERS_BYTES + head.userId.length * UTF8_BYTES_PER_UNIT_MAX
  if (bytesMax > scratch.length) scratch = Buffer.allocUnsafe(bytesMax)
  scratch[0] = place
  scratch.writeInt32LE(head.ticketCost, 1)
  let at = 5 + scratch.write(head.userId, 5, 'utf8')
  scratch[at++] = 0
  at = scratch.writeInt32LE(head.priority, at)
  at = scratch.writeInt32LE(head.maxAttempts, at)
  return scratch.subarray(0, scratch.writeDoubleLE(head.maxWaitMs ?? -1, at))
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

  textOrNull(): string | null {
    if (this.#buffer[this.#at] !== NONE) return this.text()
    this.#at += 2
    return null
  }
}
