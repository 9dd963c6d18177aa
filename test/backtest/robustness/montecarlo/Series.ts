/** Returns made for these tests. */
import type { ReturnSeries } from "../../../../src/backtest/robustness/ReturnSeries.ts"

export const seriesOf = (returns: ReadonlyArray<number> | Float64Array): ReturnSeries => ({
  name: "made",
  returns: Float64Array.from(returns),
  dates: undefined
})

/** x(t) = φ·x(t − 1) + u(t), u uniform about zero from a linear congruential generator: the same in any language. */
export const autoregressive = (n: number, phi: number): Float64Array => {
  let state = 12_345
  let last = 0
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    last = phi * last + (state / 2 ** 32 - 0.5)
    return last
  })
}

/** Daily returns of about 1%. */
export const daily = (n: number): Float64Array => autoregressive(n, 0).map((value) => 0.0004 + value / 30)
