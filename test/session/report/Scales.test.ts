import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { dayOfDate, sessionDate } from "../../../src/domain/Timestamp.ts"
import { dateTicks, linearTicks, logTicks } from "../../../src/session/report/Scales.ts"

const day = (date: string) => dayOfDate(sessionDate(date))
const labels = (from: string, to: string, most: number) =>
  dateTicks(day(from), day(to), most).map(({ label }) => label)

describe("dateTicks", () => {
  it("are years for decades, months for years, days for weeks", () => {
    expect(labels("2000-01-03", "2020-04-17", 11)).toEqual(
      [2002, 2004, 2006, 2008, 2010, 2012, 2014, 2016, 2018, 2020].map(String)
    )
    expect(labels("2008-02-10", "2009-03-02", 5)).toEqual(["Apr 2008", "Jul 2008", "Oct 2008", "Jan 2009"])
    expect(labels("2008-02-27", "2008-03-04", 11)).toEqual([
      "Feb 27",
      "Feb 28",
      "Feb 29",
      "Mar 1",
      "Mar 2",
      "Mar 3",
      "Mar 4"
    ])
  })

  it.prop(
    "lie between the ends, in order, no more than asked for",
    [Schema.Int, Schema.Int, Schema.Int],
    ([a, b, c]) => {
      const first = day("1998-01-01") + (Math.abs(a) % 13_000)
      const last = first + 1 + (Math.abs(b) % 13_000)
      const most = 3 + (Math.abs(c) % 12)
      const ticks = dateTicks(first, last, most).map(({ value }) => value)
      expect(ticks.length).toBeLessThanOrEqual(most)
      expect(ticks.every((value, i) => value >= first && value <= last && value > (ticks[i - 1] ?? 0))).toBe(
        true
      )
    }
  )
})

describe("linearTicks", () => {
  it("are multiples of a round step around the range", () => {
    expect(linearTicks(-0.5678, 0, 7)).toEqual([-0.6, -0.5, -0.4, -0.3, -0.2, -0.1, 0])
    expect(linearTicks(99_812, 100_402, 5)).toEqual([99_800, 100_000, 100_200, 100_400, 100_600])
    expect(linearTicks(0, 1, 2)).toEqual([0, 0.5, 1])
  })
})

describe("logTicks", () => {
  it("are round numbers inside the range, as many as fit", () => {
    expect(logTicks(47_000, 350_000, 8)).toEqual([50_000, 70_000, 100_000, 150_000, 200_000, 300_000])
    expect(logTicks(1, 1_000_000, 8)).toEqual([1, 10, 100, 1000, 10_000, 100_000, 1_000_000])
    expect(logTicks(0.02, 30, 4)).toEqual([0.1, 1, 10])
  })
})
