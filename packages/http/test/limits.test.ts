import { createQueue } from '@genqueue/core'
import { createQueueHandler } from '@genqueue/http'
import { memoryStorage } from '@genqueue/memory'
import { describe, expect, it } from 'vitest'

async function openAdmin(limitMax?: number) {
  const queue = createQueue({
    storage: memoryStorage(),
    models: { m: 2 },
    ...(limitMax === undefined ? {} : { limitMax }),
  })
  const handler = createQueueHandler(queue, { identify: () => ({ userId: 'root', admin: true }) })
  const put = async (maxConcurrent: unknown) => {
    const response = await handler(
      new Request('http://localhost/api/admin/queue/limits', {
        method: 'PUT',
        body: JSON.stringify({ modelId: 'm', maxConcurrent }),
      }),
    )
    const { error, maxConcurrent: set } = (await response.json()) as {
      error?: { code: string; message: string }
      maxConcurrent?: number
    }
    return [response.status, error === undefined ? set : `${error.code} ${error.message}`]
  }
  const page = await (await handler(new Request('http://localhost/admin/queue'))).text()
  return { queue, put, told: /name="genqueue-limit-max" content="(\d+)"/.exec(page)?.[1] }
}

describe('the highest limit an admin may set', () => {
  const BOUNDS: [limitMax: number | undefined, highest: number][] = [
    [undefined, 50],
    [20, 20],
    [500, 50],
  ]
  it.each(BOUNDS)('limitMax %s: %s, on the page and in the API alike', async (limitMax, highest) => {
    const { queue, put, told } = await openAdmin(limitMax)
    expect(told).toBe(String(highest))
    expect(await put(1)).toEqual([200, 1])
    expect(await put(highest)).toEqual([200, highest])
    const rule = `VALIDATION body: maxConcurrent: must be a whole number from 1 to ${highest}`
    for (const wrong of [highest + 1, 2.5, '5', null, 1e300]) expect(await put(wrong)).toEqual([400, rule])
    for (const wrong of [0, -1])
      expect(await put(wrong)).toEqual([400, `${rule}; pause the model to stop it`])
    expect(await queue.limits.get('m')).toMatchObject({ maxConcurrent: highest })
    await queue.close()
  })

  it('is no bound for code, whose higher limits the page leaves alone', async () => {
    const { queue, put } = await openAdmin(500)
    expect(await queue.limits.set('m', { maxConcurrent: 500 })).toMatchObject({ maxConcurrent: 500 })
    expect((await put(51))[0]).toBe(400)
    await queue.close()
  })
})
