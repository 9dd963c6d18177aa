import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import {
  monteCarloHtml,
  type MonteCarloPage
} from "../../../../src/backtest/report/robustness/MonteCarloHtml.ts"
import { summarized } from "../../../../src/backtest/robustness/montecarlo/MonteCarlo.ts"
import {
  defaultOptions,
  type MonteCarloOptions,
  planMonteCarlo
} from "../../../../src/backtest/robustness/montecarlo/MonteCarloPlan.ts"
import { walkPaths } from "../../../../src/backtest/robustness/montecarlo/PathKernel.ts"
import { daily, seriesOf } from "../../robustness/montecarlo/Series.ts"
import { expectGood, shapeOf, wordsOf } from "../Pages.ts"

const pageOf = (
  name: string,
  returns: ReadonlyArray<number> | Float64Array,
  options: Partial<MonteCarloOptions> = {}
): MonteCarloPage => {
  const series = { ...seriesOf(returns), name }
  const plan = Result.getOrThrow(planMonteCarlo(series, { ...defaultOptions, paths: 300, ...options }))
  const columns = { falls: new Float64Array(300), growths: new Float64Array(300) }
  walkPaths(plan.source, 0, columns)
  return {
    carlo: Result.getOrThrow(summarized(plan, columns)),
    title: `${name}: Monte Carlo`,
    facts: [`${name}, resampled`],
    step: "returns",
    caveats: [`a caveat of ${name}`],
    command: `plimsoll backtest monte-carlo --returns ${name}`,
    generatedBy: "plimsoll 0.1.0",
    limits: { label: "research limits", promotable: false }
  }
}

describe("the page of a Monte Carlo simulation", () => {
  it("is sound and needs nothing else, whatever was resampled", () => {
    for (const page of [
      pageOf("year", daily(250)),
      pageOf("blocks", daily(2000), { method: "block" }),
      pageOf("orders", daily(100), { method: "shuffle" }),
      pageOf("few", [0.1, -0.05, 0.02, -0.08]),
      pageOf("rising", [0.01, 0.02]),
      pageOf("ruined", [-1, 0.5, 0.2, 0.1]),
      pageOf("short", daily(250), { length: 1 }),
      pageOf("wide", [0.9, -0.4, 0.5, -0.3, 0.2], { length: 300 })
    ]) {
      expectGood(monteCarloHtml(page))
    }
  })

  it("says the drawdowns, the actual one, the caveats, the limits and the command", () => {
    const page = pageOf("few", [0.1, -0.05, 0.02, -0.08])
    const words = wordsOf(monteCarloHtml(page))
    expect(words).toContain("Maximum drawdown, P95 21.12% at most one path in twenty falls deeper")
    expect(words).toContain("10.85% as it came")
    expect(words).toContain("Exact, by all 256 paths: maximum drawdown 0.00%, 9.75%, 22.13% (P5, P50, P95)")
    expect(words).toContain("a caveat of few")
    expect(words).toContain("Not promotable")
    expect(words).toContain("plimsoll backtest monte-carlo --returns few")
  })

  it("says that shuffles keep the total", () => {
    const words = wordsOf(monteCarloHtml(pageOf("orders", daily(100), { method: "shuffle" })))
    expect(words).toContain("the same on every path")
  })

  it("names that look like markup are words", () => {
    const [plain, evil] = [pageOf("name", daily(60)), pageOf('<b onclick="x">&', daily(60))]
    expect(shapeOf(monteCarloHtml(evil))).toEqual(shapeOf(monteCarloHtml(plain)))
  })
})
