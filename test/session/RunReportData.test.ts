/** What a run's report says of the market and of its strategies before any figure. */
import { describe, expect, it } from "@effect/vitest"
import { idleCaveats, optionCaveats } from "../../src/session/RunReportData.ts"

describe("what a run's report says first", () => {
  it("names strategies that never ordered", () => {
    expect(
      idleCaveats([
        { title: "Covered call", orders: 0 },
        { title: "Put-spread seller", orders: 3 }
      ])
    ).toEqual([
      "Covered call sent no order: what its rules wait for did not come, or costs more than they give it of the starting cash."
    ])
  })

  it("says nothing of options where none were ordered", () => {
    expect(optionCaveats([])).toEqual([])
  })
})
