/**
 * One of a kind for this process: Next loads a module anew for each bundle that uses it, and after every hot reload,
 * but there is one globalThis.
 */
export function processWide<Value>(name: string, make: () => Value): Value {
  const holder = globalThis as { [key: symbol]: unknown }
  const key = Symbol.for(`genqueue.studio.${name}`)
  holder[key] ??= make()
  return holder[key] as Value
}
