/**
 * What the storage needs of ioredis 5 or 6, a single connection or a Cluster: its shape, not its class, so that no
 * version of it comes with this package.
 */
export interface RedisClient {
  /** `ready` when commands go out at once; `wait` before a lazy connection; `end` when it was closed. */
  readonly status: string
  /** The connection of a `Redis`; a `Cluster` has several, and none here. */
  readonly stream?: { cork(): void; uncork(): void } | null
  callBuffer(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>
  connect(): Promise<void>
  duplicate(): RedisClient
  subscribe(...channels: string[]): Promise<unknown>
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
  quit(): Promise<unknown>
  disconnect(): void
}
