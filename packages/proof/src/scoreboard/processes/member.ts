import { connect } from 'node:net'
import { endWithParent } from '../../chaos/child.js'
import { monotonicMs, pause } from '../../chaos/time.js'
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

endWithParent()
const { who, contender, ground, observerPort } = JSON.parse(process.argv[2] as string) as MemberOrders
const adapter = await CONTENDERS[contender].open(ground)
const socket = connect(observerPort, '127.0.0.1')
socket.once('close', () => process.exit(1))
const tell = (message: Untold<Report>) => send(socket, { ...message, who, at: monotonicMs() } as Report)

let go: (() => unknown) | undefined

async function obey(order: Order): Promise<number> {
  switch (order.order) {
    case 'setUp':
      await adapter.setUp()
      return 0
    case 'add':
      await adapter.add(Array.from({ length: order.count }, (_, i) => order.from + i))
      return 0
    case 'prepare':
      go = await adapter.prepare(async (job) => {
        tell({ what: 'begin', job })
        await pause(order.runMs)
        tell({ what: 'end', job })
      })
      return 0
    case 'go':
      await go?.()
      return 0
    case 'left':
      return adapter.left()
  }
}

receive<Order>(socket, (order) => {
  obey(order).then(
    (value) => tell({ what: 'did', value, error: null }),
    (error: unknown) => tell({ what: 'did', value: 0, error: String(error) }),
  )
})
tell({ what: 'hello' })
