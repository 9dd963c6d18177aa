/** The page of regimes: whole, without a number that is none, and no text of a user's as markup. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { regimesHtml } from "../../../../src/backtest/report/robustness/RegimesHtml.ts"
import { ribbonChart } from "../../../../src/backtest/report/robustness/RegimeRibbon.ts"
import { defaultCusum } from "../../../../src/backtest/robustness/regimes/Cusum.ts"
import {
  type RegimeMethod,
  regimeMethods,
  type RegimeReport,
  regimeSteps
} from "../../../../src/backtest/robustness/regimes/MarketRegimes.ts"
import type { ReturnSeries } from "../../../../src/backtest/robustness/ReturnSeries.ts"
import { dateOfDay } from "../../../../src/domain/Timestamp.ts"
import { expectGood } from "../Pages.ts"
import { twoStateMarket } from "../../robustness/regimes/SyntheticMarket.ts"

const reportOf = (
  strategy: ReturnSeries,
  market: ReturnSeries,
  methods: ReadonlyArray<RegimeMethod> = regimeMethods
): RegimeReport => {
  const walk = { first: 252, every: 126, seed: 1 }
  const steps = regimeSteps({ strategy, market, methods, walk, cusum: defaultCusum })
  for (;;) {
    const step = steps.next()
    if (step.done === true) return Result.getOrThrow(step.value)
  }
}

const pageOf = (report: RegimeReport, promotable = true): string =>
  regimesHtml({
    report,
    title: "a strategy: regimes",
    command: "plimsoll backtest regimes latest",
    generatedBy: "plimsoll 0",
    limits: { label: "limits research", promotable }
  })

const { series } = twoStateMarket(700, 5)
const dates = Array.from(series.returns, (_, t) => dateOfDay(14_000 + Math.floor((t * 7) / 5)))
const market = { ...series, name: "the <market>", dates }
const strategy = { name: "half & half", returns: series.returns.map((value) => value / 2), dates }

describe("a page of all methods", () => {
  const page = pageOf(reportOf(strategy, market))

  it("has a ribbon for the trend and for the states, the probability, the alarms, and tables", () => {
    for (const id of ["trend", "states", "turbulent", "alarms"])
      expect(page).toContain(`aria-labelledby="${id}"`)
    for (const id of ["trends", "volatilities", "hidden", "stretches"])
      expect(page).toContain(`id="${id}-table"`)
    expect(page).toContain('fill="var(--p1)"')
    expect(page).toContain('fill="var(--n1)"')
    expect(page).toContain('stroke="var(--limit)"')
  })

  it("has no number that is none, and no name as markup", () => {
    expectGood(page)
    expect(page).not.toMatch(/NaN|Infinity|undefined/u)
    expect(page).toContain("the &lt;market&gt;")
    expect(page).toContain("half &amp; half")
    expect(page).not.toContain("<market>")
  })

  it("is the same bytes again, and says what may not be promoted", () => {
    expect(pageOf(reportOf(strategy, market))).toBe(page)
    expect(page).not.toContain("Not promotable")
    expect(pageOf(reportOf(strategy, market, ["rules"]), false)).toContain("Not promotable")
  })
})

describe("a page of less", () => {
  it("numbers sessions without dates, and leaves the market out where it is the series itself", () => {
    const page = pageOf(reportOf(series, series))
    expectGood(page)
    expect(page).toContain("session 1 to session 700")
    expect(page).toContain("its own returns as the market")
    expect(page).not.toContain('<td class="text lede">market</td>')
    expect(page).not.toMatch(/NaN|Infinity|undefined/u)
  })

  it("says of each method why it has no answer", () => {
    const short = { ...series, returns: series.returns.subarray(0, 150) }
    const page = pageOf(reportOf(short, short))
    expectGood(page)
    expect(page).toContain("Cannot be told: a regime by rules needs 219 returns, and there are 150.")
    expect(page).toContain("Nothing was known at the time: ")
    expect(page).toContain("Cannot be told: a CUSUM chart needs 253 returns, and there are 150.")
  })
})

describe("the ribbon", () => {
  const draw = (bands: ReadonlyArray<"p1" | "n1" | undefined>) =>
    ribbonChart(
      {
        dates: undefined,
        lines: [{ values: Float64Array.from(bands, () => 1), color: "s0", width: 1 }],
        bands,
        alarms: [],
        scale: "growth"
      },
      { labelledBy: "a", describedBy: "b", screen: "wide" }
    ).markup

  it("draws neighbours of one colour as one rectangle, and no more rectangles than pixels", () => {
    const count = (markup: string): number => markup.split("<polygon").length - 1
    const thirds = Array.from({ length: 300 }, (_, i) => (i < 100 ? "p1" : i < 200 ? undefined : "n1"))
    expect(count(draw(thirds))).toBe(2)
    const flickering = Array.from({ length: 20_000 }, (_, i) => (Math.floor(i / 3) % 2 === 0 ? "p1" : "n1"))
    expect(count(draw(flickering))).toBeLessThan(1000)
  })

  it("puts a band where its sessions are", () => {
    const markup = draw(Array.from({ length: 101 }, (_, i) => (i > 50 ? "n1" : undefined)))
    const [, x = ""] = /points="([\d.]+) /u.exec(markup) ?? []
    // The plot goes from 56 to 978: session 51 begins in its middle.
    expect(Math.abs(Number(x) - 517)).toBeLessThan(2)
  })
})
