import type { RedisClient } from './client.js'
import { storageError } from './failure.js'
import { ready } from './link.js'

/**
 * Hears over a connection of its own what the scripts publish. While that connection is down nothing is heard; when
 * it is back, `wake` is called once for all models, because something may have been missed.
 */
export async function listen(
  client: RedisClient,
  channel: string,
  timeoutMs: number,
  wake: (modelIds: readonly string[]) => void,
): Promise<() => Promise<void>> {
  const subscriber = client.duplicate()
  let stopped = false
  // A connection that breaks is rebuilt by the client, and polling goes on meanwhile.
  subscriber.on('error', () => {})
  subscriber.on('message', (_channel, message) => {
    if (!stopped) wake(JSON.parse(String(message)) as string[])
  })
  try {
    await ready(subscriber, 'listen', performance.now() + timeoutMs)
    await subscriber.subscribe(channel)
  } catch (error) {
    subscriber.disconnect()
    throw storageError('listen', error)
  }
  subscriber.on('ready', () => {
    if (!stopped) wake([])
  })
  return async () => {
    stopped = true
    subscriber.disconnect()
  }
}
