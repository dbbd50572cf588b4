import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { type Storage, StorageError } from '@genqueue/core'
import { Tables, tableStorage } from '@genqueue/core/testing'

/**
 * A storage in one JSON file, for one process and a few thousand generations. The rules are core's: `tableStorage`
 * runs every command on plain lists; what is left to a storage is to load those lists, to save them after every
 * command before its answer, and to keep a second process out.
 */
export function fileStorage(path: string): Storage {
  const tables = new Tables()
  const inner = tableStorage({ name: 'file', tables, save: (changed) => saveTables(path, changed) })
  const lock = `${path}.lock`
  let opened = false
  let closed = false

  return {
    ...inner,
    async open() {
      if (opened || closed) return inner.open()
      takeLock(lock)
      opened = true
      loadTables(path, tables)
    },
    async close() {
      closed = true
      await inner.close()
      if (opened) rmSync(lock, { force: true })
      opened = false
    },
  }
}

/** The lists of the tables as they stand in the file. */
interface Saved {
  readonly rows: [number, never][]
  readonly accounts: [string, never][]
  readonly limits: [string, never][]
  readonly runs: [string, number[]][]
  readonly ledger: Tables['ledger']
  readonly facts: Tables['facts']
  readonly lastQueueId: number
  readonly lastEntryId: number
}

/** Written beside the file and moved over it: a crash leaves the old file or the new one, never half of one. */
function saveTables(path: string, tables: Tables): void {
  const { rows, accounts, limits, runs, ledger, facts, lastQueueId, lastEntryId } = tables
  const lists = { rows: [...rows], accounts: [...accounts], limits: [...limits], runs: [...runs] }
  const text = JSON.stringify({ ...lists, ledger, facts, lastQueueId, lastEntryId })
  try {
    const file = openSync(`${path}.new`, 'w')
    writeSync(file, text)
    fsyncSync(file)
    closeSync(file)
    renameSync(`${path}.new`, path)
  } catch (cause) {
    throw new StorageError(`cannot write ${path}`, { transient: false, cause })
  }
}

function loadTables(path: string, tables: Tables): void {
  if (!existsSync(path)) return
  try {
    const saved = JSON.parse(readFileSync(path, 'utf8')) as Saved
    const { rows, accounts, limits, runs, ledger, facts, lastQueueId, lastEntryId } = saved
    const maps = {
      rows: new Map(rows),
      accounts: new Map(accounts),
      limits: new Map(limits),
      runs: new Map(runs),
    }
    Object.assign(tables, maps, { ledger, facts, lastQueueId, lastEntryId })
  } catch (cause) {
    throw new StorageError(`cannot read ${path}`, { transient: false, cause })
  }
}

/** Two processes on one file would overwrite each other: the second one is told so. */
function takeLock(lock: string): void {
  try {
    const file = openSync(lock, 'wx')
    writeSync(file, String(process.pid))
    closeSync(file)
  } catch (cause) {
    const message = `${lock} exists: another process has this storage open, or died with it; remove the lock if it died`
    throw new StorageError(message, { transient: false, cause })
  }
}
