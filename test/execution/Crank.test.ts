/** The crank: what it brings to the books, and that it does not matter how often it is turned. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { dollars, pricePerShare } from "../../src/domain/Money.ts"
import { MICROS_PER_MINUTE, MICROS_PER_SECOND, timestamp } from "../../src/domain/Timestamp.ts"
import * as CrankService from "../../src/execution/Crank.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { MarketClockUnavailable } from "../../src/market/MarketClock.ts"
import { ClockRefused } from "../../src/market/ReplayClock.ts"
import { RunSummary } from "../../src/session/RunSummary.ts"
import {
  acts,
  buy,
  checkBooks,
  type DeskServices,
  goTo,
  holdings,
  journalLines,
  limitAt,
  openAccount,
  sell,
  standing,
  stopAt,
  testDesk,
  turnTo
} from "./TestDesk.ts"
import { ACME, BOLT, closeOf, evening, INDX, minute, sessions } from "./TestMarket.ts"

const onDesk = <A, E>(body: Effect.Effect<A, E, DeskServices>) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(testDesk()))

const hash = Effect.map(journalLines, (lines) => {
  const summary = new RunSummary()
  for (const line of lines) summary.add(line)
  return summary.result().journalHash
})

describe("the crank", () => {
  it.effect("opens and closes every session in the books, with the equity it closed on", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buy(ACME, 50)
        yield* turnTo(evening(3))
        const lines = yield* journalLines
        const closes = lines.flatMap(({ event }) =>
          event._tag === "SessionClosed" ? [[event.date, event.equity / 1e6, event.grossExposure / 1e6]] : []
        )
        expect(closes).toEqual([
          ["2024-03-04", 99_999.5, 5000],
          ["2024-03-05", 99_999.5, 5000],
          ["2024-03-06", 99_999.5, 5000],
          ["2024-03-07", 98_999.5, 4000]
        ])
        const opens = lines.flatMap(({ event }) =>
          event._tag === "SessionOpened" ? [event.priorCloseEquity / 1e6] : []
        )
        expect(opens).toEqual([100_000, 99_999.5, 99_999.5, 99_999.5])
      })
    )
  )

  it.effect("does not value a position at prices from before it was bought", () =>
    Effect.gen(function* () {
      yield* openAccount()
      // Flat over a session that opens at 100, falls to 20 and recovers: nothing of it concerns the account.
      yield* turnTo(minute(0, 0))
      yield* goTo(minute(0, 389))
      yield* buy(ACME, 50)
      yield* turnTo(minute(1, 5))
      const lines = yield* journalLines
      expect(lines.flatMap(({ event }) => (event._tag === "TradingStateChanged" ? [event] : []))).toEqual([])
      const times = lines.map(({ event }) => event.tsEvent)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      const { view } = yield* acts
      expect((yield* view.status).peakEquity).toBeLessThanOrEqual(dollars(100_000))
    }).pipe(
      Effect.provide(
        testDesk({
          limits: { orderNotionalRatio: 1, positionRatio: 1 },
          market: [{ instrument: ACME, days: [[100, 110, 20, 100], 100, 100], actions: [] }]
        })
      )
    )
  )

  it.effect("closes a session on what was paid, for a position no tick has come for since", () =>
    Effect.gen(function* () {
      yield* openAccount()
      const lastMinute = timestamp(minute(0, 389) + 10 * MICROS_PER_SECOND)
      yield* goTo(lastMinute)
      yield* buy(ACME, 50)
      yield* turnTo(closeOf(0))
      const { view } = yield* acts
      expect(yield* view.status).toMatchObject({ session: { value: { date: "2024-03-04", open: false } } })
      expect(yield* checkBooks).toEqual([])
    }).pipe(Effect.provide(testDesk()))
  )

  it.effect("pays dividends to holders at the close before, and to nobody who buys at the open", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buy(BOLT, 100)
        yield* turnTo(evening(4))
        yield* buy(BOLT, 90, { timeInForce: "AT_THE_OPEN" })
        yield* turnTo(minute(5, 0))
        expect(yield* holdings).toBe("90549 BOLT 190")
      })
    )
  )

  it.effect("takes splits to positions, working orders and what they count for", () =>
    onDesk(
      Effect.gen(function* () {
        const { view } = yield* acts
        yield* buy(ACME, 25)
        yield* turnTo(evening(5))
        yield* buy(ACME, 30, { id: "low", type: limitAt(80), timeInForce: "GTC" })
        yield* sell(ACME, 25, { id: "stop", type: stopAt(40), timeInForce: "GTC" })
        yield* turnTo(minute(6, 1))
        expect(yield* holdings).toBe("97499.75 ACME 100")
        const working = (yield* view.status).working.map(({ content }) => [content.type, content.size])
        expect(working).toEqual([
          [limitAt(20), { _tag: "Quantity", quantity: 120e6 }],
          [stopAt(10), { _tag: "Quantity", quantity: 100e6 }]
        ])
        // 120 × 20 counts as 2,400 and not as four times that.
        yield* buy(ACME, 400, { id: "fits", type: limitAt(20.5) })
        expect(yield* standing("fits")).toContain("Accepted")
        yield* turnTo(minute(11, 1))
        // Two for one the other way: what worked is canceled, 100 became 50.
        expect([yield* standing("low"), yield* standing("stop")]).toEqual(["Filled 120 @ 20", "Canceled"])
        expect(yield* holdings).toContain("ACME 110")
      })
    )
  )

  it.effect("leaves nothing behind when the market's clock cannot be anchored", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* goTo(minute(0, 5))
      const { journal } = yield* acts
      const head = yield* journal.head
      const no = Effect.fail(new MarketClockUnavailable({ message: "the clock's row is gone" }))
      const refused = Effect.fail(new ClockRefused({ message: "no" }))
      const control = Layer.succeed(MarketClockControl, {
        status: no,
        initialise: () => refused,
        start: refused,
        pause: refused,
        step: () => refused,
        setSpeed: () => refused,
        anchor: no
      })
      const broken = CrankService.layer({ holder: "test", resumePolicy: { _tag: "Never" } }).pipe(
        Layer.provide(control)
      )
      const failed = yield* Effect.flip(
        CrankService.Crank.use((crank) => crank.turn).pipe(Effect.provide(Layer.fresh(broken)))
      )
      expect(failed).toMatchObject({ _tag: "MarketClockUnavailable" })
      expect(yield* journal.head).toBe(head)
      yield* buy(ACME, 10)
      expect(yield* checkBooks).toEqual([])
    }).pipe(Effect.provide(testDesk()))
  )
})

/** Positions, brackets, groups and resting orders over splits, gaps and a dividend. */
const book = Effect.gen(function* () {
  yield* openAccount()
  yield* goTo(minute(0, 5))
  yield* buy(ACME, 50, { id: "a", bracket: { takeProfit: 110, stopLoss: 70 } })
  yield* buy(ACME, 40, { id: "b", type: limitAt(85), timeInForce: "GTC" })
  yield* buy(BOLT, 60, { id: "c" })
  yield* buy(INDX, 5, { id: "d", type: limitAt(995), timeInForce: "GTC" })
  yield* buy(INDX, 3, { id: "e", type: limitAt(992), bracket: { takeProfit: 1100, stopLoss: 980 } })
  yield* goTo(minute(0, 20))
  yield* sell(BOLT, 60, { id: "f", type: limitAt(55), timeInForce: "GTC", ocoGroup: "g" })
  yield* sell(BOLT, 60, { id: "h", type: stopAt(45), timeInForce: "GTC", ocoGroup: "g" })
  yield* buy(INDX, 2, {
    id: "t",
    type: { _tag: "TrailingStopMarket", trailingOffset: pricePerShare(15) },
    timeInForce: "GTC"
  })
})

