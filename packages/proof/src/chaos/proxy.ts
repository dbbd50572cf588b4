import { connect, createServer, type Socket } from 'node:net'

/** A proxy on loopback that cuts connections, also just after the server did what it was asked and before it says so. */
export interface CuttingProxy {
  readonly port: number
  /** Cuts every connection; new ones work. */
  cut(): void
  /** For `ms`, what is sent reaches the server and what it answers reaches nobody; then every connection is cut. */
  swallow(ms: number): Promise<void>
  close(): Promise<void>
}

export async function startProxy(targetPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  let swallowing = false
  const keep = (socket: Socket, both: readonly Socket[]) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      for (const each of both) each.destroy()
    })
  }
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1')
    const both = [near, far]
    for (const socket of both) keep(socket, both)
    near.on('data', (data) => far.write(data))
    far.on('data', (data) => {
      if (!swallowing) near.write(data)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as { port: number }).port,
    cut,
    async swallow(ms) {
      swallowing = true
      await new Promise((resolve) => setTimeout(resolve, ms))
      cut()
      swallowing = false
    },
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
