/** Regimes by rules: against a plain second computation, and causal. */
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  ahead,
  firstKnown,
  knownAtClose,
  switchesOf
} from "../../../../src/backtest/robustness/regimes/Known.ts"
import { RULE_NEEDS, ruleRegimes } from "../../../../src/backtest/robustness/regimes/RuleRegimes.ts"
import { gaussiansOf, seriesOf, twoStateMarket } from "./SyntheticMarket.ts"

const rulesOf = (returns: Iterable<number>) => Result.getOrThrow(ruleRegimes(seriesOf(returns)))

/** By the words of the documentation, from nothing but the closes up to the session. */
const plainly = (returns: ReadonlyArray<number>): string => {
  const mean = (values: ReadonlyArray<number>): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = (values: ReadonlyArray<number>): number => {
    const centre = mean(values)
    return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
  }
  const closes = [1]
  for (const value of returns) closes.push((closes.at(-1) ?? 0) * (1 + value))
  const deviations = returns.flatMap((_, i) => (i < 62 ? [] : [deviation(returns.slice(i - 62, i + 1))]))
  const sorted = deviations.toSorted((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  const median =
    sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
  const turbulent = (deviations.at(-1) ?? 0) > median
  const band = turbulent ? 0.02 : 0.01
  const average = mean(closes.slice(-200))
  const before = mean(closes.slice(-220, -20))
  const close = closes.at(-1) ?? 0
  const trend =
    close > average * (1 + band) && average > before
      ? "bull"
      : close < average * (1 - band) && average < before
        ? "bear"
        : "sideways"
  return `${trend} ${turbulent ? "turbulent" : "calm"}`
}

describe("labels", () => {
  it("are those of the words, at every session, from the first with closes enough", () => {
    const { series } = twoStateMarket(700, 5)
    const returns = [...series.returns]
    const { trend, volatility } = rulesOf(returns)
    expect(firstKnown(trend)).toBe(RULE_NEEDS - 1)
    expect(firstKnown(volatility)).toBe(62 + 126 - 1)
    const told = new Set<string>()
    for (let t = RULE_NEEDS - 1; t < returns.length; t += 7) {
      const expected = plainly(returns.slice(0, t + 1))
      told.add(expected)
      expect(`${trend.labels[t] ?? ""} ${volatility.labels[t] ?? ""}`).toBe(expected)
    }
    expect(told.size).toBeGreaterThan(3)
  })

  it("a steady rise is a bull, a steady fall a bear, and a flat noise mostly sideways", () => {
    const gaussian = gaussiansOf(1)
    const last = (drift: number): string | undefined =>
      rulesOf(Array.from({ length: 400 }, () => drift + 0.002 * gaussian())).trend.labels.at(-1)
    expect(last(0.001)).toBe("bull")
    expect(last(-0.001)).toBe("bear")
    const flat = rulesOf(Array.from({ length: 1000 }, () => 0.0005 * gaussian())).trend.labels
    expect(flat.filter((label) => label === "sideways").length).toBeGreaterThan(600)
  })

  it("a later return changes no earlier label", () => {
    const { series } = twoStateMarket(500, 8)
    const whole = rulesOf(series.returns)
    fc.assert(
      fc.property(
        fc.integer({ min: RULE_NEEDS, max: 499 }),
        fc.array(fc.double({ min: -0.5, max: 1, noNaN: true }), { maxLength: 50 }),
        (cut, future) => {
          const changed = rulesOf([...series.returns.subarray(0, cut), ...future])
          expect(changed.trend.labels.slice(0, cut)).toEqual(whole.trend.labels.slice(0, cut))
          expect(changed.volatility.labels.slice(0, cut)).toEqual(whole.volatility.labels.slice(0, cut))
        }
      ),
      { numRuns: 30 }
    )
  })

  it("cannot be told of too few returns, constant ones, or a market that lost everything", () => {
    const { series } = twoStateMarket(300, 8)
    const failure = (returns: Iterable<number>) =>
      Result.getOrThrow(Result.flip(ruleRegimes(seriesOf(returns))))
    expect(failure(series.returns.subarray(0, 218))).toMatchObject({ needs: 219, has: 218 })
    expect(failure(Array.from({ length: 300 }, () => 0))._tag).toBe("ConstantReturns")
    expect(failure([...series.returns.subarray(0, 250), -1, ...series.returns])._tag).toBe("BadRequest")
  })
})

describe("when a label was known", () => {
  it("the one known at a close is the next session's", () => {
    const known = knownAtClose(["bull", "bear", undefined, "bull"] as const)
    expect(ahead(known)).toEqual({ _tag: "KnownBefore", labels: [undefined, "bull", "bear", undefined] })
    expect(switchesOf(known)).toBe(1)
  })
})
