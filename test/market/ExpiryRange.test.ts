/** Ranges of expiries as people say them. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { parseExpiryRange } from "../../src/market/ExpiryRange.ts"
import { firstDate, lastDate } from "../../src/market/TradingCalendar.ts"

const today = sessionDate("2014-06-06")

describe("a range of expiries", () => {
  it.each([
    ["30d", "2014-06-06", "2014-07-06"],
    ["0d", "2014-06-06", "2014-06-06"],
    [" 2 Weeks ", "2014-06-06", "2014-06-20"],
    ["3m", "2014-06-06", "2014-09-05"],
    ["1y", "2014-06-06", "2015-06-06"],
    ["99999y", "2014-06-06", lastDate],
    ["2014-06-13", "2014-06-13", "2014-06-13"],
    ["2014-06", "2014-06-01", "2014-06-30"],
    ["2014-12", "2014-12-01", "2014-12-31"],
    ["2015", "2015-01-01", "2015-12-31"],
    ["2014-06..2014-09", "2014-06-01", "2014-09-30"],
    ["2014-06-13..2014-09", "2014-06-13", "2014-09-30"],
    ["2014-06-13 to 2014-07-19", "2014-06-13", "2014-07-19"],
    ["2014-09..", "2014-09-01", lastDate],
    ["..2014-09-20", "2014-06-06", "2014-09-20"],
    ["2015..9999", "2015-01-01", lastDate],
    ["all", firstDate, lastDate]
  ])("%j is from %s to %s", (text, from, to) => {
    expect(parseExpiryRange(text, today)).toEqual(Result.succeed({ from, to }))
  })

  it.each([
    ["", "the range is empty"],
    ["soon", '"soon" is no range of expiries'],
    ["..", '".." is no range of expiries'],
    ["2014-13", "there is no month 2014-13"],
    ["2014-06-31", "there is no 2014-06-31"],
    ["2014-09..2014-06", "ends before it begins"],
    ["9999", `"9999" is beyond the exchange's calendar, which ends on ${lastDate}`],
    ["2014-05", '"2014-05" has passed: the market\'s date is 2014-06-06'],
    ["2014-06..autumn", '"autumn" in "2014-06..autumn" is no date'],
    ["-5d", '"-5d" is no range of expiries'],
    ["x".repeat(1000), "…"]
  ])("%j is none, and the words say why and what would do", (text, problem) => {
    const refused = Result.match(parseExpiryRange(text, today), {
      onSuccess: () => "",
      onFailure: ({ message }) => message
    })
    expect(refused).toContain(problem)
    expect(refused).toContain('expected "30d"')
    expect(refused.length).toBeLessThan(300)
  })
})
