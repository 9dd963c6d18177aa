import { describe, expect, it } from "@effect/vitest"
import {
  promotionHtml,
  type PromotionReport
} from "../../../../src/backtest/report/robustness/PromotionHtml.ts"
import type { Promotion } from "../../../../src/backtest/robustness/promotion/Promotion.ts"
import { sessionDate } from "../../../../src/domain/Timestamp.ts"
import { sampleInputs } from "../../SampleBacktest.ts"
import { expectGood, shapeOf, wordsOf } from "../Pages.ts"

const promotion = (said: string): Promotion => ({
  complete: false,
  steps: [
    { name: "code", state: "found", says: [said], foundAt: undefined, command: undefined },
    { name: "backtest", state: "failed", says: [said, "and more"], foundAt: 1e12, command: `run ${said}` },
    { name: "walk-forward", state: "stale", says: ["other code"], foundAt: 1.1e12, command: "walk" },
    { name: "overfitting", state: "missing", says: ["it was not asked"], foundAt: undefined, command: "ask" }
  ]
})

const reportOf = (name: string, inputs = sampleInputs()): PromotionReport => ({
  id: `${name}-0123456789`,
  inputs: { ...inputs, algorithm: { ...inputs.algorithm, name } },
  promotion: promotion(`what ${name} says`),
  program: "plimsoll",
  command: `plimsoll backtest promote ${name}`,
  generatedBy: "plimsoll 0.1.0"
})

describe("the page of a promotion", () => {
  it("is sound and needs nothing else, complete or not", () => {
    const open = reportOf("sma-cross")
    const steps = open.promotion.steps.map((step) => ({ ...step, state: "found" as const }))
    expectGood(promotionHtml(open))
    expectGood(promotionHtml({ ...open, promotion: { complete: true, steps } }))
    expect(wordsOf(promotionHtml({ ...open, promotion: { complete: true, steps } }))).toContain(
      "Evidence Complete"
    )
  })

  it("says of each step its state, its words, its day and what would provide it", () => {
    const words = wordsOf(promotionHtml(reportOf("sma-cross")))
    expect(words).toContain("Evidence Not complete Found 1 of 4 Missing 1 Failed or stale 2")
    expect(words).toContain("Backtest Failed 2001-09-09 what sma-cross saysand more plimsoll run what")
    expect(words).toContain("Walk-forward Stale 2004-11-09 other code plimsoll walk")
    expect(words).not.toContain("Contaminated")
  })

  it("says first what its model had read about", () => {
    const plain = sampleInputs()
    const asks = { ...plain.algorithm, knowledgeCutoff: sessionDate("2017-01-04") }
    expect(wordsOf(promotionHtml(reportOf("asks", sampleInputs({ algorithm: asks }))))).toContain(
      "Contaminated CONTAMINATED in part: not promotable"
    )
  })

  it("names that look like markup are words", () => {
    expect(shapeOf(promotionHtml(reportOf('<b onclick="x">&')))).toEqual(
      shapeOf(promotionHtml(reportOf("name")))
    )
  })
})
