export {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  LEASE_MS,
  limitCommand,
  limitItem,
  listQuery,
  postCommand,
  renewCommand,
  startCommand,
} from './builders.js'
export { ManualClock } from './clock.js'
export type { Harness, OpenedStorage, Runner } from './harness.js'
export { type ModelTestOptions, modelTest } from './model-test.js'
export { conformanceSuite } from './suite.js'
export { type TableStorageOptions, tableStorage } from './table-storage.js'
export { Tables } from './tables.js'
