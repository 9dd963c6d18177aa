/** The computer's clock is set, smeared, or wrong: what the desk measures goes on as if nothing had been. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { TestClock } from "effect/testing"
import { MICROS_PER_SECOND } from "../../src/domain/Timestamp.ts"
import { CrankLease } from "../../src/execution/CrankLease.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import { clockJumps, Machine } from "../support/Machine.ts"
import { marketNow, openReplay, pass, replayDesk, stepTo } from "./ReplayDesk.ts"
import {
  acts,
  agent,
  buy,
  checkBooks,
  limitAt,
  requestFor,
  standing,
  type TestDeskOptions
} from "./TestDesk.ts"
import { ACME, BOLT, closeOf, minute } from "./TestMarket.ts"

const ruleOf = <A, E extends { readonly _tag: string; readonly rule?: string }, R>(
  order: Effect.Effect<A, E, R>
) => Effect.map(Effect.flip(order), (error) => error.rule ?? error._tag)

const tradingState = Effect.flatMap(acts, ({ view }) =>
  Effect.map(view.status, (status) => status.tradingState)
)

const setWallBy = (millis: number) => Effect.flatMap(Machine, (machine) => machine.setWallBy(millis))

type Services = Layer.Success<ReturnType<typeof replayDesk>>

/** Runs the body on a desk of its own; its books have to be right at the end. */
const onReplay = <E>(body: Effect.Effect<void, E, Services>, options: TestDeskOptions = {}) =>
  Effect.gen(function* () {
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(replayDesk(options)))

const rated = { limits: { ordersPerMinute: 3, reservedForReducing: 0 } }
const threeOrders = Effect.forEach([1, 2, 3], (shares) => buy(BOLT, shares), { discard: true })

describe.each(clockJumps)("while the computer's clock is set %s", (_, millis) => {
  const jump = setWallBy(millis)

  it.effect.each([0, 1, 1000])("a replay at speed %d shows the same time", (speed) =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay(minute(0, 5), speed)
        yield* jump
        expect(yield* marketNow).toBe(minute(0, 5))
        yield* pass(6000)
        expect(yield* marketNow).toBe(minute(0, 5) + speed * 6 * MICROS_PER_SECOND)
      })
    )
  )

  it.effect.each([0, 1, 1000])("the message rate is not reset, on a replay at speed %d", (speed) =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay(minute(0, 5), speed)
        yield* threeOrders
        yield* jump
        expect(yield* ruleOf(buy(BOLT, 4))).toBe("message-rate")
        yield* pass(6000)
        expect(yield* ruleOf(buy(BOLT, 4))).toBe("message-rate")
        // A minute of the machine's; of the market's as well, which stands still on a paused replay.
        yield* pass(54_000)
        if (speed === 1000) yield* stepTo(minute(1, 0))
        if (speed === 0) expect(yield* ruleOf(buy(BOLT, 4))).toBe("message-rate")
        else yield* buy(BOLT, 4)
      }),
      rated
    )
  )

  it.effect("the duplicate window holds until its seconds have passed", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay()
        yield* buy(BOLT, 5)
        yield* jump
        yield* TestClock.adjust("1 minute")
        expect(yield* ruleOf(buy(BOLT, 5))).toBe("duplicate")
        yield* TestClock.adjust("1 minute")
        yield* buy(BOLT, 5)
      }),
      { limits: { duplicateWindowSeconds: 61 } }
    )
  )

  it.effect("a day's loss keeps the desk Reducing until the market's next open", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay(minute(2, 300), 0)
        yield* buy(ACME, 250)
        yield* stepTo(minute(3, 5))
        expect(yield* tradingState).toBe("Reducing")
        const control = yield* MarketClockControl
        yield* control.start
        yield* jump
        yield* pass(10_000)
        expect(yield* tradingState).toBe("Reducing")
        expect(yield* ruleOf(buy(BOLT, 1))).toBe("trading-state")
        yield* stepTo(minute(4, 0))
        expect(yield* tradingState).toBe("Active")
      }),
      { limits: { orderNotionalRatio: 1, positionRatio: 1 } }
    )
  )

  it.effect("orders work until the market's close, or on", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay()
        yield* buy(BOLT, 5, { id: "day", type: limitAt(45) })
        yield* buy(BOLT, 6, { id: "gtc", type: limitAt(45), timeInForce: "GTC" })
        yield* jump
        yield* pass(60_000)
        expect([yield* standing("day"), yield* standing("gtc")]).toEqual(["Accepted", "Accepted"])
        yield* stepTo(closeOf(0))
        expect([yield* standing("day"), yield* standing("gtc")]).toEqual(["Expired", "Accepted"])
      })
    )
  )

  it.effect("a quote is as old as the market says: stale when it is, fresh when it is", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay()
        const { broker } = yield* acts
        const old = yield* requestFor("BUY", ACME, 10)
        yield* jump
        yield* pass(40_000)
        expect(yield* ruleOf(broker.submit(old, { actor: agent }))).toBe("quote-freshness")
        yield* stepTo(minute(0, 6))
        const fresh = yield* requestFor("BUY", ACME, 10)
        yield* jump
        yield* broker.submit(fresh, { actor: agent })
      })
    )
  )

  it.effect("the crank's lease has one holder, and runs out when that one is dead", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay(minute(0, 5), 1)
        yield* buy(BOLT, 5, { type: limitAt(45) })
        const lease = yield* CrankLease
        const steady = yield* SteadyClock
        const { crank } = yield* acts
        yield* lease.acquire({ holder: "killed", now: yield* steady.now, ttlMicros: 5 * MICROS_PER_SECOND })
        yield* jump
        yield* TestClock.adjust("4900 millis")
        expect(yield* crank.turn).toMatchObject({ turned: false })
        yield* TestClock.adjust("200 millis")
        expect(yield* crank.turn).toMatchObject({ turned: true })
      })
    )
  )

  it.effect("an order on its way is not taken for lost, and one that got lost does not stay unknown", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay()
        const { broker, line } = yield* acts
        line.send = "lose-request"
        yield* Effect.exit(buy(BOLT, 5, { id: "lost" }))
        line.send = "works"
        yield* jump
        yield* pass(5000)
        yield* broker.reconcile
        expect(yield* standing("lost")).toBe("Unknown")
        yield* pass(5100)
        yield* broker.reconcile
        expect(yield* standing("lost")).toBe("Rejected")
      })
    )
  )

  it.effect("an order that is held up meanwhile is sent by what has passed, or not at all", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay()
        const { line } = yield* acts
        const machine = yield* Machine
        line.beforeFlush = machine.setWallBy(millis)
        // What looks like an hour's sleep is taken for one.
        if (millis < 0) yield* buy(BOLT, 5)
        else
          expect(yield* ruleOf(Effect.andThen(buy(BOLT, 5, { id: "held" }), standing("held")))).toBe(
            "not-sent"
          )
        expect(line.sent).toHaveLength(millis < 0 ? 1 : 0)
      })
    )
  )
})

describe("a leap second, smeared over a day", () => {
  it.effect.each([
    ["lost", -1],
    ["gained", 1]
  ] as const)("and %s, moves neither the replay nor what is counted by the minute", ([, sign]) =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay(minute(0, 5), 1)
        const machine = yield* Machine
        yield* threeOrders
        for (let step = 1; step <= 1000; step++) {
          yield* machine.setWallBy(sign)
          yield* TestClock.adjust(step <= 2 ? 30_000 : 86_400)
          if (step === 1) yield* stepTo(minute(0, 6))
          if (step === 1) expect(yield* ruleOf(buy(BOLT, 4))).toBe("message-rate")
          if (step === 2) yield* stepTo(minute(0, 7))
          if (step === 2) yield* buy(BOLT, 4)
        }
        expect(yield* marketNow).toBe(minute(0, 7) + 998 * 86.4 * MICROS_PER_SECOND)
      }),
      rated
    )
  )
})
