import { handler } from './queue.js'

export default { fetch: handler }
