import { batchCases } from './cases/batches.js'
import { contentCases } from './cases/content.js'
import { historyCases } from './cases/history.js'
import { leaseCases } from './cases/leases.js'
import { orderCases } from './cases/order.js'
import { raceCases } from './cases/races.js'
import { readingCases } from './cases/reading.js'
import { ticketCases } from './cases/tickets.js'
import { togetherCases } from './cases/together.js'
import { transitionCases } from './cases/transitions.js'
import type { Harness, Runner } from './harness.js'

/**
 * What every storage must do, as tests for your runner: `conformanceSuite({ describe, it }, harness)`. Nothing is
 * skipped; what a storage cannot do stands in its `supports`.
 */
export function conformanceSuite(runner: Runner, harness: Harness): void {
  runner.describe(`${harness.name}: conformance`, () => {
    transitionCases(runner, harness)
    leaseCases(runner, harness)
    orderCases(runner, harness)
    ticketCases(runner, harness)
    batchCases(runner, harness)
    togetherCases(runner, harness)
    raceCases(runner, harness)
    readingCases(runner, harness)
    historyCases(runner, harness)
    contentCases(runner, harness)
  })
}
