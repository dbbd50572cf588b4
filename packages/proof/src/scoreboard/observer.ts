import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Death, type Sighting, type Tally, tallyOf } from './books.js'
import { type Order, type Report, receive, send } from './wire.js'

type Answer = Extract<Report, { what: 'did' }>

/** Keeps the books of a stage: processes report to its socket, and it knows nothing of the library that they run. */
export class Observer {
  readonly #sightings: Sighting[] = []
  readonly #deaths: Death[] = []
  readonly #sockets = new Map<string, Socket>()
  readonly #answers = new Map<string, (answer: Answer) => void>()
  readonly #server = createServer((socket) => this.#welcome(socket))

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  isHere(who: string): boolean {
    return this.#sockets.has(who)
  }

  /** Resolves with the answer's number; whoever waits also watches whether the process still lives. */
  async ask(who: string, order: Order): Promise<number> {
    const socket = this.#sockets.get(who)
    if (socket === undefined) throw new Error(`${who} is not here`)
    const answer = new Promise<Answer>((resolve) => this.#answers.set(who, resolve))
    send(socket, order)
    const { value, error } = await answer
    if (error !== null) throw new Error(`${who} could not ${order.order}: ${error}`)
    return value
  }

  died(who: string, at: number): void {
    this.#deaths.push({ who, at })
  }

  tally(cap: number, since = 0): Tally {
    return tallyOf(this.#sightings, this.#deaths, cap, since)
  }

  close(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #welcome(socket: Socket): void {
    // Of a process that was killed.
    socket.on('error', () => {})
    receive<Report>(socket, (report) => {
      if (report.what === 'hello') this.#sockets.set(report.who, socket)
      else if (report.what === 'did') this.#answers.get(report.who)?.(report)
      else this.#sightings.push(report)
    })
  }
}
