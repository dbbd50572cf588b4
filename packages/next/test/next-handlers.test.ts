import { toNextHandlers } from '@genqueue/next'
import { expect, it } from 'vitest'

it('a route file gets one function per method, all of them the handler', async () => {
  const { GET, POST, PUT } = toNextHandlers(
    async (request) => new Response(`${request.method} ${new URL(request.url).pathname}`),
  )
  for (const [method, answer] of Object.entries({ GET, POST, PUT })) {
    const response = await answer(new Request('https://app.example/api/queue/mine', { method }))
    expect(await response.text()).toBe(`${method} /api/queue/mine`)
  }
})
