const UINT32 = 2 ** 32
const NONE = 0xc2

/** Reads what cmsgpack wrote, value after value; a value of another kind than asked for throws. */
export class Unpacker {
  readonly #buffer: Buffer
  #at = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  /** Passes over a null; false leaves what stands there to be read. */
  none(): boolean {
    if (this.#buffer[this.#at] !== NONE) return false
    this.#at += 1
    return true
  }

  /** The length of a list whose values follow. */
  list(): number {
    const tag = this.#byte()
    if ((tag & 0xf0) === 0x90) return tag & 0x0f
    if (tag === 0xdc) return this.#unsigned(2)
    if (tag === 0xdd) return this.#unsigned(4)
    throw unexpected('a list', tag)
  }

  number(): number {
    const tag = this.#byte()
    if (tag < 0x80) return tag
    if (tag >= 0xe0) return tag - 0x100
    switch (tag) {
      case 0xcc:
        return this.#byte()
      case 0xcd:
        return this.#unsigned(2)
      case 0xce:
        return this.#unsigned(4)
      case 0xcf:
        return this.#unsigned(4) * UINT32 + this.#unsigned(4)
      default:
        return this.#signedOrFraction(tag)
    }
  }

  numberOrNull(): number | null {
    return this.none() ? null : this.number()
  }

  text(): string {
    const bytes = this.#textBytes()
    const start = this.#at
    this.#at += bytes
    return this.#buffer.toString('utf8', start, this.#at)
  }

  textOrNull(): string | null {
    return this.none() ? null : this.text()
  }

  #signedOrFraction(tag: number): number {
    const at = this.#at
    const bytes = FIXED_BYTES[tag]
    if (bytes === undefined) throw unexpected('a number', tag)
    this.#at += bytes
    switch (tag) {
      case 0xca:
        return this.#buffer.readFloatBE(at)
      case 0xcb:
        return this.#buffer.readDoubleBE(at)
      case 0xd0:
        return this.#buffer.readInt8(at)
      case 0xd1:
        return this.#buffer.readInt16BE(at)
      case 0xd2:
        return this.#buffer.readInt32BE(at)
      default:
        return Number(this.#buffer.readBigInt64BE(at))
    }
  }

  #textBytes(): number {
    const tag = this.#byte()
    if ((tag & 0xe0) === 0xa0) return tag & 0x1f
    if (tag === 0xd9) return this.#byte()
    if (tag === 0xda) return this.#unsigned(2)
    if (tag === 0xdb) return this.#unsigned(4)
    throw unexpected('text', tag)
  }

  #unsigned(bytes: 2 | 4): number {
    const at = this.#at
    this.#at += bytes
    return bytes === 2 ? this.#buffer.readUInt16BE(at) : this.#buffer.readUInt32BE(at)
  }

  #byte(): number {
    const byte = this.#buffer[this.#at]
    if (byte === undefined) throw new RangeError('the reply ended early')
    this.#at += 1
    return byte
  }
}

const FIXED_BYTES: Readonly<Record<number, number>> = {
  202: 4,
  203: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
}

const unexpected = (wanted: string, tag: number) =>
  new TypeError(`the reply has tag 0x${tag.toString(16)} where ${wanted} was expected`)
