import { describe, expect, it } from "@effect/vitest"
import {
  lookAheadHtml,
  type LookAheadReport
} from "../../../../src/backtest/report/robustness/LookAheadHtml.ts"
import { detected } from "../../robustness/lookahead/Detected.ts"
import { clean, leaks, subjectOf, walk } from "../../robustness/lookahead/Planted.ts"
import { expectGood, shapeOf, wordsOf } from "../Pages.ts"

const bars = walk(5, 120)

const reportOf = (name: string, plan: (typeof clean)[number] | undefined): LookAheadReport => ({
  title: name,
  tested: `${name} on prices`,
  symbol: name,
  curve: {
    times: [...bars.tsEvent],
    dates: [...bars.tsEvent].map((_, i) => `2000-01-${i}`),
    prices: [...bars.close].map((micros) => micros / 1e6)
  },
  detected: plan === undefined ? [] : [detected(subjectOf(plan, bars), { cuts: 10, seed: 1 })],
  warmUps: [
    {
      subject: "event engine",
      declared: 20,
      longest: 80,
      steps: [
        { warmUp: 20, changed: 3, first: { bar: 4, date: "2000-01-04", before: "BUY", after: name } },
        { warmUp: 40, changed: 0, first: undefined }
      ],
      recommended: 40
    },
    { subject: "signal rule", declared: 20, longest: 20, steps: [], recommended: null }
  ],
  isPartial: plan === undefined,
  command: `plimsoll backtest lookahead ${name}`,
  generatedBy: "plimsoll 0.1.0"
})

describe("the page of the look-ahead detector", () => {
  it("is sound and needs nothing else, clean, with findings and interrupted", () => {
    for (const plan of [clean[0], leaks[0], undefined]) expectGood(lookAheadHtml(reportOf("name", plan)))
  })

  it("says what was found, where, and what warm-up would do", () => {
    const words = wordsOf(lookAheadHtml(reportOf("name", leaks[0])))
    expect(words).toContain("It looks ahead")
    expect(words).toContain("changed with the future")
    expect(words).toContain("From 40 bars on nothing changes.")
    expect(wordsOf(lookAheadHtml(reportOf("name", clean[0])))).toContain(
      "Look-ahead Clean Findings 0 Cuts 10"
    )
    expect(wordsOf(lookAheadHtml(reportOf("name", undefined)))).toContain("It was interrupted")
  })

  it("names that look like markup are words", () => {
    const [plain, evil] = [reportOf("name", clean[0]), reportOf('<b onclick="x">&', clean[0])]
    expect(shapeOf(lookAheadHtml(evil))).toEqual(shapeOf(lookAheadHtml(plain)))
  })
})
