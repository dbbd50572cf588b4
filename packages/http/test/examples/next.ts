import { handler } from './queue.js'

export { handler as GET, handler as POST, handler as PUT }
