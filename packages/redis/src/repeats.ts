/**
 * The items in parts, in order, so that no key stands twice in a part: a script reads all that its items need before
 * it changes anything, so the second of two that touch the same goes in a call of its own. Nearly always one part.
 */
export function withoutRepeats<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | number,
): readonly (readonly Item[])[] {
  const parts: Item[][] = []
  let seen = new Set<string | number>()
  let part: Item[] = []
  for (const item of items) {
    const key = keyOf(item)
    if (seen.has(key)) {
      parts.push(part)
      part = []
      seen = new Set()
    }
    seen.add(key)
    part.push(item)
  }
  if (part.length > 0) parts.push(part)
  return parts
}

export const hasRepeats = <Item>(items: readonly Item[], keyOf: (item: Item) => string | number): boolean =>
  new Set(items.map(keyOf)).size < items.length
