/** Markets whose states are known, drawn from a seed. */
import type { ReturnSeries } from "../../../../src/backtest/robustness/ReturnSeries.ts"

/** Uniform on [0, 1): SplitMix32. */
export const uniformsOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** Box and Muller's transformation. */
export const gaussiansOf = (seed: number): (() => number) => {
  const uniform = uniformsOf(seed)
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}

export const seriesOf = (returns: Iterable<number>, name = "a market"): ReturnSeries => ({
  name,
  returns: Float64Array.from(returns),
  dates: undefined
})

/** A day's mean and deviation in each state, and how long the states last. */
export const truth = {
  calm: { mean: 0.0008, deviation: 0.007, stays: 0.99 },
  turbulent: { mean: -0.001, deviation: 0.02, stays: 0.97 }
} as const

/** Returns and the state each was drawn in. */
export const twoStateMarket = (length: number, seed: number) => {
  const uniform = uniformsOf(seed)
  const gaussian = gaussiansOf(seed + 1)
  const states: Array<"calm" | "turbulent"> = []
  let state: "calm" | "turbulent" = "calm"
  for (let i = 0; i < length; i++) {
    if (uniform() > truth[state].stays) state = state === "calm" ? "turbulent" : "calm"
    states.push(state)
  }
  const returns = states.map((one) => truth[one].mean + truth[one].deviation * gaussian())
  return { series: seriesOf(returns, "two states"), states }
}

/** A formula that other languages have too: 150 calm sessions and 50 turbulent ones, three times. */
export const formulaMarket = (): ReturnSeries => {
  const fraction = (value: number): number => value - Math.floor(value)
  return seriesOf(
    Array.from({ length: 600 }, (_, i) => {
      const u = fraction(Math.sin(i * 12.9898) * 43758.5453)
      const v = fraction(Math.sin(i * 78.233) * 12543.123)
      const gaussian = Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v)
      return i % 200 >= 150 ? -0.001 + 0.02 * gaussian : 0.0008 + 0.006 * gaussian
    }),
    "a formula"
  )
}
