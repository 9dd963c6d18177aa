/** The nights on which New York's clocks are set: sessions, steps and a running replay across each of them. */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { MICROS_PER_MINUTE, sessionDate, type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import * as Replay from "../../src/market/ReplayClock.ts"
import * as Calendar from "../../src/market/TradingCalendar.ts"
import { clockChanges, newYork } from "../support/DaylightSaving.ts"

const HOUR = 60 * MICROS_PER_MINUTE
const DAY = 24 * HOUR

const nights = clockChanges.map(({ date, season }) => ({
  date: sessionDate(date),
  season,
  before: Calendar.previousSession(sessionDate(date)),
  after: Calendar.nextSession(sessionDate(date))
}))

describe("the nights on which the clocks are set, 1998 to 2035", () => {
  it("are two a year", () => {
    expect(nights).toHaveLength(2 * 38)
  })

  it("lie between sessions that open and close by New York's clock, an hour nearer or farther", () => {
    for (const { after, before, season } of nights) {
      expect([newYork(before.open), newYork(after.open)]).toEqual([
        `${before.date} 09:30:00`,
        `${after.date} 09:30:00`
      ])
      expect([newYork(before.close), newYork(after.close)]).toEqual([
        `${before.date} ${before.earlyClose ? "13" : "16"}:00:00`,
        `${after.date} ${after.earlyClose ? "13" : "16"}:00:00`
      ])
      const days = (Date.parse(after.date) - Date.parse(before.date)) * 1000
      expect(after.open - before.open - days).toBe(season === "spring" ? -HOUR : HOUR)
    }
  })

  it("are stepped over from close to open, to the microsecond, paused or running", () => {
    for (const { after, before } of nights) {
      for (const running of [false, true]) {
        let state: Replay.ReplayState = {
          ...Replay.initialState(timestamp(before.open + HOUR), timestamp(0)),
          running
        }
        const reached = (["ToClose", "ToOpen", "ToClose"] as const).map((_tag) => {
          state = Result.getOrThrow(
            Replay.step(state, { steady: timestamp(0), until: timestamp(after.close + DAY) }, { _tag })
          )
          return state.anchorMarket
        })
        expect(reached).toEqual([before.close, after.open, after.close])
      }
    }
  })

  it("take a running replay through every instant once, an hour being an hour", () => {
    for (const { after, before } of nights) {
      const state = { ...Replay.initialState(before.close, timestamp(0)), running: true }
      for (let steady = 0; steady <= after.open - before.close; steady += 30 * MICROS_PER_MINUTE) {
        const at = Replay.marketTimeAt(state, { steady: timestamp(steady), until: after.close })
        expect(at - before.close).toBe(steady)
      }
    }
  })

  it("show the hour that comes twice under two names, and skip the one that does not come", () => {
    const shown = (at: Timestamp) => Calendar.toExchangeTime(at)
    for (const { date, season } of nights) {
      const first = Calendar.fromExchangeTime(date, 1.5 * HOUR)
      const hourLater = timestamp(first + HOUR)
      expect([shown(first), shown(hourLater)]).toEqual(
        season === "autumn"
          ? [`${date} 01:30 EDT`, `${date} 01:30 EST`]
          : [`${date} 01:30 EST`, `${date} 03:30 EDT`]
      )
      expect([newYork(first), newYork(hourLater)]).toEqual([
        `${date} 01:30:00`,
        `${date} ${season === "autumn" ? "01" : "03"}:30:00`
      ])
    }
  })
})
