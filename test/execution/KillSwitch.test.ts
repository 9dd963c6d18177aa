/** Halting, resuming, and what the breaker does by itself. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { dollars } from "../../src/domain/Money.ts"
import { MarketClockUnavailable, MarketClock } from "../../src/market/MarketClock.ts"
import { MarketData } from "../../src/market/MarketData.ts"
import * as BrokerContext from "../../src/execution/BrokerContext.ts"
import * as GuardedBroker from "../../src/execution/GuardedBroker.ts"
import * as KillSwitchService from "../../src/execution/KillSwitch.ts"
import {
  acts,
  agent,
  buy,
  checkBooks,
  deskLayer,
  type DeskServices,
  goTo,
  holdings,
  journalLines,
  limitAt,
  openAccount,
  person,
  sell,
  standing,
  tagsAfter,
  testDesk,
  type TestDeskOptions,
  turnTo
} from "./TestDesk.ts"
import { ACME, BOLT, closeOf, evening, type Listing, minute } from "./TestMarket.ts"

const onDesk = <A, E>(body: Effect.Effect<A, E, DeskServices>, options: TestDeskOptions = {}) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(testDesk(options)))

const stateOf = Effect.gen(function* () {
  const { view } = yield* acts
  return (yield* view.status).tradingState
})

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

describe("a halt", () => {
  it.effect("cancels everything, verified by asking the venue again, and blocks what is new", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, view } = yield* acts
        yield* buy(ACME, 50, { id: "a", type: limitAt(90), timeInForce: "GTC" })
        yield* buy(BOLT, 50, { id: "b", type: limitAt(40), bracket: { stopLoss: 30 } })
        const halted = yield* killSwitch.halt("enough", agent)
        expect(halted.changed).toBe(true)
        expect(halted.canceled.map(({ status }) => status)).toEqual(["Canceled", "Canceled", "Canceled"])
        expect(yield* view.status).toMatchObject({ tradingState: "Halted", working: [] })
        expect(yield* Effect.flip(buy(ACME, 10))).toMatchObject({ rule: "trading-state" })
        expect(yield* killSwitch.halt("again", agent)).toEqual({ changed: false, canceled: [] })
      })
    )
  )

  it.effect("halts whatever its reason is made of", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch } = yield* acts
        expect(yield* killSwitch.halt("half a pair \uD83D, and a whole one \u{1F6D1}", agent)).toMatchObject({
          changed: true
        })
        const reasons = (yield* journalLines).flatMap(({ event }) =>
          event._tag === "TradingStateChanged" ? [event.reason] : []
        )
        expect(reasons).toEqual(["half a pair \uFFFD, and a whole one \u{1F6D1}"])
      })
    )
  )

  it.effect("leaves a person the reducing orders, and nobody else", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch } = yield* acts
        yield* buy(ACME, 50)
        yield* killSwitch.halt("enough", agent)
        yield* turnTo(minute(0, 10))
        expect(yield* Effect.flip(sell(ACME, 20))).toMatchObject({ rule: "trading-state" })
        yield* sell(ACME, 30, { actor: person })
        expect(yield* holdings).toBe("97999.2 ACME 20")
      })
    )
  )

  it.effect("says which orders a venue would not cancel, and stands", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, line } = yield* acts
        yield* buy(ACME, 50, { id: "stuck", type: limitAt(90), timeInForce: "GTC" })
        line.cancel = "ignored"
        const error = yield* Effect.flip(killSwitch.halt("enough", agent))
        expect(error).toMatchObject({ _tag: "OrdersStillWorking", working: ["stuck"] })
        expect(yield* stateOf).toBe("Halted")
        line.cancel = "works"
        expect((yield* killSwitch.halt("again", agent)).canceled).toHaveLength(1)
      })
    )
  )

  it.effect("needs no market: without clock and prices it stops the desk and cancels", () =>
    onDesk(
      Effect.gen(function* () {
        const { view } = yield* acts
        yield* buy(ACME, 50)
        yield* buy(ACME, 40, { id: "rest", type: limitAt(90), timeInForce: "GTC" })
        const gone = Layer.succeed(MarketClock, {
          now: Effect.fail(new MarketClockUnavailable({ message: "no clock" }))
        })
        const blind = KillSwitchService.layer.pipe(
          Layer.provide(Layer.fresh(GuardedBroker.layer)),
          Layer.provide(Layer.fresh(BrokerContext.BrokerContext.layer({ clocks: "both" }))),
          Layer.provide(gone)
        )
        const halted = yield* KillSwitchService.KillSwitch.use((killSwitch) =>
          killSwitch.halt("blind", agent)
        ).pipe(Effect.provide(Layer.fresh(blind)))
        expect(halted.canceled).toHaveLength(1)
        expect(yield* view.status).toMatchObject({ tradingState: "Halted", working: [] })
      })
    )
  )

  it.effect("does not wait for prices that do not come", () =>
    onDesk(
      Effect.gen(function* () {
        const { view } = yield* acts
        yield* buy(ACME, 50)
        yield* buy(ACME, 40, { id: "rest", type: limitAt(90), timeInForce: "GTC" })
        const slow = Layer.effect(
          MarketData,
          Effect.map(MarketData, (data) => MarketData.of({ ...data, quote: () => Effect.never }))
        )
        const waiting = KillSwitchService.layer.pipe(
          Layer.provide(Layer.fresh(GuardedBroker.layer)),
          Layer.provide(Layer.fresh(BrokerContext.BrokerContext.layer({ clocks: "both" }))),
          Layer.provide(slow)
        )
        const halting = yield* Effect.forkChild(
          KillSwitchService.KillSwitch.use((killSwitch) => killSwitch.halt("no prices", agent)).pipe(
            Effect.provide(Layer.fresh(waiting))
          )
        )
        yield* TestClock.adjust("200 millis")
        expect(yield* view.status).toMatchObject({ tradingState: "Halted" })
        yield* TestClock.adjust("1 second")
        expect((yield* Fiber.join(halting)).canceled).toHaveLength(1)
      })
    )
  )

  it.effect("is there for a desk that is opened afterwards", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch } = yield* acts
        yield* killSwitch.halt("enough", agent)
        const state = yield* Effect.gen(function* () {
          expect(yield* Effect.flip(buy(ACME, 10))).toMatchObject({ rule: "trading-state" })
          return yield* stateOf
        }).pipe(Effect.provide(Layer.fresh(deskLayer({ holder: "another" }))))
        expect(state).toBe("Halted")
      })
    )
  )
})

describe("resuming", () => {
  it.effect("is a person's, with a reason, and begins a new peak", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, journal } = yield* acts
        yield* killSwitch.halt("enough", agent)
        expect(yield* tagOf(killSwitch.resume("it is fine", agent))).toBe("ResumeRefused")
        expect(yield* tagOf(killSwitch.resume("  ", person))).toBe("ResumeRefused")
        expect(yield* stateOf).toBe("Halted")
        const head = yield* journal.head
        expect(yield* killSwitch.resume("looked at it", person)).toBe("Active")
        expect(yield* tagsAfter(head)).toEqual(["TradingStateChanged", "PeakReset"])
        expect(yield* tagOf(killSwitch.resume("once more", person))).toBe("ResumeRefused")
        yield* buy(ACME, 10)
      })
    )
  )
})

/** All of the account in one stock that falls, within a day, by 4% and then by 22%. */
const falling: ReadonlyArray<Listing> = [
  {
    instrument: ACME,
    days: [100, [100, 100, 96, 96], 96, [96, 96, 75, 75], 75, 75, 75, 75],
    actions: []
  },
  { instrument: BOLT, days: Array.from({ length: 8 }, () => 50), actions: [] }
]
const allIn = { orderNotionalRatio: 1, positionRatio: 1, grossExposureRatio: 1.5 }
const options: TestDeskOptions = { market: falling, limits: allIn, clocks: "market" }

