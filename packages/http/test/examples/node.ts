import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { handler } from './queue.js'

export const server = createServer(getRequestListener(handler, { overrideGlobalObjects: false }))
