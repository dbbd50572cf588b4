import type { Storage } from '@genqueue/core'

export interface Count {
  /** Commands sent, by name. */
  readonly commands: Map<string, number>
  /** Rows and positions asked for: a command may ask for many. */
  reads: number
}

/** The same storage, which also counts what is asked of it. */
export function countedStorage(storage: Storage, count: Count): Storage {
  return new Proxy(storage, {
    get(target, name: keyof Storage) {
      const member = target[name]
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        count.commands.set(name, (count.commands.get(name) ?? 0) + 1)
        count.reads += readsOf(name, args[0])
        return (member as (...all: unknown[]) => unknown).apply(target, args)
      }
    },
  })
}

function readsOf(name: string, argument: unknown): number {
  if (name === 'get') return (argument as readonly number[]).length
  if (name === 'positions') return (argument as { queueIds: readonly number[] }).queueIds.length
  return 0
}
