import { describe, expect, it } from "@effect/vitest"
import { dayOfDate, timestamp } from "../../src/domain/Timestamp.ts"
import { firstDate, lastDate, latestSession, sessionsBetween } from "../../src/market/TradingCalendar.ts"
import {
  FIRST_DAY,
  LAST_DAY,
  latestSessionBy,
  OutsideCalendar,
  sessionOfDay
} from "../../src/market/TradingDays.ts"

describe("one day by the rules", () => {
  it("every day of the calendar is what its tables say", () => {
    const sessions = new Map(sessionsBetween(firstDate, lastDate).map((one) => [dayOfDate(one.date), one]))
    for (let day = FIRST_DAY; day <= LAST_DAY; day++) expect(sessionOfDay(day)).toEqual(sessions.get(day))
  })

  it("the latest session is the tables', at the edges of every session and between them", () => {
    for (const { close, open } of sessionsBetween(firstDate, lastDate).slice(1)) {
      for (const at of [open - 1, open, close - 1, close, close + 3_600_000_000]) {
        expect(latestSessionBy(timestamp(at))).toEqual(latestSession(timestamp(at)))
      }
    }
  })

  it("before the calendar's first session and outside its years there is none", () => {
    const first = sessionsBetween(firstDate, lastDate)[0]?.open ?? 0
    expect(() => latestSessionBy(timestamp(first - 1))).toThrow(OutsideCalendar)
    expect(() => latestSessionBy(timestamp(0))).toThrow(OutsideCalendar)
  })
})
