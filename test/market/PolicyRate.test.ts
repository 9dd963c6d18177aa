/** The policy rate against the Federal Reserve's other rate, which moves with it. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { dateOfDay, dayOfDate, sessionDate } from "../../src/domain/Timestamp.ts"
import { policyRate } from "../../src/market/PolicyRate.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"

const percentOn = (date: string): number => Number((100 * policyRate(sessionDate(date)).rate).toFixed(6))

describe("the policy rate", () => {
  it.each([
    ["1998-01-02", 5.5],
    ["2001-01-03", 6.5],
    ["2001-01-04", 6],
    ["2006-06-30", 5.25],
    ["2012-01-03", 0.125],
    ["2017-01-03", 0.625],
    ["2035-12-31", 4.375]
  ])("on %s is %s%%, and a decision counts from the day after", (date, percent) => {
    expect(percentOn(date)).toBe(percent)
  })
  it("says when it was decided", () => {
    expect(policyRate(sessionDate("2017-01-03")).decided).toBe("2016-12-14")
  })
})

/** Points of the primary credit rate above the middle of the target, as the Board set them. */
const spreadOn = (date: string): number => {
  if (date < "2007-08-17") return 1
  if (date < "2008-03-17") return 0.5
  if (date < "2008-12-17") return 0.25
  if (date < "2010-02-19") return 0.25 + 0.125
  return date < "2020-03-16" ? 0.5 + 0.125 : 0.125
}

describeWithShared("the primary credit rate of LEAN's folder", () => {
  it("moved with the target at each of its changes since 2003", () => {
    const file = readFileSync(sharedPath("lean-data/alternative/interest-rate/usa/interest-rate.csv"), "utf8")
    const rows = file.trim().split("\n").slice(1)
    expect(rows.length).toBeGreaterThan(50)
    for (const row of rows) {
      const [date = "", percent] = row.split(",")
      expect([date, percentOn(date)]).toEqual([date, Number(percent) - spreadOn(date)])
      // And up to a day before the next change it had not.
      const before = dateOfDay(dayOfDate(sessionDate(date)) - 3)
      if (!["2003-01-09", "2007-08-20", "2010-02-19"].includes(date)) {
        expect(percentOn(before)).not.toBe(percentOn(date))
      }
    }
  })
})
