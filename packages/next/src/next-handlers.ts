type RequestHandler = (request: Request) => Promise<Response>

/** The exports of a catch-all route file; each reads the request, so Next never freezes a GET at build time. */
export function toNextHandlers(handler: RequestHandler): {
  GET: RequestHandler
  POST: RequestHandler
  PUT: RequestHandler
} {
  const answer: RequestHandler = (request) => handler(request)
  return { GET: answer, POST: answer, PUT: answer }
}
