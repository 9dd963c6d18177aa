import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { bestPlaces, compareHtml, MOST_RUNS } from "../../../src/backtest/report/Compare.ts"
import { correlation, incomparable, inputLines } from "../../../src/backtest/report/Comparison.ts"
import { researchProfile } from "../../../src/risk/LimitsProfile.ts"
import { cellsOf, drawingOf, lineOf, tableOf } from "../../session/report/Page.ts"
import { expectGood, shapeOf, wordsOf } from "./Pages.ts"
import { sampleBacktest, type SampleOptions } from "./SampleBacktest.ts"
import { withTexts } from "./Texts.ts"

const sample = (options: SampleOptions = {}) =>
  sampleBacktest({ from: "2012-01-03", to: "2014-12-31", ...options })

const one = sample()
const other = sample({ trades: 24, parameters: { fast: 5, slow: 50 } })
const page = compareHtml([one, other])

const byDate = (values: ReadonlyArray<number>) => new Map(values.map((value, i) => [String(i), value]))

describe("the page of a comparison", () => {
  it("needs nothing from outside, is sound and the same for the same results", () => {
    expectGood(page)
    expect(compareHtml([sample(), sample({ trades: 24, parameters: { fast: 5, slow: 50 } })])).toBe(page)
  })

  it("draws every curve from one place", () => {
    const drawing = drawingOf(page, "curves", "wide")
    const [a, b] = [lineOf(drawing, "s0"), lineOf(drawing, "s1")]
    expect(a.length).toBeGreaterThan(100)
    expect(a[0]).toEqual(b[0])
    expect(a.at(-1)?.y).not.toBe(b.at(-1)?.y)
  })

  it("names the runs of one algorithm by the parameters that differ", () => {
    expect(
      tableOf(page, "runs-table").map(([letter, name = ""]) => [letter, name.replace(/\s+\S+$/u, "")])
    ).toEqual([
      ["A", "sma-cross, fast 10"],
      ["B", "sma-cross, fast 5"]
    ])
  })

  it("marks what differs and folds away what is the same", () => {
    expect(tableOf(page, "differing-table")).toEqual([["fast", "parameter", "10", "5"]])
    expect(tableOf(page, "same-table").map(([name]) => name)).toContain("hash of the data")
  })

  it("ticks the best of what is better when more, and nothing else", () => {
    const rows = cellsOf(page, "statistics-table")
    const markup = /<table\s+id="statistics-table"[\s\S]*?<\/table>/u.exec(page)?.[0] ?? ""
    expect(rows.length).toBeGreaterThan(13)
    const ticked = [
      ...markup.matchAll(/<th scope="row">([^<]*)<\/th>\s*(<td class="[\s\S]*?)<\/tr>/gu)
    ].flatMap(([, name = "", cells = ""]) => (cells.includes('class="best"') ? [name] : []))
    expect(ticked).toContain("Sharpe ratio")
    expect(ticked).not.toContain("Volatility")
    expect(ticked).not.toContain("Trades")
    expect(ticked).not.toContain("Best day")
  })

  it("says what is not comparable, and ticks nothing then", () => {
    const mixed = compareHtml([
      one,
      sample({
        from: "2013-01-02",
        engine: "lean",
        costs: "none",
        profile: researchProfile,
        dataHash: "aa".repeat(32)
      })
    ])
    expectGood(mixed)
    const words = wordsOf(mixed)
    expect(words).toContain("These results are not comparable")
    expect(words).toContain("The periods differ")
    expect(words).toContain("The data differ, though the symbols are the same")
    expect(words).toContain("Costs and fills differ")
    expect(words).toContain("Limits differ")
    expect(words).toContain("The engines or their versions differ")
    expect(words).toContain("B was run under research limits")
    expect(mixed).not.toContain('class="best"')
  })

  it("says when equal inputs gave different results", () => {
    const again = { ...one, outcome: { ...one.outcome, hash: "ff".repeat(32) } }
    expect(wordsOf(compareHtml([one, again]))).toContain("something is wrong with one of them")
    expect(wordsOf(compareHtml([one, one]))).toContain("nor in what came of it")
  })

  it("compares so many and says which", () => {
    const many = Array.from({ length: MOST_RUNS + 3 }, (_, i) =>
      sample({ from: "2014-10-01", trades: 3 + i, parameters: { fast: i } })
    )
    const shown = compareHtml(many)
    expectGood(shown)
    expect(tableOf(shown, "runs-table")).toHaveLength(MOST_RUNS)
    expect(wordsOf(shown)).toContain(`Of 15 backtests the first ${MOST_RUNS} are compared here.`)
    expect(Buffer.byteLength(shown)).toBeLessThan(600_000)
  })

  it.each([
    ["no run", []],
    ["one run", [one]],
    ["a run without a curve", [one, sampleBacktest({ from: "2019-12-25", to: "2019-12-25", trades: 0 })]]
  ])("is sound with %s", (_, results) => {
    expectGood(compareHtml(results))
  })

  it("cannot be injected into", () => {
    const plain = shapeOf(compareHtml([withTexts(one, "x"), withTexts(other, "x")]))
    const hostile = `"'><script>alert(1)</script><img src=x onerror=y>`
    expect(shapeOf(compareHtml([withTexts(one, hostile), withTexts(other, hostile)]))).toEqual(plain)
  })
})

describe("inputs", () => {
  it("differ where they are said to, by kind", () => {
    const lines = inputLines([one, sample({ costs: "none", seed: 2, profile: researchProfile })])
    const differing = lines.filter(({ differs }) => differs)
    expect(new Set(differing.map(({ kind }) => kind))).toEqual(
      new Set(["costs", "limits", "single limit", "start"])
    )
    expect(differing.find(({ name }) => name === "positionRatio")?.values).toEqual(["0.25", "10"])
  })

  it("of the same backtest are comparable", () => {
    expect(incomparable([one, other])).toEqual([])
  })
})

describe("the best", () => {
  it("is every highest value; none where all are the same or fewer than two are told", () => {
    expect(bestPlaces([1, 3, 3, null])).toEqual(new Set([1, 2]))
    expect(bestPlaces([2, 2])).toEqual(new Set())
    expect(bestPlaces([2, null, undefined])).toEqual(new Set())
    expect(bestPlaces([-0.5, -0.2])).toEqual(new Set([1]))
  })
})

describe("correlation", () => {
  const up = Array.from({ length: 30 }, (_, i) => Math.sin(i))

  it("is 1 of a run with itself at any scale, −1 with its mirror", () => {
    expect(correlation(byDate(up), byDate(up.map((x) => 3 * x + 1)))?.value).toBeCloseTo(1, 12)
    expect(correlation(byDate(up), byDate(up.map((x) => -x)))?.value).toBeCloseTo(-1, 12)
  })

  it("is by the sessions that both have, of twenty at least", () => {
    const shorter = new Map([...byDate(up)].slice(5))
    expect(correlation(byDate(up), shorter)?.sessions).toBe(25)
    expect(correlation(byDate(up), new Map([...byDate(up)].slice(11)))).toBeUndefined()
    expect(correlation(byDate(up), byDate(up.map(() => 0)))).toBeUndefined()
  })

  it.prop(
    "lies between −1 and 1 and is the same both ways",
    [Schema.Array(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: -1000, maximum: 1000 }))))],
    ([values]) => {
      const [a, b] = [byDate([...values, ...up]), byDate([...values.toReversed(), ...up.map((x) => x * x)])]
      const found = correlation(a, b)
      expect(found?.value).toBeGreaterThanOrEqual(-1)
      expect(found?.value).toBeLessThanOrEqual(1)
      expect(correlation(b, a)?.value).toBeCloseTo(found?.value ?? Number.NaN, 12)
    }
  )
})
