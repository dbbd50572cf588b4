/**
 * The part of MessagePack that Redis's cmsgpack writes and reads, so that a command's arguments and its reply
 * travel as one value each. `false` stands for null both ways: nil would leave holes in Lua's tables.
 */

const SCRATCH_BYTES = 64 * 1024
/** Above this a command's buffer is not kept for the next one. */
const SCRATCH_KEPT_BYTES = 4 * 1024 * 1024
const UTF8_BYTES_PER_UNIT_MAX = 3
/** Up to this length a loop over the characters is faster than a call into the encoder. */
const SHORT_TEXT = 48
const UINT32 = 2 ** 32
const NONE = 0xc2

export type Packable = number | string | null | readonly Packable[]

/** Writes a command's values one after the other, from `begin` to `take`. Commands are packed without a pause, so one is enough. */
class Packer {
  #buffer = Buffer.allocUnsafe(SCRATCH_BYTES)
  #at = 0

  /** Begins a command of `length` values; what an earlier one left behind when it threw is dropped. */
  begin(length: number): this {
    this.#at = 0
    return this.list(length)
  }

  list(length: number): this {
    this.#reserve(5)
    if (length < 16) this.#buffer[this.#at++] = 0x90 | length
    else {
      this.#buffer[this.#at] = 0xdd
      this.#buffer.writeUInt32BE(length, this.#at + 1)
      this.#at += 5
    }
    return this
  }

  none(): this {
    this.#reserve(1)
    this.#buffer[this.#at++] = NONE
    return this
  }

  number(value: number): this {
    this.#reserve(9)
    const buffer = this.#buffer
    if (Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
      if (value >= 0) this.#unsigned(value)
      else if (value >= -32) buffer[this.#at++] = value & 0xff
      else {
        buffer[this.#at] = 0xd3
        buffer.writeBigInt64BE(BigInt(value), this.#at + 1)
        this.#at += 9
      }
      return this
    }
    buffer[this.#at] = 0xcb
    buffer.writeDoubleBE(value, this.#at + 1)
    this.#at += 9
    return this
  }

  numberOrNone(value: number | null): this {
    return value === null ? this.none() : this.number(value)
  }

  text(value: string): this {
    const length = value.length
    const bytesMax = length * UTF8_BYTES_PER_UNIT_MAX
    this.#reserve(bytesMax + 5)
    const headerBytes = textHeaderBytes(bytesMax)
    const start = this.#at + headerBytes
    const bytes =
      length <= SHORT_TEXT ? this.#shortText(value, start) : this.#buffer.write(value, start, 'utf8')
    this.#textHeader(headerBytes, bytes)
    this.#at = start + bytes
    return this
  }

  /** Bytes as one string. */
  bytes(value: Buffer): this {
    this.#reserve(value.length + 3)
    this.#textHeader(3, value.length)
    value.copy(this.#buffer, this.#at + 3)
    this.#at += value.length + 3
    return this
  }

  textOrNone(value: string | null): this {
    return value === null ? this.none() : this.text(value)
  }

  value(value: Packable): this {
    if (value === null) return this.none()
    if (typeof value === 'number') return this.number(value)
    if (typeof value === 'string') return this.text(value)
    this.list(value.length)
    for (const entry of value) this.value(entry)
    return this
  }

  /** The command's bytes, a copy: the client may keep them until they are sent. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#at))
    if (this.#buffer.length > SCRATCH_KEPT_BYTES) this.#buffer = Buffer.allocUnsafe(SCRATCH_BYTES)
    return bytes
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }

  #unsigned(value: number): void {
    const buffer = this.#buffer
    if (value < 0x80) buffer[this.#at++] = value
    else if (value < UINT32) {
      buffer[this.#at] = 0xce
      buffer.writeUInt32BE(value, this.#at + 1)
      this.#at += 5
    } else {
      buffer[this.#at] = 0xcf
      buffer.writeUInt32BE(Math.floor(value / UINT32), this.#at + 1)
      buffer.writeUInt32BE(value % UINT32, this.#at + 5)
      this.#at += 9
    }
  }

  #shortText(value: string, start: number): number {
    const buffer = this.#buffer
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) return buffer.write(value, start, 'utf8')
      buffer[start + i] = code
    }
    return value.length
  }

  #textHeader(headerBytes: number, bytes: number): void {
    const buffer = this.#buffer
    const at = this.#at
    if (headerBytes === 1) buffer[at] = 0xa0 | bytes
    else if (headerBytes === 2) {
      buffer[at] = 0xd9
      buffer[at + 1] = bytes
    } else if (headerBytes === 3) {
      buffer[at] = 0xda
      buffer.writeUInt16BE(bytes, at + 1)
    } else {
      buffer[at] = 0xdb
      buffer.writeUInt32BE(bytes, at + 1)
    }
  }
}

/** Chosen before the text is written, so by the most bytes that it may take. */
function textHeaderBytes(bytesMax: number): number {
  if (bytesMax < 0x20) return 1
  if (bytesMax < 0x1_00) return 2
  return bytesMax < 0x1_00_00 ? 3 : 5
}

export const packer = new Packer()
export type { Packer }
