/**
 * One of a kind for this process: `processWide('queue', () => createQueue(...))`. Next loads a module anew for each bundle
 * that uses it (a route, instrumentation.ts) and after every hot reload, but there is one globalThis. What is made
 * stays until the process ends: a change of its options needs a restart.
 */
export function processWide<Value>(name: string, make: () => Value): Value {
  const holder = globalThis as { [key: symbol]: unknown }
  const key = Symbol.for(`genqueue.process-wide.${name}`)
  holder[key] ??= make()
  return holder[key] as Value
}
