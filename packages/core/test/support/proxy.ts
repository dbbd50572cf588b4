import { connect, createServer, type Socket } from 'node:net'

/** A proxy on loopback that can swallow replies and cut its connections: what a network does at the worst moment. */
export interface LossyProxy {
  readonly port: number
  /** The next commands reach the server, but their replies do not come back. */
  swallowReplies(): void
  /** Cuts every connection; new ones work. */
  cut(): void
  close(): Promise<void>
}

export async function startProxy(targetPort: number): Promise<LossyProxy> {
  const sockets = new Set<Socket>()
  let swallowing = false
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (data) => far.write(data))
    far.on('data', (data) => {
      if (!swallowing) near.write(data)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    swallowReplies() {
      swallowing = true
    },
    cut() {
      swallowing = false
      for (const socket of sockets) socket.destroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
