/** What a run's report says of the market and of its strategies before any figure. */
import { describe, expect, it } from "@effect/vitest"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { contaminatedCaveats, idleCaveats, optionCaveats } from "../../src/session/RunReportData.ts"

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

  it("names strategies whose model had read about the sessions", () => {
    const day = sessionDate
    const of = (cutoff: string) =>
      contaminatedCaveats({
        algorithms: {
          plain: { codeHash: "a", parameters: {} },
          asks: { codeHash: "b", parameters: {}, knowledgeCutoff: day(cutoff) }
        },
        from: day("2020-01-02"),
        to: day("2020-03-31")
      })
    expect(of("2020-01-02")).toEqual([])
    expect(of("2020-02-03").join()).toMatch(/^asks is CONTAMINATED in part: not promotable;.*2020-02-03/u)
    expect(of("2020-04-01").join()).toMatch(/^asks is CONTAMINATED: not promotable; all of the run/u)
  })

  it("says nothing of options where none were ordered", () => {
    expect(optionCaveats([])).toEqual([])
  })
})
