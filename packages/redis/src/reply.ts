import { Unpacker } from './unpack.js'

/** A script's answer: packed values, and beside them the bytes that it hands on as they are stored. */
export class Reply {
  readonly values: Unpacker
  readonly #blobs: readonly Buffer[]
  #next = 1

  constructor(blobs: readonly Buffer[]) {
    this.#blobs = blobs
    this.values = new Unpacker(blobs[0] as Buffer)
  }

  get blobsLeft(): number {
    return this.#blobs.length - this.#next
  }

  blob(): Buffer {
    const blob = this.#blobs[this.#next]
    if (blob === undefined) throw new RangeError('the reply ended early')
    this.#next += 1
    return blob
  }
}
