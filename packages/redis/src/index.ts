export type { RedisClient } from './client.js'
export type { ConnectionOptions } from './connect.js'
export type { RedisStorageOptions } from './options.js'
export { redisStorage } from './storage.js'
