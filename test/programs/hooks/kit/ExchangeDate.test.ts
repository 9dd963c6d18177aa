import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { exchangeDate } from "../../../../src/programs/hooks/kit/ExchangeDate.ts"
import { clockChanges, newYork } from "../../../support/DaylightSaving.ts"

/** By the tz database that Node carries. */
const expected = (millis: number): string => newYork(millis * 1000).slice(0, 10)

describe("the date in New York", () => {
  it("is the one of the tz database, at any moment from 2007 to 2035", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2007, 0, 2), max: Date.UTC(2035, 11, 30) }), (millis) => {
        expect(exchangeDate(millis)).toBe(expected(millis))
      }),
      { numRuns: 2_000 }
    )
  })

  it("is right in every hour around the nights on which the clocks are set", () => {
    const nights = clockChanges.filter(({ date }) => date >= "2007-02-01")
    expect(nights.length).toBeGreaterThan(50)
    for (const { date } of nights) {
      const noon = Date.parse(`${date}T12:00:00Z`)
      for (let hour = -40; hour <= 40; hour++) {
        for (const millis of [noon + hour * 3_600_000, noon + hour * 3_600_000 - 1]) {
          expect(exchangeDate(millis)).toBe(expected(millis))
        }
      }
    }
  })

  it("is yesterday's while the UTC day has begun and the exchange's has not", () => {
    expect(exchangeDate(Date.parse("2026-11-27T02:30:00Z"))).toBe("2026-11-26")
    expect(exchangeDate(Date.parse("2026-07-02T03:59:59.999Z"))).toBe("2026-07-01")
    expect(exchangeDate(Date.parse("2026-07-02T04:00:00Z"))).toBe("2026-07-02")
    expect(exchangeDate(Date.parse("2026-01-01T04:59:59.999Z"))).toBe("2025-12-31")
  })
})
