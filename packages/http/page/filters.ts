/** What the viewer shows, kept in the page's address so that it survives a reload and can be sent to a colleague. */
export interface Filters {
  readonly status: string
  readonly modelId: string
  readonly userId: string
  readonly text: string
  readonly cursor: string
}

const NAMES = ['status', 'modelId', 'userId', 'text', 'cursor'] as const
const ITEM = 'item'

const read = () => new URLSearchParams(location.search)

function write(change: (query: URLSearchParams) => void): void {
  const query = read()
  change(query)
  const text = query.toString()
  history.replaceState(null, '', `${location.pathname}${text === '' ? '' : `?${text}`}${location.hash}`)
}

export function readFilters(): Filters {
  const query = read()
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ''])) as unknown as Filters
}

export function writeFilters(filters: Partial<Filters>): void {
  write((query) => {
    for (const [name, value] of Object.entries(filters)) {
      if (value === '') query.delete(name)
      else query.set(name, value)
    }
  })
}

/** The filters as a query of the items route, without paging. */
export function filterQuery({ cursor: _cursor, ...filters }: Filters): URLSearchParams {
  return new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ''))
}

/** The generation whose detail is open. */
export function readOpenItem(): number | null {
  const id = Number(read().get(ITEM))
  return Number.isSafeInteger(id) && id > 0 ? id : null
}

export function writeOpenItem(queueId: number | null): void {
  write((query) => {
    if (queueId === null) query.delete(ITEM)
    else query.set(ITEM, String(queueId))
  })
}
