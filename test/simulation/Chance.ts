/** Everything random of a simulation, drawn from its seed: the same seed draws the same, on every machine. */

export interface Chance {
  /** A whole number from 0 to `count` − 1. */
  readonly below: (count: number) => number
  /** True so often of a thousand times. */
  readonly permille: (often: number) => boolean
  readonly pick: <A>(items: readonly [A, ...ReadonlyArray<A>]) => A
  /** One of the items, each as likely as its weight says; undefined when all weights are zero. */
  readonly weighted: <A>(items: ReadonlyArray<readonly [weight: number, item: A]>) => A | undefined
}

/** Spreads the bits of one word (the finalizer of MurmurHash3, Austin Appleby). */
const spread = (word: number): number => {
  let h = word | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The generator sfc32 (Chris Doty-Humphrey, PractRand): integers only, so that no machine rounds differently. */
export const makeChance = (seed: number): Chance => {
  let a = spread(seed)
  let b = spread(Math.floor(seed / 0x1_0000_0000) ^ 0x9e3779b9)
  let c = spread(a ^ 0x243f6a88)
  let counter = 1
  const word = (): number => {
    const t = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) word()
  const below = (count: number): number => word() % count
  return {
    below,
    permille: (often) => below(1000) < often,
    pick: ([first, ...others]) => {
      const at = below(others.length + 1)
      return at === 0 ? first : (others[at - 1] ?? first)
    },
    weighted: (items) => {
      const total = items.reduce((sum, [weight]) => sum + weight, 0)
      if (total === 0) return undefined
      let at = below(total)
      for (const [weight, item] of items) {
        if (at < weight) return item
        at -= weight
      }
      return undefined
    }
  }
}
