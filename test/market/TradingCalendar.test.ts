import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
import {
  dateOfDay,
  dayOfDate,
  MICROS_PER_MINUTE,
  sessionDate,
  timestamp,
  toIso
} from "../../src/domain/Timestamp.ts"
import * as Calendar from "../../src/market/TradingCalendar.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"

const HOUR = 60 * MICROS_PER_MINUTE
const first = dayOfDate(Calendar.firstDate)
const last = dayOfDate(Calendar.lastDate)
const at = (iso: string) => timestamp(Date.parse(iso) * 1000)

const closeOf = (date: string): string =>
  Option.match(Calendar.session(sessionDate(date)), {
    onNone: () => "closed",
    onSome: (session) => Calendar.toExchangeTime(session.close).slice(11, 16)
  })

describe("TradingCalendar sessions", () => {
  it("has the known number of trading days in each year", () => {
    const count = (year: number) =>
      Calendar.sessionsBetween(sessionDate(`${year}-01-01`), sessionDate(`${year}-12-31`)).length
    // 2001 lost four days, 2012 two.
    const published: ReadonlyArray<readonly [number, number]> = [
      [1998, 252],
      [1999, 252],
      [2000, 252],
      [2001, 248],
      [2002, 252],
      [2003, 252],
      [2004, 252],
      [2005, 252],
      [2006, 251],
      [2007, 251],
      [2008, 253],
      [2009, 252],
      [2010, 252],
      [2011, 252],
      [2012, 250],
      [2013, 252],
      [2014, 252],
      [2015, 252],
      [2016, 252],
      [2017, 251],
      [2018, 251],
      [2019, 252],
      [2020, 253],
      [2021, 252],
      [2022, 251],
      [2023, 250],
      [2024, 252],
      [2025, 250]
    ]
    expect(published.map(([year]) => [year, count(year)])).toEqual(published)
  })

  it.each([
    "2001-09-11",
    "2001-09-12",
    "2001-09-13",
    "2001-09-14",
    "2004-06-11",
    "2007-01-02",
    "2012-10-29",
    "2012-10-30",
    "2018-12-05",
    "2025-01-09"
  ])("is closed on %s, a special closure, and says why", (date) => {
    expect(Calendar.isSession(sessionDate(date))).toBe(false)
    expect(Option.isSome(Calendar.whyClosed(sessionDate(date)))).toBe(true)
  })

  it("keeps a New Year's Day that falls on a Saturday on no other day", () => {
    for (const friday of [
      "1999-12-31",
      "2004-12-31",
      "2010-12-31",
      "2021-12-31",
      "2027-12-31",
      "2032-12-31"
    ]) {
      expect([friday, closeOf(friday)]).toEqual([friday, "16:00"])
    }
  })

  it("keeps Juneteenth since 2022", () => {
    expect(["2020-06-19", "2021-06-18", "2022-06-20", "2023-06-19", "2027-06-18"].map(closeOf)).toEqual([
      "16:00",
      "16:00",
      "closed",
      "closed",
      "closed"
    ])
  })

  it("knows the published dates of Good Friday", () => {
    for (const date of [
      "1998-04-10",
      "2000-04-21",
      "2008-03-21",
      "2011-04-22",
      "2016-03-25",
      "2019-04-19",
      "2024-03-29",
      "2025-04-18",
      "2026-04-03",
      "2035-03-23"
    ]) {
      expect([date, Calendar.whyClosed(sessionDate(date))]).toEqual([date, Option.some("Good Friday")])
    }
  })

  it("moved the short day around a Thursday Fourth of July from the Friday after to the Wednesday before in 2013", () => {
    expect(
      ["2002-07-03", "2002-07-05", "2013-07-03", "2013-07-05", "2019-07-03", "2019-07-05"].map(closeOf)
    ).toEqual(["16:00", "13:00", "13:00", "16:00", "13:00", "16:00"])
  })

  it("opened at noon on the first anniversary of the attacks", () => {
    const session = Option.getOrThrow(Calendar.session(sessionDate("2002-09-11")))
    expect(Calendar.toExchangeTime(session.open)).toBe("2002-09-11 12:00 EDT")
    expect(session.earlyClose).toBe(false)
  })

  it("finds neighbours across a long weekend", () => {
    expect(Calendar.nextSession(sessionDate("2004-06-10")).date).toBe("2004-06-14")
    expect(Calendar.previousSession(sessionDate("2004-06-14")).date).toBe("2004-06-10")
    expect(
      Calendar.sessionsBetween(sessionDate("2001-09-08"), sessionDate("2001-09-18")).map((s) => s.date)
    ).toEqual(["2001-09-10", "2001-09-17", "2001-09-18"])
    expect(Calendar.sessionsBetween(sessionDate("2001-09-18"), sessionDate("2001-09-08"))).toEqual([])
  })

  it("agrees with itself: next of previous, ranges, and single days", () => {
    const all = Calendar.sessionsBetween(Calendar.firstDate, Calendar.lastDate)
    all.slice(1).forEach((session, i) => {
      expect(Calendar.previousSession(session.date)).toBe(all[i])
      expect(session.open).toBeGreaterThan(all[i]?.close ?? Infinity)
    })
    let sessions = 0
    for (let d = first; d <= last; d++) {
      const date = dateOfDay(d)
      const isSession = Calendar.isSession(date)
      expect(Option.isSome(Calendar.whyClosed(date))).toBe(!isSession)
      if (isSession) sessions += 1
    }
    expect(sessions).toBe(all.length)
  })
})

