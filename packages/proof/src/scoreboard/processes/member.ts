import { connect } from 'node:net'
import { endWithParent } from '../../chaos/child.js'
import { monotonicMs, pause, until } from '../../chaos/time.js'
import { CONTENDERS, type ContenderName } from '../contenders.js'
import type { Ground } from '../library/adapter.js'
import { type Order, type Report, receive, send } from '../wire.js'

/** One process of an app that runs a contender; it does what the observer asks, and tells it what its handlers do. */
export interface MemberOrders {
  readonly who: string
  readonly contender: ContenderName
  readonly ground: Ground
  readonly observerPort: number
}

type Untold<Message> = Message extends Report ? Omit<Message, 'who' | 'at'> : never
type Doing = {
  readonly [Name in Order['order']]: (order: Extract<Order, { order: Name }>) => Promise<number>
}

/** Jobs that one call of a library takes. */
const BATCH = 100
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)
const rate = (jobs: number, ms: number) => (jobs / ms) * 1_000

endWithParent()
const { who, contender, ground, observerPort } = JSON.parse(process.argv[2] as string) as MemberOrders
const adapter = await CONTENDERS[contender].open(ground)
const socket = connect(observerPort, '127.0.0.1')
socket.once('close', () => process.exit(1))
const tell = (message: Untold<Report>) => send(socket, { ...message, who, at: monotonicMs() } as Report)

let go: (() => unknown) | undefined
let filled = 0

const DOING: Doing = {
  async setUp() {
    await adapter.setUp()
    return 0
  },
  async add({ from, count }) {
    for (let start = 0; start < count; start += BATCH) {
      await adapter.add(numbers(from + start, Math.min(BATCH, count - start)))
    }
    return 0
  },
  async prepare({ runMs }) {
    go = await adapter.prepare(async (job) => {
      tell({ what: 'begin', job })
      await pause(runMs)
      tell({ what: 'end', job })
    })
    return 0
  },
  async go() {
    await go?.()
    return 0
  },
  left: () => adapter.left(),
  async fill({ forMs, most }) {
    const startedAt = monotonicMs()
    for (filled = 0; filled < most && monotonicMs() < startedAt + forMs; filled += BATCH) {
      await adapter.add(numbers(filled, BATCH))
    }
    return rate(filled, monotonicMs() - startedAt)
  },
  async race({ forMs }) {
    let [ended, lastEndAt] = [0, 0]
    const start = await adapter.prepare(async () => {
      ended += 1
      lastEndAt = monotonicMs()
    })
    const startedAt = monotonicMs()
    await start()
    await until(() => ended >= filled, forMs)
    return ended === 0 ? 0 : rate(ended, lastEndAt - startedAt)
  },
}

const obey = (order: Order) => (DOING[order.order] as (order: Order) => Promise<number>)(order)

receive<Order>(socket, (order) => {
  obey(order).then(
    (value) => tell({ what: 'did', value, error: null }),
    (error: unknown) => tell({ what: 'did', value: 0, error: String(error) }),
  )
})
tell({ what: 'hello' })
