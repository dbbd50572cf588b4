import { Hono } from 'hono'
import { handler } from './queue.js'

export const app = new Hono()

app.all('/api/*', (context) => handler(context.req.raw))
app.all('/admin/queue/*', (context) => handler(context.req.raw))
