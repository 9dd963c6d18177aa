import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { barsOf, binned } from "../../../../src/backtest/report/robustness/OverfitCharts.ts"
import { overfitHtml, type OverfitReport } from "../../../../src/backtest/report/robustness/OverfitHtml.ts"
import { guard } from "../../../../src/backtest/robustness/overfitting/Guard.ts"
import { noise } from "../../robustness/overfitting/Noise.ts"
import { expectGood, shapeOf, wordsOf } from "../Pages.ts"

const guardedOf = (name: string, edge: number, trials: number) => {
  const field = noise({ seed: 21, trials, length: 640, edge }).map((returns, i) => ({
    name: `${name} ${i + 1}`,
    returns,
    place: { family: "f", parameters: { fast: i } }
  }))
  return Result.getOrThrow(
    guard({
      own: field[0]?.returns ?? new Float64Array(),
      field,
      contest: undefined,
      apart: 3,
      dates: undefined,
      blocks: 8,
      freeParameters: undefined,
      promotable: true,
      contamination: { _tag: "None" }
    })
  )
}

const reportOf = (name: string, edge: number, trials = 12): OverfitReport => ({
  title: name,
  tested: `${name} on prices`,
  guarded: guardedOf(name, edge, trials),
  notes: [`a note on ${name}`],
  command: `plimsoll backtest overfit ${name}`,
  generatedBy: "plimsoll 0.1.0"
})

describe("the page of the overfitting guard", () => {
  it("is sound and needs nothing else, whatever was recommended", () => {
    for (const report of [reportOf("noise", 0), reportOf("edge", 5), reportOf("pair", 0, 2)]) {
      expectGood(overfitHtml(report))
    }
  })

  it("says the recommendation, its reasons and every criterion", () => {
    const report = reportOf("noise", 0)
    const words = wordsOf(overfitHtml(report))
    expect(words).toContain("Recommendation Reject")
    for (const reason of report.guarded.verdict.reasons) expect(words).toContain(reason)
    for (const { what } of report.guarded.criteria) expect(words).toContain(what)
    expect(words).toContain("Trials 15 15 in effect")
    expect(words).toContain("a note on noise")
  })

  it("names that look like markup are words", () => {
    const [plain, evil] = [reportOf("name", 1), reportOf('<b onclick="x">&', 1)]
    expect(shapeOf(overfitHtml(evil))).toEqual(shapeOf(overfitHtml(plain)))
  })
})

describe("bars", () => {
  it("every value is in one of them; few different ones stand at their places", () => {
    expect(barsOf([1, 2, 2, 5])).toEqual({
      bars: [
        [1, 1],
        [2, 2],
        [5, 1]
      ],
      step: 1
    })
    const values = Array.from({ length: 500 }, (_, i) => Math.sin(i))
    const { bars, step } = barsOf(values)
    expect(bars.reduce((sum, [, n]) => sum + n, 0)).toBe(500)
    for (const [at, n] of bars) {
      const inside = values.filter((value) => value > at - step / 2 + 1e-9 && value < at + step / 2 - 1e-9)
      expect(Math.abs(inside.length - n)).toBeLessThanOrEqual(1)
    }
  })

  it("zero is the upper edge of a bin: what is no better than the middle stands on its side", () => {
    const { bars } = binned([-1, -0.5, 0, 0.5, 1], 4)
    expect(bars).toEqual([
      [-1.25, 1],
      [-0.75, 1],
      [-0.25, 1],
      [0.25, 1],
      [0.75, 1]
    ])
  })

  it("values that are all the same have a bar", () => {
    expect(binned([0.2, 0.2], 5).bars.map(([, n]) => n)).toEqual([2])
    expect(barsOf([0.2, 0.2]).bars).toEqual([[0.2, 2]])
  })
})
