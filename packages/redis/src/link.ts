import { StorageError } from '@genqueue/core'
import type { RedisClient } from './client.js'
import { classify, storageError } from './failure.js'
import { Reply } from './reply.js'
import { SCRIPTS, type Script, type ScriptName } from './scripts.js'
import { createTurns } from './turns.js'

/** Sendings of one command while its replies get lost. */
const SENDINGS_MAX = 10
/** Sendings while a script asks for another, each having promoted a full step of delayed generations. */
const AGAIN_MAX = 10_000

/** A command's arguments, or what builds them; `resent` when an earlier sending may have been carried out. */
export type Arguments = readonly Buffer[] | ((resent: boolean) => readonly Buffer[])

/** Calls scripts, each in a bounded time whatever becomes of the connection. */
export interface Caller {
  call(name: ScriptName, args: Arguments): Promise<Reply>
}

/** A caller over one client. */
export interface Link extends Caller {
  readonly client: RedisClient
  /** Calls after it are refused. */
  close(): void
}

export function createLink(client: RedisClient, namespace: string, timeoutMs: number): Link {
  let closed = false
  const turns = createTurns(client)

  const send = async (script: Script, args: readonly Buffer[]): Promise<Buffer[]> => {
    const command = () => client.callBuffer('evalsha', script.sha1, 1, namespace, ...args)
    try {
      // A claim goes behind the settles of its turn, which free the slots that it wants.
      return (await turns.send(command, script.name === 'claim')) as Buffer[]
    } catch (error) {
      // A server that restarted or was flushed has forgotten its scripts; sent whole, it keeps it again.
      if (classify(error) !== 'uncached') throw error
      return (await client.callBuffer('eval', script.source, 1, namespace, ...args)) as Buffer[]
    }
  }

  const sendUntilAnswered = async (script: Script, args: Arguments, deadline: number): Promise<Buffer[]> => {
    let resent = false
    for (let sendings = 1; ; sendings++) {
      if (client.status !== 'ready') await ready(client, script.name, deadline)
      try {
        const payload = typeof args === 'function' ? args(resent) : args
        return await within(send(script, payload), script.name, deadline)
      } catch (error) {
        const again = classify(error) === 'lost' && sendings < SENDINGS_MAX && performance.now() < deadline
        if (!again) throw storageError(script.name, error)
        resent = true
      }
    }
  }

  return {
    client,
    async call(name, args) {
      const deadline = performance.now() + timeoutMs
      for (let sendings = 1; sendings <= AGAIN_MAX; sendings++) {
        if (closed) throw new StorageError('the redis storage is closed', { transient: false })
        const blobs = await sendUntilAnswered(SCRIPTS[name], args, deadline)
        await turns.mine()
        if (blobs.length > 0) return new Reply(blobs)
      }
      throw new StorageError(`${name}: too many delayed generations are due at once`, { transient: true })
    },
    close() {
      closed = true
    },
  }
}

const late = (doing: string) =>
  new StorageError(`${doing}: the redis server did not answer in time`, { transient: true })

/** The promise's outcome, or a transient failure once the deadline has passed. */
function within<Result>(promise: Promise<Result>, doing: string, deadline: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late(doing)), Math.max(0, deadline - performance.now()))
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Waits for the connection without putting anything into the client's own queue, which may have no bound. */
export async function ready(client: RedisClient, doing: string, deadline: number): Promise<void> {
  if (client.status === 'ready') return
  // Failures to connect are told by the client's events, and by the deadline here.
  if (client.status === 'wait') client.connect().catch(() => {})
  let settle: () => void = () => {}
  const changed = new Promise<void>((resolve) => {
    settle = resolve
  })
  client.on('ready', settle)
  client.on('end', settle)
  try {
    if ((client.status as string) !== 'end') await within(changed, doing, deadline)
  } finally {
    client.off('ready', settle)
    client.off('end', settle)
  }
  if ((client.status as string) === 'end') {
    throw new StorageError(`${doing}: the redis client is closed`, { transient: false })
  }
}
