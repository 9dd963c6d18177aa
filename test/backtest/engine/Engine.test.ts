import { describe, expect, it } from "@effect/vitest"
import canonicalize from "canonicalize"
import { Effect, Result } from "effect"
import { isOptionId } from "../../../src/domain/Identifiers.ts"
import { dollars } from "../../../src/domain/Money.ts"
import { findAlgorithm } from "../../../src/programs/backtest/Algorithms.ts"
import { singleIndexProfile } from "../../../src/risk/LimitsProfile.ts"
import { makeBuyAndHold } from "../../../src/session/strategies/BuyAndHold.ts"
import { makeCoveredCall } from "../../../src/session/strategies/CoveredCall.ts"
import { makeGuardedHolder } from "../../../src/session/strategies/GuardedHolder.ts"
import { makePutSpread } from "../../../src/session/strategies/PutSpread.ts"
import { makeSmaCross } from "../../../src/session/strategies/SmaCross.ts"
import { makeTrend } from "../../../src/session/strategies/Trend.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"
import { dailyOrders, pointOrders } from "./OrderStrategies.ts"
import { type Beside, playAsRun, playOnEngine } from "./RunBeside.ts"

const embedded = { source: "embedded" } as const

const same = (one: Beside) =>
  Effect.gen(function* () {
    const run = yield* playAsRun(one)
    const engine = yield* playOnEngine(one)
    const told = run.events.map((event) => canonicalize(event))
    const differs = engine.events.findIndex((event, i) => canonicalize(event) !== told[i])
    expect(canonicalize(engine.events[differs])).toEqual(told[differs])
    expect(engine.summary).toEqual(run.summary)
    return { ...engine, run }
  })

describe("the engine writes the journal of a run", () => {
  const index = { market: embedded, symbols: ["SPX-REPLAY"], profile: singleIndexProfile }
  it.effect(
    "of the guarded holder through a fall that trips the breaker",
    () =>
      Effect.gen(function* () {
        const { played } = yield* same({
          ...index,
          strategy: makeGuardedHolder(),
          from: "2008-08-01",
          to: "2009-01-30"
        })
        expect(played.states.length).toBeGreaterThan(2)
      }),
    120_000
  )
  it.effect(
    "of buy and hold, and of a trend follower",
    () =>
      Effect.gen(function* () {
        yield* same({ ...index, strategy: makeBuyAndHold(), from: "2011-06-01", to: "2011-09-30" })
        yield* same({
          ...index,
          strategy: makeTrend({ meanSessions: 20, volatilitySessions: 10 }),
          from: "2011-06-01",
          to: "2011-12-30"
        })
        yield* same({
          ...index,
          strategy: makeSmaCross({ fast: 3, slow: 9 }),
          from: "2011-06-01",
          to: "2011-12-30"
        })
      }),
    120_000
  )

  it.effect(
    "of a covered call over a quarter, with what becomes of its options",
    () =>
      Effect.gen(function* () {
        const { played } = yield* same({
          market: embedded,
          symbols: ["AAPL"],
          strategy: makeCoveredCall(),
          from: "2017-01-03",
          to: "2017-03-31",
          cash: dollars(1_000_000)
        })
        expect(played.options.map(({ kind }) => kind)).toContain("sold")
        expect(played.moves.length).toBeGreaterThan(0)
        // Of that year no quotes of options come along: every one cited was the model's.
        const orders = played.orders.filter(({ instrumentId }) => isOptionId(instrumentId)).length
        expect(orders).toBeGreaterThan(0)
        expect(played.optionOrders).toEqual({ orders, modelledOrders: orders })
      }),
    240_000
  )

  it.effect(
    "of orders of every kind in two instruments, at the open, at limits and stops, in brackets and groups",
    () =>
      Effect.gen(function* () {
        const one = {
          market: embedded,
          symbols: ["AAPL", "SPX-REPLAY"],
          strategy: dailyOrders,
          from: "2015-08-03",
          to: "2015-10-09",
          cash: dollars(3_000_000)
        }
        const { events, played } = yield* same(one)
        const tags = new Set(events.map(({ _tag }) => _tag))
        for (const tag of ["OrderTriggered", "OrderCanceled", "OrderDenied", "OrderPendingCancel"] as const) {
          expect(tags).toContain(tag)
        }
        expect(played.fills.length).toBeGreaterThan(20)
      }),
    240_000
  )

  it.effect(
    "of a strategy in a file: stops sent after purchases, and raised by a schedule",
    () =>
      Effect.gen(function* () {
        const algorithm = yield* findAlgorithm("breakout-stop", process.cwd())
        if (algorithm._tag !== "Strategy") throw new Error("breakout-stop is a strategy")
        const { events, run, summary } = yield* same({
          ...index,
          strategy: Result.getOrThrow(algorithm.definition.bind({ channel: 10, ranges: 1 })),
          from: "2009-05-01",
          to: "2009-09-30"
        })
        const tags = events.map(({ _tag }) => _tag)
        expect(tags).toContain("OrderCanceled")
        expect(tags).toContain("OrderTriggered")
        expect(run.summary.journalHash).toMatch(/^[0-9a-f]{64}$/u)
        expect(summary.journalHash).toBe(run.summary.journalHash)
      }),
    120_000
  )

  it.effect(
    "of a put spread",
    () =>
      same({
        market: embedded,
        symbols: ["AAPL"],
        strategy: makePutSpread(),
        from: "2017-01-03",
        to: "2017-02-10",
        cash: dollars(1_000_000)
      }),
    240_000
  )
})

describeWithShared("on a LEAN folder it does too", () => {
  const lean = { source: "lean", path: sharedPath("lean-data") } as const

  it.effect(
    "with bars of five minutes on published quotes, schedules and fills",
    () =>
      Effect.gen(function* () {
        const { played } = yield* same({
          market: lean,
          symbols: ["SPY"],
          strategy: pointOrders("5m", 4),
          from: "2013-10-07",
          to: "2013-10-09"
        })
        expect(played.fills.length).toBeGreaterThan(10)
      }),
    240_000
  )

  it.effect(
    "with minute bars over a split",
    () =>
      Effect.gen(function* () {
        const { played } = yield* same({
          market: lean,
          symbols: ["AAPL"],
          strategy: pointOrders("1m", 30),
          from: "2014-06-06",
          to: "2014-06-09"
        })
        expect(played.moves.map(({ _tag }) => _tag)).toEqual(["SplitApplied"])
      }),
    240_000
  )

  it.effect(
    "with days over a split and dividends, bought and held, and with orders of every kind",
    () =>
      Effect.gen(function* () {
        const range = { market: lean, to: "2014-06-20" }
        const held = yield* same({
          ...range,
          from: "2014-05-01",
          symbols: ["AAPL", "SPY"],
          strategy: makeBuyAndHold()
        })
        expect(held.played.dividends).toBeGreaterThan(0)
        yield* same({
          ...range,
          from: "2014-06-02",
          symbols: ["SPY", "AAPL"],
          strategy: dailyOrders,
          cash: dollars(1_000_000)
        })
      }),
    240_000
  )
})
