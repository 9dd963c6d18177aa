import { describe, expect, it } from "@effect/vitest"
import { fieldOf, type WindowedTrial } from "../../../../src/backtest/robustness/overfitting/TrialWindows.ts"
import { sessionDate } from "../../../../src/domain/Timestamp.ts"
import { sessionsBetween } from "../../../../src/market/TradingCalendar.ts"

/** The return of a session is its number in the calendar: what is cut can be read. */
const numbered = (from: string, to: string): Float64Array => {
  const before = sessionsBetween(sessionDate("2010-01-04"), sessionDate(from)).length - 1
  const { length } = sessionsBetween(sessionDate(from), sessionDate(to))
  return Float64Array.from({ length }, (_, i) => before + i)
}

const trial = (id: string, from: string, to: string, over: Partial<WindowedTrial> = {}): WindowedTrial => ({
  id,
  from: sessionDate(from),
  to: sessionDate(to),
  algorithm: "sma-cross",
  codeHash: "1",
  profile: "desk",
  engine: "plimsoll",
  parameters: { id },
  returns: numbered(from, to),
  ...over
})

const judged = trial("judged", "2011-01-03", "2014-12-31")
const ids = (trials: ReadonlyArray<{ readonly trial: WindowedTrial }>) => trials.map((one) => one.trial.id)

describe("trials on one stretch of data", () => {
  it("same dates: whole, in the ledger's order after the judged one", () => {
    const others = ["a", "b"].map((id) => trial(id, "2011-01-03", "2014-12-31"))
    const { apart, dates, notes, trials } = fieldOf([...others, judged], judged)
    expect(ids(trials)).toEqual(["judged", "a", "b"])
    expect(trials.every(({ returns }) => returns.length === judged.returns.length)).toBe(true)
    expect(dates).toHaveLength(judged.returns.length)
    expect([apart, notes]).toEqual([0, []])
  })

  it("overlapping ones are laid on the sessions that all have: each session's own return", () => {
    const earlier = trial("earlier", "2010-06-01", "2014-06-30")
    const later = trial("later", "2011-07-01", "2016-03-31")
    const { dates, trials } = fieldOf([earlier, judged, later], judged)
    const expected = numbered("2011-07-01", "2014-06-30")
    expect(ids(trials)).toEqual(["judged", "earlier", "later"])
    for (const { returns } of trials) expect([...returns]).toEqual([...expected])
    expect(dates?.[0]).toBe("2011-07-01")
    expect(dates?.at(-1)).toBe("2014-06-30")
    expect(dates).toHaveLength(expected.length)
  })

  it("ones that share too little are counted and not compared; those of other years are of other data", () => {
    const half = trial("half", "2014-01-02", "2016-12-30")
    const chained = trial("chained", "2016-06-01", "2018-12-31")
    const other = trial("other", "2020-01-02", "2021-12-31")
    const { apart, notes, trials } = fieldOf([half, chained, other, judged], judged)
    expect(ids(trials)).toEqual(["judged"])
    expect(apart).toBe(2)
    expect(notes).toEqual([
      "2 trials have too few sessions in common with the judged one: counted, not compared"
    ])
  })

  it("the same code and parameters on another part are one trial: the window with most in common", () => {
    const windows = [
      trial("w1", "2010-06-01", "2011-12-30"),
      trial("w2", "2011-01-03", "2014-06-30"),
      trial("w3", "2013-01-02", "2015-12-31")
    ].map((one) => ({ ...one, parameters: { fast: 5 } }))
    const { apart, notes, trials } = fieldOf([...windows, judged], judged)
    expect(ids(trials)).toEqual(["judged", "w2"])
    expect(apart).toBe(0)
    expect(notes).toEqual([
      "2 trials are the same code and parameters on another part of the data: counted once"
    ])
    // The judged one is its own window, however much another has.
    const again = {
      ...windows[1],
      ...trial("same", "2010-01-04", "2016-12-30"),
      parameters: judged.parameters
    }
    expect(ids(fieldOf([again, judged], judged).trials)).toEqual(["judged"])
  })

  it("returns that are not one a session can only be laid beside those of the very same dates", () => {
    const gappy = trial("gappy", "2011-01-03", "2014-12-31", {
      returns: Float64Array.from({ length: 900 }, () => 0.01)
    })
    const { notes, trials } = fieldOf([gappy, judged], judged)
    expect(ids(trials)).toEqual(["judged"])
    expect(notes[0]).toContain("1 trial has other dates, and not one return a session of the calendar")
    const twin = { ...gappy, id: "twin", parameters: { id: "twin" } }
    const among = fieldOf([gappy, twin, judged], gappy)
    expect(ids(among.trials)).toEqual(["gappy", "twin"])
    expect(among.dates).toBeUndefined()
  })

  it("dates that the calendar does not reach are no dates, and no defect", () => {
    const old = ["a", "b"].map((id) =>
      trial(id, "2011-01-03", "2014-12-31", {
        from: sessionDate("1990-01-02"),
        to: sessionDate("1991-01-02")
      })
    )
    const [first] = old
    if (first === undefined) throw new Error("no trial")
    expect(ids(fieldOf(old, first).trials)).toEqual(["a", "b"])
  })
})
