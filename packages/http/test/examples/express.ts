import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { handler } from './queue.js'

export const app = express()

const listener = getRequestListener(handler, { overrideGlobalObjects: false })
app.all(['/api/queue/*path', '/api/admin/queue/*path', '/admin/queue{/*path}'], listener)
