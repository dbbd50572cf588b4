export type Listener = (modelIds: readonly string[]) => void

/** Who wants to know when something may start. */
export class Listeners {
  readonly #listeners = new Set<Listener>()

  add(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  clear(): void {
    this.#listeners.clear()
  }

  /** Names each model once, out of the items of a command for which `modelOf` names one. */
  wake<Item, Result>(
    items: readonly Item[],
    results: readonly Result[],
    modelOf: (item: Item, result: Result) => string | null,
  ): void {
    if (this.#listeners.size === 0) return
    const modelIds = new Set<string>()
    for (let i = 0; i < items.length; i++) {
      const modelId = modelOf(items[i] as Item, results[i] as Result)
      if (modelId !== null) modelIds.add(modelId)
    }
    if (modelIds.size > 0) for (const listener of [...this.#listeners]) listener([...modelIds])
  }
}
