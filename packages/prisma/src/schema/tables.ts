/** The databases that this package speaks, by Prisma's names for them. */
export const PROVIDERS = ['postgresql', 'mysql', 'sqlite'] as const
export type Provider = (typeof PROVIDERS)[number]

/**
 * `id`: increasing integer; `name`: text that stands in an index; `text`: text of any length; `integer`: 32 bits;
 * `long`: 64 bits, of which whole numbers up to 2^53 are used.
 */
export type ColumnType = 'id' | 'name' | 'text' | 'integer' | 'long' | 'number' | 'boolean'

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly optional?: boolean
  readonly default?: number | string | boolean
  /** Longest `name`, in characters. */
  readonly length?: number
  /** What stands behind the field in the user's schema. */
  readonly comment?: string
}

export interface Index {
  /** What follows the table's name in the name of the index. */
  readonly name: string
  readonly columns: readonly string[]
  readonly unique?: boolean
}

export interface Table {
  readonly name: string
  readonly comment: string
  readonly columns: readonly Column[]
  readonly primaryKey: readonly string[]
  readonly indexes: readonly Index[]
}

/** core's ids are at most this long (DEFAULT_SIZES.idLength); it is also what MySQL indexes without ado. */
const NAME_LENGTH = 191

const id = (name: string): Column => ({ name, type: 'id' })
const name = (column: string, extra: Partial<Column> = {}): Column => ({
  name: column,
  type: 'name',
  length: NAME_LENGTH,
  ...extra,
})
const column = (type: ColumnType, columnName: string, extra: Partial<Column> = {}): Column => ({
  name: columnName,
  type,
  ...extra,
})
const time = (columnName: string, extra: Partial<Column> = {}): Column =>
  column('long', columnName, { comment: 'epoch milliseconds', ...extra })
const optional = { optional: true } as const

/**
 * A lane splits a count into rows that are added up when read: writers of different processes take different ones and
 * do not wait for each other.
 */
const lane = column('integer', 'lane', { default: 0 })

export const LIMITS: Table = {
  name: 'ModelConcurrencyLimit',
  comment:
    'How many generations of a model may run at once. An app may add to and subtract from currentActive.',
  columns: [
    name('modelId'),
    name('modelType', { comment: 'image, video, ...' }),
    column('integer', 'maxConcurrent'),
    column('integer', 'currentActive', { default: 0, comment: 'slots taken' }),
    column('boolean', 'paused', { default: false }),
    name('recentRunMs', { length: 512, default: '', comment: 'latest run times, newest first' }),
    time('updatedAt', { default: 0 }),
  ],
  primaryKey: ['modelId'],
  indexes: [],
}

export const GENERATIONS: Table = {
  name: 'GenerationQueue',
  comment: 'Every generation, whether it waits, runs or is done.',
  columns: [
    id('id'),
    name('userId'),
    name('modelId'),
    name('modelType'),
    column('text', 'prompt'),
    column('text', 'parameters', { comment: 'JSON text' }),
    column('text', 'metadata', { ...optional, comment: 'JSON text' }),
    name('status', { length: 32, comment: 'queued, processing, completed, failed or cancelled' }),
    name('place', { length: 16, comment: 'ready, delayed, leased or done: what the indexes go by' }),
    lane,
    column('integer', 'priority', { default: 0, comment: 'higher starts first' }),
    column('integer', 'turn', { default: 0, comment: '-priority, so that one index has the order' }),
    column('integer', 'ticketCost'),
    column('integer', 'ticketsUsed', optional),
    name('idempotencyKey'),
    name('fingerprint'),
    column('integer', 'attempt', { default: 0 }),
    column('integer', 'maxAttempts'),
    time('queuedAt'),
    time('notBefore', optional),
    column('long', 'maxWaitMs', optional),
    time('deadlineAt', optional),
    time('dueAt', { ...optional, comment: 'when its lease, delay or deadline may be over' }),
    time('startedAt', optional),
    time('completedAt', optional),
    name('leaseToken', optional),
    time('leaseExpiresAt', optional),
    name('releasedBy', optional),
    column('number', 'progress', { ...optional, comment: '0 to 1' }),
    column('text', 'resultUrl', optional),
    column('text', 'output', { ...optional, comment: 'JSON text' }),
    column('text', 'errorMessage', optional),
    column('text', 'timeline', { comment: 'what happened to it, oldest first' }),
  ],
  primaryKey: ['id'],
  indexes: [
    { name: 'key', columns: ['userId', 'idempotencyKey'], unique: true },
    { name: 'order', columns: ['place', 'modelId', 'turn', 'queuedAt', 'id'] },
    { name: 'due', columns: ['place', 'dueAt'] },
    { name: 'model', columns: ['modelId', 'status', 'id'] },
    { name: 'user', columns: ['userId', 'id'] },
    { name: 'settled', columns: ['status', 'completedAt'] },
  ],
}

export const TICKETS: Table = {
  name: 'Ticket',
  comment: 'Prepaid tickets of a user; available = balance - reserved.',
  columns: [
    name('userId'),
    column('integer', 'balance', { default: 0 }),
    column('integer', 'reserved', { default: 0 }),
    column('long', 'granted', { default: 0, comment: 'sum of grants less revocations' }),
    column('long', 'captured', { default: 0 }),
  ],
  primaryKey: ['userId'],
  indexes: [],
}

export const LEDGER: Table = {
  name: 'TicketLedger',
  comment: 'Every movement of tickets; balance and reserved are those after it.',
  columns: [
    id('id'),
    name('userId'),
    time('at'),
    name('kind', { length: 16 }),
    column('integer', 'amount'),
    column('integer', 'balance'),
    column('integer', 'reserved'),
    column('integer', 'queueId', { ...optional, comment: 'GenerationQueue.id' }),
    name('key', { ...optional, comment: 'idempotency key of a grant' }),
    name('memo', optional),
  ],
  primaryKey: ['id'],
  indexes: [
    { name: 'user', columns: ['userId', 'id'] },
    { name: 'key', columns: ['userId', 'key'], unique: true },
  ],
}

export const ROLLUPS: Table = {
  name: 'GenerationRollup',
  comment: 'What happened per model and hour.',
  columns: [
    name('modelId'),
    time('hour'),
    name('measure', { length: 32 }),
    column('integer', 'bin'),
    lane,
    column('long', 'count'),
    column('long', 'sum'),
  ],
  primaryKey: ['modelId', 'hour', 'measure', 'bin', 'lane'],
  indexes: [{ name: 'hour', columns: ['hour'] }],
}

export const COUNTS: Table = {
  name: 'GenerationCount',
  comment: 'Stored generations by model and status.',
  columns: [name('modelId'), name('status', { length: 32 }), lane, column('long', 'count')],
  primaryKey: ['modelId', 'status', 'lane'],
  indexes: [],
}

export const BUCKETS: Table = {
  name: 'GenerationBucket',
  comment: 'Generations that are ready, by spans of queuedAt: a position is a sum over few rows.',
  columns: [
    name('modelId'),
    column('integer', 'level', { comment: 'how long its span is' }),
    column('integer', 'turn'),
    column('long', 'bucket', { comment: 'queuedAt divided by the span' }),
    lane,
    column('integer', 'count'),
  ],
  primaryKey: ['modelId', 'level', 'turn', 'bucket', 'lane'],
  indexes: [],
}

export const TABLES: readonly Table[] = [LIMITS, GENERATIONS, TICKETS, LEDGER, ROLLUPS, COUNTS, BUCKETS]
