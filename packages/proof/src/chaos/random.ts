/** Seeded randomness: the same seed gives the same plan of faults and the same requests. */
export interface Random {
  /** From 0 (inclusive) to 1. */
  next(): number
  /** A whole number from `low` to `high`, both inclusive. */
  between(low: number, high: number): number
  pick<Value>(values: readonly Value[]): Value
  shuffled<Value>(values: readonly Value[]): Value[]
}

/** A counter whose steps are hashed: 32 bits of state are plenty for choosing faults. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    between,
    pick: (values) => values[Math.floor(next() * values.length)] as (typeof values)[number],
    shuffled(values) {
      const mixed = [...values]
      for (let i = mixed.length - 1; i > 0; i--) {
        const j = between(0, i)
        const [a, b] = [mixed[i], mixed[j]] as [(typeof mixed)[number], (typeof mixed)[number]]
        mixed[i] = b
        mixed[j] = a
      }
      return mixed
    },
  }
}