describe("TradingCalendar clock", () => {
  it("shows New York's time as the tz database does, every day and every hour of the Sundays when it may change", () => {
    const reference = new Intl.DateTimeFormat("sv-SE", {
      timeZone: "America/New_York",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit"
    })
    const summer = new Intl.DateTimeFormat("en-US", { timeZone: "America/New_York", timeZoneName: "short" })
    const check = (instant: number) => {
      const zone = summer.format(instant / 1000).slice(-3)
      expect(Calendar.toExchangeTime(timestamp(instant))).toBe(`${reference.format(instant / 1000)} ${zone}`)
    }
    for (let d = first + 1; d <= last; d += 1) {
      // Every hour of the Sundays when a change could be, one hour of each other day.
      const month = Number(dateOfDay(d).slice(5, 7))
      const isSunday = (((d + 4) % 7) + 7) % 7 === 0
      const everyHour = isSunday && [3, 4, 10, 11].includes(month)
      for (let hour = everyHour ? 0 : d % 24; hour < 24; hour += everyHour ? 1 : 24)
        check(d * 24 * HOUR + hour * HOUR)
    }
  })

  it("turns exchange time into an instant and back", () => {
    for (let d = first; d <= last; d += 3) {
      const date = dateOfDay(d)
      const instant = Calendar.fromExchangeTime(date, 9.5 * HOUR)
      expect([Calendar.exchangeDate(instant), Calendar.exchangeTimeOfDay(instant)]).toEqual([
        date,
        9.5 * HOUR
      ])
    }
    expect(toIso(Calendar.fromExchangeTime(sessionDate("2006-04-02"), 90 * MICROS_PER_MINUTE))).toBe(
      "2006-04-02T06:30:00.000000Z"
    )
    // 01:30 comes twice; 02:30 not at all.
    expect(toIso(Calendar.fromExchangeTime(sessionDate("2006-10-29"), 90 * MICROS_PER_MINUTE))).toBe(
      "2006-10-29T05:30:00.000000Z"
    )
    expect(toIso(Calendar.fromExchangeTime(sessionDate("2007-03-11"), 150 * MICROS_PER_MINUTE))).toBe(
      "2007-03-11T07:30:00.000000Z"
    )
  })

  it("changes over at the second, before and after the law of 2007", () => {
    expect(
      ["2006-04-02T06:59:59Z", "2006-04-02T07:00:00Z", "2006-10-29T05:59:59Z", "2006-10-29T06:00:00Z"].map(
        (iso) => Calendar.toExchangeTime(at(iso))
      )
    ).toEqual([
      "2006-04-02 01:59:59 EST",
      "2006-04-02 03:00 EDT",
      "2006-10-29 01:59:59 EDT",
      "2006-10-29 01:00 EST"
    ])
    expect(
      ["2007-03-11T06:59:59Z", "2007-03-11T07:00:00Z", "2007-11-04T05:59:59Z", "2007-11-04T06:00:00Z"].map(
        (iso) => Calendar.toExchangeTime(at(iso))
      )
    ).toEqual([
      "2007-03-11 01:59:59 EST",
      "2007-03-11 03:00 EDT",
      "2007-11-04 01:59:59 EDT",
      "2007-11-04 01:00 EST"
    ])
  })

  it("holds a session open from its first instant to just before its close", () => {
    const session = Option.getOrThrow(Calendar.session(sessionDate("2004-06-10")))
    expect([toIso(session.open), toIso(session.close)]).toEqual([
      "2004-06-10T13:30:00.000000Z",
      "2004-06-10T20:00:00.000000Z"
    ])
    expect(Calendar.phaseAt(timestamp(session.open - 1)).phase).toBe("closed")
    expect(Calendar.phaseAt(session.open).phase).toBe("open")
    expect(Calendar.phaseAt(timestamp(session.close - 1)).phase).toBe("open")
    expect(Calendar.phaseAt(session.close).phase).toBe("closed")
    expect(Calendar.sessionAt(session.open)).toEqual(Option.some(session))
    expect(Calendar.sessionAt(session.close)).toEqual(Option.none())
  })

  it("names the next open and close, over a closure too", () => {
    const evening = Calendar.phaseAt(at("2004-06-10T20:00:00Z"))
    expect([
      evening.phase,
      Calendar.toExchangeTime(evening.nextOpen),
      Calendar.toExchangeTime(evening.nextClose)
    ]).toEqual(["closed", "2004-06-14 09:30 EDT", "2004-06-14 16:00 EDT"])
    const noon = Calendar.phaseAt(at("2004-06-10T16:00:00Z"))
    expect([
      noon.phase,
      Calendar.toExchangeTime(noon.nextOpen),
      Calendar.toExchangeTime(noon.nextClose)
    ]).toEqual(["open", "2004-06-14 09:30 EDT", "2004-06-10 16:00 EDT"])
    const morning = Calendar.phaseAt(at("2004-06-10T12:00:00Z"))
    expect([morning.phase, Calendar.toExchangeTime(morning.nextOpen)]).toEqual([
      "closed",
      "2004-06-10 09:30 EDT"
    ])
  })

  it("knows the last session that has begun", () => {
    expect(Calendar.latestSession(at("2004-06-10T13:29:59Z")).date).toBe("2004-06-09")
    expect(Calendar.latestSession(at("2004-06-10T13:30:00Z")).date).toBe("2004-06-10")
    expect(Calendar.latestSession(at("2004-06-13T13:30:00Z")).date).toBe("2004-06-10")
  })
})

