export interface Status {
  readonly status: string
  readonly position: number | null
  readonly resultUrl: string | null
}

/** Asks as often as the server proposes, until nothing more is to come. */
export async function poll(url: string, show: (status: Status) => void): Promise<Status> {
  let tag = ''
  let status: Status | undefined
  for (;;) {
    const response = await fetch(url, { headers: { 'if-none-match': tag } })
    // 304: nothing has changed, and no body comes.
    if (response.status === 200) {
      status = (await response.json()) as Status
      tag = response.headers.get('etag') ?? ''
      show(status)
    } else if (response.status !== 304 && response.status !== 503) {
      throw new Error(`the status could not be read: ${response.status}`)
    }
    const againS = response.headers.get('retry-after')
    if (status !== undefined && againS === null) return status
    await new Promise((resolve) => setTimeout(resolve, Number(againS) * 1_000))
  }
}