/** $90,000 of the stock, and a buy that rests. */
const invested = Effect.gen(function* () {
  yield* buy(ACME, 900)
  yield* buy(BOLT, 50, { id: "opening", type: limitAt(40), timeInForce: "GTC" })
})

describe("the breaker", () => {
  it.effect("at a day's loss withdraws opening orders and leaves reducing ones, until the next open", () =>
    onDesk(
      Effect.gen(function* () {
        const { view } = yield* acts
        yield* invested
        yield* turnTo(closeOf(1))
        expect(yield* view.status).toMatchObject({
          tradingState: "Reducing",
          causes: { dailyLoss: true, drawdown: false }
        })
        expect(yield* standing("opening")).toBe("Canceled")
        expect(yield* Effect.flip(buy(BOLT, 1, { timeInForce: "AT_THE_OPEN" }))).toMatchObject({
          rule: "trading-state"
        })
        yield* sell(ACME, 100, { id: "less", timeInForce: "AT_THE_OPEN" })
        yield* turnTo(minute(2, 0))
        expect(yield* standing("less")).toBe("Filled 100 @ 96")
        expect(yield* stateOf).toBe("Active")
      }),
      options
    )
  )

  it.effect("at a drawdown leaves only reducing orders until a person resumes, whatever the sessions", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, view } = yield* acts
        yield* invested
        yield* turnTo(closeOf(3))
        expect((yield* view.status).causes).toMatchObject({ drawdown: true })
        yield* turnTo(closeOf(6))
        expect(yield* view.status).toMatchObject({ tradingState: "Reducing", sessionsSinceDrawdown: 3 })
        expect(yield* killSwitch.resume("it stays cheap", person)).toBe("Active")
        const { peakEquity, equity } = yield* view.status
        expect(Option.getOrNull(equity)).toBe(peakEquity)
        yield* turnTo(closeOf(7))
        expect(yield* stateOf).toBe("Active")
      }),
      options
    )
  )

  it.effect("resumes by a run's policy at the open it names, with a new peak", () =>
    onDesk(
      Effect.gen(function* () {
        yield* invested
        yield* turnTo(closeOf(6))
        const resumed = (yield* journalLines).filter(
          ({ event }) => event._tag === "TradingStateChanged" && event.cause === "resume-policy"
        )
        expect(resumed.map(({ event }) => event.tsEvent)).toEqual([minute(5, 0)])
        expect(yield* stateOf).toBe("Active")
      }),
      { ...options, resumePolicy: { _tag: "Sessions", count: 2 } }
    )
  )

  it.effect("takes deposits and withdrawals for what they are", () =>
    onDesk(
      Effect.gen(function* () {
        const { account, view } = yield* acts
        yield* buy(ACME, 90)
        yield* turnTo(minute(0, 30))
        yield* account.withdraw(dollars(60_000), person)
        yield* turnTo(minute(0, 60))
        expect(yield* view.status).toMatchObject({
          tradingState: "Active",
          dayResult: Option.some(dollars(-0.9))
        })
        yield* account.deposit(dollars(500_000), person)
        yield* turnTo(evening(0))
        expect(yield* stateOf).toBe("Active")
        yield* account.withdraw(dollars(400_000), person)
        yield* turnTo(minute(1, 0))
        expect(yield* stateOf).toBe("Active")
      })
    )
  )
})
