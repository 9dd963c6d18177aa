/** Which contracts a modelled exchange lists, and when they end. */
import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { isListedStrike, listedExpiries, strikeStep, strikesWithin } from "../../src/market/OptionListing.ts"
import { expiryClose, yearsToExpiry } from "../../src/market/OptionTime.ts"
import {
  firstDate,
  fromExchangeTime,
  lastDate,
  session,
  sessionsBetween
} from "../../src/market/TradingCalendar.ts"

const HOUR = 3_600_000_000
const at = (date: string, hours: number) => fromExchangeTime(sessionDate(date), hours * HOUR)

describe("listed expiries", () => {
  it("are the Fridays of six weeks, then months, quarters and Januaries", () => {
    expect(listedExpiries(at("2017-01-03", 11))).toEqual([
      "2017-01-06",
      "2017-01-13",
      "2017-01-20",
      "2017-01-27",
      "2017-02-03",
      "2017-02-10",
      "2017-02-17",
      "2017-03-17",
      "2017-04-21",
      "2017-06-16",
      "2017-09-15",
      "2017-12-15",
      "2018-01-19",
      "2019-01-18"
    ])
  })

  it("give way to the session before where a Friday is a holiday", () => {
    // Good Friday of 2019 was the third Friday of April.
    const expiries = listedExpiries(at("2019-04-15", 11))
    expect(expiries[0]).toBe("2019-04-18")
    expect(expiries).not.toContain("2019-04-19")
  })

  it("are gone at their close, early closes included", () => {
    expect(listedExpiries(at("2017-01-06", 15.99))[0]).toBe("2017-01-06")
    expect(listedExpiries(at("2017-01-06", 16))[0]).toBe("2017-01-13")
    // The day after Thanksgiving closes at 13:00.
    expect(listedExpiries(at("2017-11-24", 12.99))[0]).toBe("2017-11-24")
    expect(listedExpiries(at("2017-11-24", 13))[0]).toBe("2017-12-01")
  })

  it("are sessions, ascending, and stay listed until they expire", () => {
    const days = sessionsBetween(sessionDate("2003-06-01"), sessionDate("2004-03-01"))
    let before: ReadonlyArray<string> = []
    for (const { date, open } of days) {
      const expiries = listedExpiries(open)
      expect(expiries).toEqual([...new Set(expiries)].toSorted())
      expect(expiries.filter((expiry) => Option.isNone(session(expiry)))).toEqual([])
      const now = new Set<string>(expiries)
      expect(before.filter((expiry) => expiry >= date && !now.has(expiry))).toEqual([])
      before = expiries
    }
  })

  it("stay inside the calendar at both of its ends", () => {
    expect(listedExpiries(at(firstDate, 12)).length).toBeGreaterThan(10)
    expect(listedExpiries(at(lastDate, 12))).toEqual([])
  })
})

describe("strikes", () => {
  it.each([
    [12, 3, 0.5],
    [116, 3, 0.5],
    [116, 30, 1],
    [116, 200, 2.5],
    [116, 700, 5],
    [2250, 3, 10],
    [2250, 30, 25],
    [2250, 200, 50],
    [90_000, 700, 5000]
  ])("at %s and %s days are %s apart", (spot, days, step) => {
    expect(strikeStep(spot, days / 365)).toBe(step)
  })
  it("are multiples of the step, above zero", () => {
    expect(strikesWithin(2.5, 108, 117)).toEqual([110, 112.5, 115])
    expect(strikesWithin(1, -3, 2)).toEqual([1, 2])
    expect(strikesWithin(5, 12, 13)).toEqual([])
  })
  it("are quoted at any multiple of fifty cents", () => {
    expect([101, 101.5, 0.5].every(isListedStrike)).toBe(true)
    expect([101.25, 0, -1].some(isListedStrike)).toBe(false)
  })
})

describe("an option's end", () => {
  it("is the close of its expiry, or of the session before a Saturday's or a holiday's", () => {
    expect(expiryClose(sessionDate("2014-06-13"))).toEqual(Option.some(at("2014-06-13", 16)))
    expect(expiryClose(sessionDate("2014-06-21"))).toEqual(Option.some(at("2014-06-20", 16)))
    expect(expiryClose(sessionDate("2019-04-19"))).toEqual(Option.some(at("2019-04-18", 16)))
    expect(expiryClose(sessionDate("2017-11-24"))).toEqual(Option.some(at("2017-11-24", 13)))
    expect(expiryClose(sessionDate("2040-01-20"))).toEqual(Option.none())
  })
  it("is a year ahead after 365 days, whatever the clocks do between", () => {
    expect(yearsToExpiry(sessionDate("2018-01-19"), at("2017-01-19", 16))).toEqual(Option.some(1))
    // Over the change to summer time a day is an hour shorter.
    const over = Option.getOrThrow(yearsToExpiry(sessionDate("2017-03-13"), at("2017-03-10", 16)))
    expect(over * 365 * 24).toBeCloseTo(71, 9)
  })
})