const end = timestamp(closeOf(sessions.length - 1))

const played = (stops: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    yield* book
    for (const stop of stops.toSorted((x, y) => x - y)) {
      const at = timestamp(minute(0, 20) + stop * MICROS_PER_MINUTE)
      if (at < end) yield* turnTo(at)
    }
    yield* turnTo(end)
    return { hash: yield* hash, held: yield* holdings, problems: yield* checkBooks }
  }).pipe(Effect.provide(testDesk({ limits: { openOrders: 50 }, clocks: "market" })))

/** Minutes after the start; three weeks. */
const Stops = Schema.Array(
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 18 * 24 * 60 })))
).pipe(Schema.check(Schema.isMaxLength(12)))

describe("turned at whatever moments", () => {
  it.effect.prop(
    "the crank gives the same journal as turned once",
    { stops: Stops },
    ({ stops }) =>
      Effect.gen(function* () {
        const once = yield* played([])
        expect(once.problems).toEqual([])
        expect(yield* played(stops)).toEqual(once)
      }),
    { arbitrary: { runs: 6 } }
  )

  it.effect("even on every fifth minute of a day, and at the bells", () =>
    Effect.gen(function* () {
      const once = yield* played([])
      const dense = Array.from({ length: 100 }, (_, i) => i * 5)
      expect(yield* played(dense)).toEqual(once)
    })
  )
})
