import { describe, expect, it } from "vitest"
import { Result } from "effect"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { parsePeriod, spanAt } from "../../src/market/Period.ts"
import { fromExchangeTime } from "../../src/market/TradingCalendar.ts"

const parsed = (text: string, today = "2017-03-15") => parsePeriod(text, sessionDate(today))

const dates = (text: string, today?: string): string =>
  Result.match(parsed(text, today), {
    onFailure: ({ message }) => message,
    onSuccess: ({ from, to }) => `${from}..${to}`
  })

describe("a length", () => {
  it.each([
    ["1d", "2017-03-15..2017-03-15"],
    ["5d", "2017-03-11..2017-03-15"],
    ["30d", "2017-02-14..2017-03-15"],
    ["1w", "2017-03-09..2017-03-15"],
    ["1m", "2017-02-16..2017-03-15"],
    ["6m", "2016-09-16..2017-03-15"],
    ["1y", "2016-03-16..2017-03-15"],
    ["2Y", "2015-03-16..2017-03-15"],
    [" 3 months ", "2016-12-16..2017-03-15"],
    ["10 days", "2017-03-06..2017-03-15"]
  ])("%s ends today and is exactly that long", (text, expected) => {
    expect(dates(text)).toBe(expected)
  })

  it.each([
    ["1m", "2015-03-31", "2015-03-01..2015-03-31"],
    ["1m", "2015-02-28", "2015-01-29..2015-02-28"],
    ["1m", "2016-03-31", "2016-03-01..2016-03-31"],
    ["1y", "2016-02-29", "2015-03-01..2016-02-29"],
    ["1m", "2015-01-15", "2014-12-16..2015-01-15"]
  ])("%s on %s counts from the day of the month, or the month's last", (text, today, expected) => {
    expect(dates(text, today)).toBe(expected)
  })

  it("longer than the calendar begins where the calendar does", () => {
    for (const text of ["100y", "1200m", "99999w", "9999999999999999999999d", "max"]) {
      expect(dates(text)).toBe("1998-01-01..2017-03-15")
    }
    expect(dates("1y", "1998-06-30")).toBe("1998-01-01..1998-06-30")
    expect(dates("6m", "1998-06-30")).toBe("1998-01-01..1998-06-30")
    expect(dates("5m", "1998-06-30")).toBe("1998-01-31..1998-06-30")
  })

  it("of the year so far begins on 1 January", () => {
    expect(dates("ytd")).toBe("2017-01-01..2017-03-15")
    expect(dates("YTD", "2017-01-01")).toBe("2017-01-01..2017-01-01")
  })
})

describe("dates", () => {
  it.each([
    ["2015-01-01..2015-06-30", "2015-01-01..2015-06-30"],
    ["2015-01-01 to 2015-06-30", "2015-01-01..2015-06-30"],
    ["2015-01-01/2015-06-30", "2015-01-01..2015-06-30"],
    ["2015-01-01 .. 2015-06-30", "2015-01-01..2015-06-30"],
    ["2015-01-01..", "2015-01-01..2017-03-15"],
    ["2019-01-01..", "2019-01-01..2019-01-01"],
    ["2015-06-30", "2015-06-30..2015-06-30"]
  ])("%s are both included", (text, expected) => {
    expect(dates(text)).toBe(expected)
  })
})

describe("what is no period", () => {
  it.each([
    ["", "the period is empty"],
    ["30", '"30" has no unit: 30d, 30w, 30m or 30y'],
    ["0d", '"0d" has no length: at least 1d'],
    ["5min", 'has the unit "min": days are d, weeks w, months m, years y'],
    ["1.5y", '"1.5y" is no period'],
    ["-3d", '"-3d" is no period'],
    ["yesterday", '"yesterday" is no period'],
    ["2015-02-30..2015-03-01", "there is no 2015-02-30"],
    ["2015-13-01", "there is no 2015-13-01"],
    ["2015-06-30..2015-01-01", "ends before it begins: give the earlier date first"],
    ["1990-01-01..2015-01-01", "1990-01-01 is outside the trading calendar"],
    ["2015-01-01..2040-01-01", "2040-01-01 is outside the trading calendar"],
    ["2015..2016", '"2015" in "2015..2016" is no date (YYYY-MM-DD)'],
    ["..2016-01-01", '"" in "..2016-01-01" is no date']
  ])("%s is refused with what is wrong and what would do", (text, problem) => {
    const failure = Result.getOrThrow(Result.flip(parsed(text)))
    expect(failure._tag).toBe("InvalidPeriod")
    expect(failure.message).toContain(problem)
    expect(failure.message).toContain('expected "5d", "1w", "30d"')
  })

  it("is told in part only when it is long", () => {
    const failure = Result.getOrThrow(Result.flip(parsed("x".repeat(100_000))))
    expect(failure.message.length).toBeLessThan(300)
    expect(failure.period.length).toBeLessThan(100)
  })
})

describe("what can be seen of a period", () => {
  const now = fromExchangeTime(sessionDate("2017-03-15"), 11 * 3_600_000_000)

  it("ends with market time, however far the period goes", () => {
    const span = Result.getOrThrow(spanAt(Result.getOrThrow(parsed("2017-01-01..2019-12-31")), now))
    expect(span).toMatchObject({ from: "2017-01-01", to: "2017-03-15", until: now, isCut: true })
    const today = Result.getOrThrow(spanAt(Result.getOrThrow(parsed("1d")), now))
    expect(today).toMatchObject({ until: now, isCut: false })
  })

  it("reaches to the end of its last day when that is over", () => {
    const span = Result.getOrThrow(spanAt(Result.getOrThrow(parsed("2017-03-01..2017-03-10")), now))
    expect(span.after).toBe(fromExchangeTime(sessionDate("2017-03-01"), 0))
    expect(span.until).toBe(timestamp(fromExchangeTime(sessionDate("2017-03-11"), 0) - 1))
  })

  it("is nothing when it lies ahead, and says up to when there is something", () => {
    const failure = Result.getOrThrow(
      Result.flip(spanAt(Result.getOrThrow(parsed("2017-03-16..2017-03-20")), now))
    )
    expect(failure.until).toBe("2017-03-15")
    expect(failure.message).toBe(
      "the period begins on 2017-03-16, and the market's time is 2017-03-15 11:00 EDT: prices can be seen up to then"
    )
  })
})
