/** Performance by regime: each session under the label known before it. */
import { describe, expect, it } from "vitest"
import { ahead, knownAtClose } from "../../../../src/backtest/robustness/regimes/Known.ts"
import { performanceByRegime } from "../../../../src/backtest/robustness/regimes/RegimePerformance.ts"
import { gaussiansOf } from "./SyntheticMarket.ts"

const gaussian = gaussiansOf(31)
const strategy = Float64Array.from({ length: 200 }, () => 0.001 + 0.01 * gaussian())
const market = Float64Array.from({ length: 200 }, () => 0.01 * gaussian())
const labels = Array.from(strategy, (_, t) => (t < 20 ? undefined : t < 100 ? "calm" : "turbulent"))
const [calm, turbulent, never] = performanceByRegime(
  ["calm", "turbulent", "never"],
  ahead(knownAtClose<string>(labels)),
  { strategy, market }
)

const valueOf = (statistic: { readonly _tag: string; readonly value?: number } | undefined) =>
  statistic?.value

describe("each regime", () => {
  it("has the sessions after its labels, and parts that add up to one", () => {
    expect([calm?.sessions, turbulent?.sessions, never?.sessions]).toEqual([80, 99, 0])
    expect((calm?.part ?? 0) + (turbulent?.part ?? 0)).toBeCloseTo(1, 12)
  })

  it("has the figures of its sessions strung together", () => {
    // Sessions 21 to 100: the label of session 20 is session 21's.
    const mine = strategy.subarray(21, 101)
    const mean = mine.reduce((sum, value) => sum + value, 0) / 80
    const deviation = Math.sqrt(mine.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 79)
    const growth = mine.reduce((product, value) => product * (1 + value), 1)
    let [equity, peak, deepest] = [1, 1, 0]
    for (const value of mine) {
      equity *= 1 + value
      peak = Math.max(peak, equity)
      deepest = Math.min(deepest, equity / peak - 1)
    }
    const ratio = mean / deviation
    expect(valueOf(calm?.strategy.mean)).toBeCloseTo(mean, 12)
    expect(valueOf(calm?.strategy.volatilityYearly)).toBeCloseTo(deviation * Math.sqrt(252), 10)
    expect(valueOf(calm?.strategy.sharpeYearly)).toBeCloseTo(ratio * Math.sqrt(252), 9)
    expect(valueOf(calm?.strategy.sharpeYearlyError)).toBeCloseTo(
      Math.sqrt(((1 + ratio ** 2 / 2) / 80) * 252),
      9
    )
    expect(valueOf(calm?.strategy.totalReturn)).toBeCloseTo(growth - 1, 10)
    expect(valueOf(calm?.strategy.maxDrawdown)).toBeCloseTo(deepest, 10)
    expect(valueOf(calm?.market.mean)).toBeCloseTo(
      market.subarray(21, 101).reduce((sum, value) => sum + value, 0) / 80,
      12
    )
  })

  it("with too few sessions has no figures, and says why", () => {
    expect(never?.strategy.sharpeYearly).toEqual({ _tag: "None", reason: "needs 30 sessions, has 0" })
    expect(never?.market.maxDrawdown).toEqual({ _tag: "None", reason: "needs 30 sessions, has 0" })
  })

  it("a strategy that did not trade in it has no Sharpe ratio", () => {
    const [flat] = performanceByRegime(["calm"], ahead(knownAtClose<string>(labels)), {
      strategy: new Float64Array(200),
      market
    })
    expect(flat?.strategy.sharpeYearly._tag).toBe("None")
    expect(valueOf(flat?.strategy.totalReturn)).toBe(0)
  })
})