describe("TradingCalendar limits", () => {
  it("never answers for a date or instant outside 1998 to 2035", () => {
    for (const date of ["1997-12-31", "2036-01-01"].map((text) => sessionDate(text))) {
      for (const ask of [
        Calendar.isSession,
        Calendar.session,
        Calendar.whyClosed,
        Calendar.nextSession,
        Calendar.previousSession
      ]) {
        expect(() => ask(date)).toThrow(Calendar.OutsideCalendar)
      }
      expect(() => Calendar.fromExchangeTime(date, 0)).toThrow(Calendar.OutsideCalendar)
      expect(Result.isFailure(Calendar.checkDate(date))).toBe(true)
    }
    for (const instant of [at("1998-01-01T04:59:59Z"), at("2036-01-01T05:00:00Z"), timestamp(Number.NaN)]) {
      for (const ask of [
        Calendar.phaseAt,
        Calendar.sessionAt,
        Calendar.exchangeDate,
        Calendar.toExchangeTime,
        Calendar.latestSession
      ]) {
        expect(() => ask(instant)).toThrow(Calendar.OutsideCalendar)
      }
      expect(Result.isFailure(Calendar.checkInstant(instant))).toBe(true)
    }
  })

  it("has no session before its first and none after its last", () => {
    expect(() => Calendar.previousSession(sessionDate("1998-01-02"))).toThrow(/session before 1998-01-02/u)
    expect(() => Calendar.nextSession(sessionDate("2035-12-31"))).toThrow(/session after 2035-12-31/u)
  })

  it("refuses a date that no month has", () => {
    expect(Result.isFailure(Calendar.checkDate(sessionDate("2003-02-29")))).toBe(true)
    expect(Result.isSuccess(Calendar.checkDate(sessionDate("2004-02-29")))).toBe(true)
  })
})

describeWithShared("TradingCalendar against LEAN's market-hours database", () => {
  const Hours = Schema.Struct({
    holidays: Schema.Array(Schema.String),
    earlyCloses: Schema.Record(Schema.String, Schema.String)
  })
  const Database = Schema.Struct({ entries: Schema.Struct({ "Equity-usa-[*]": Hours }) })
  const read = () =>
    Schema.decodeUnknownSync(Database)(
      JSON.parse(readFileSync(sharedPath("lean-data", "market-hours", "market-hours-database.json"), "utf8"))
    ).entries["Equity-usa-[*]"]

  /** "7/3/2000" → "2000-07-03" */
  const iso = (us: string): string => {
    const [month = "", date = "", year = ""] = us.split("/")
    return `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}`
  }

  /** Where the two differ, and why ours stands. */
  const exceptions: ReadonlyMap<string, string> = new Map([
    ["1998-11-27", "the day after Thanksgiving closed at 13:00; the database begins these in 1999"],
    ["1998-12-24", "Christmas Eve closed at 13:00; the database begins these in 2001"]
  ])

  it("agrees day by day from 1998 to 2028, but for the listed exceptions", () => {
    const hours = read()
    const holidays = new Set(hours.holidays.map(iso))
    const early = new Map(
      Object.entries(hours.earlyCloses).map(([date, time]) => [iso(date), time.slice(0, 5)])
    )
    const differing: Array<string> = []
    for (let d = first; d <= dayOfDate(sessionDate("2028-12-31")); d++) {
      const date = dateOfDay(d)
      const weekday = (((d + 4) % 7) + 7) % 7
      const theirs =
        weekday === 0 || weekday === 6 || holidays.has(date) ? "closed" : (early.get(date) ?? "16:00")
      if (theirs !== closeOf(date)) differing.push(date)
    }
    expect(differing).toEqual([...exceptions.keys()])
  })
})
