/** Where the iteration begins: it climbs to the nearest top, so that several beginnings are tried. */
import type { HmmParameters } from "./GaussianHmm.ts"

/** Uniform on [0, 1): Mulberry32 (Ettinger 2017), enough to scatter starts. */
const uniforms = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The first is what markets are known to be like; the others are scattered about the sample's moments. */
export const startsOf = (
  sample: { readonly mean: number; readonly variance: number },
  { seed, starts }: { readonly seed: number; readonly starts: number }
): ReadonlyArray<HmmParameters> => {
  const { mean, variance } = sample
  const next = uniforms(seed)
  const between = (low: number, high: number): number => low + (high - low) * next()
  const deviation = Math.sqrt(variance)
  const usual: HmmParameters = {
    calm: { mean, variance: variance * 0.5 },
    turbulent: { mean, variance: variance * 2.5 },
    startsCalm: 0.5,
    staysCalm: 0.98,
    staysTurbulent: 0.95
  }
  const scattered = Array.from({ length: Math.max(0, starts - 1) }, () => ({
    calm: { mean: mean + deviation * between(-0.5, 0.5), variance: variance * between(0.1, 0.9) },
    turbulent: { mean: mean + deviation * between(-1, 1), variance: variance * between(1, 5) },
    startsCalm: between(0.2, 0.8),
    staysCalm: between(0.6, 0.99),
    staysTurbulent: between(0.5, 0.98)
  }))
  return [usual, ...scattered]
}
