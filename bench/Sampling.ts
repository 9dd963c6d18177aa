/** Numbers drawn, and what is said of numbers measured. */

/** The value below which the share `p` of `values` lies; NaN of none. */
export const quantile = (values: ReadonlyArray<number>, p: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN
}

/** Numbers in [0, 1) from a seed (Lehmer, 1951, with the multiplier of Park and Miller, 1988). */
export const generator = (seed: number) => {
  let state = (seed % 2_147_483_646) + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
