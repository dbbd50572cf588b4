import { conformanceSuite, modelTest } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { Cluster } from 'ioredis'
import { afterAll, describe, it } from 'vitest'
import { startCluster } from './support/cluster.js'
import { harnessOver } from './support/harness.js'
import { canStartServers } from './support/server.js'

if (!canStartServers) {
  if (process.env.CI === 'true')
    throw new Error('the cluster tests need redis-server or valkey-server in PATH')
  console.warn('skipped, no redis-server in PATH to start a cluster with')
}
const cluster = canStartServers ? await startCluster() : null

describe.skipIf(cluster === null)('three nodes', () => {
  const client = new Cluster(cluster?.nodes ?? [], { lazyConnect: true })
  afterAll(async () => {
    client.disconnect()
    await cluster?.destroy()
  })

  const harness = harnessOver('redis cluster', client)
  conformanceSuite({ describe, it }, harness)
  modelTest({ describe, it }, harness, fc, { runs: 10 })
})
