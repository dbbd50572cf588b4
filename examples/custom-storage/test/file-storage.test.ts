import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createQueue, type Storage } from '@genqueue/core'
import { conformanceSuite, type Harness, modelTest } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileStorage } from '../src/file-storage.js'

const inFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-file-'))
  return { path: join(folder, 'queue.json'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

const harness: Harness = {
  name: 'file',
  async create() {
    const { path, remove } = inFolder()
    const storage = fileStorage(path)
    return {
      storage,
      another: async () => storage,
      destroy: async () => {
        await storage.close()
        remove()
      },
    }
  },
}

conformanceSuite({ describe, it }, harness)
modelTest({ describe, it }, harness, fc, { runs: 20 })

describe('the file', () => {
  const open = (storage: Storage) => createQueue({ storage, models: { m: 1 } })

  it('keeps everything across a restart, and one process out of another', async () => {
    const { path, remove } = inFolder()
    const first = open(fileStorage(path))
    await first.tickets.grant('ada', 10)
    const { queueId } = await first.enqueue({ userId: 'ada', modelId: 'm', prompt: 'a lake' })
    await expect(open(fileStorage(path)).stats()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await first.close()
    const second = open(fileStorage(path))
    expect(await second.status(queueId)).toMatchObject({ status: 'queued', position: 1 })
    expect(await second.tickets.account('ada')).toMatchObject({ balance: 10, reserved: 1 })
    expect(await second.verify()).toMatchObject({ ok: true })
    await second.close()
    remove()
  })
})
