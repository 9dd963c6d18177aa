/** Every rule stands in the order's way, not only in the rule's own file. */
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { instrumentId, symbol } from "../../src/domain/Identifiers.ts"
import { dollars } from "../../src/domain/Money.ts"
import type { RuleName } from "../../src/domain/Verdict.ts"
import { LimitsNotAccepted, SealedLimits } from "../../src/risk/SealedLimits.ts"
import { Broker } from "../../src/execution/Broker.ts"
import { BookKeeper } from "../../src/execution/BookKeeper.ts"
import { BrokerContext } from "../../src/execution/BrokerContext.ts"
import * as GuardedBroker from "../../src/execution/GuardedBroker.ts"
import { MarketData } from "../../src/market/MarketData.ts"
import { defaultLimits, LimitsUnreadable, type RiskLimits } from "../../src/risk/RiskLimits.ts"
import {
  acts,
  agent,
  buy,
  checkBooks,
  type DeskServices,
  goTo,
  limitAt,
  openAccount,
  orderNamed,
  person,
  requestFor,
  sell,
  standing,
  stopAt,
  testDesk,
  turnTo,
  worth
} from "./TestDesk.ts"
import { ACME, BOLT, evening, minute } from "./TestMarket.ts"

interface Denied {
  readonly _tag: string
  readonly rule?: string
  readonly clientOrderId?: string
}

/** Runs `body`, whose failure has to be a denial by this rule that the journal has. */
const denies = <A, E extends Denied>(
  rule: RuleName,
  body: Effect.Effect<A, E, DeskServices>,
  limits: Partial<RiskLimits> = {}
) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    const error = yield* Effect.flip(body)
    expect(error).toMatchObject({ _tag: "OrderDenied", rule })
    expect(yield* standing(error.clientOrderId ?? "")).toBe("Denied")
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(testDesk({ limits })))

describe("an order is denied by", () => {
  it.effect("trading-state, while trading is halted", () =>
    denies(
      "trading-state",
      Effect.gen(function* () {
        const { killSwitch } = yield* acts
        yield* killSwitch.halt("enough", agent)
        yield* buy(ACME, 10)
      })
    )
  )

  it.effect("market-hours, for a day order in the evening and for the open in session", () =>
    Effect.gen(function* () {
      yield* denies("market-hours", buy(ACME, 10, { timeInForce: "AT_THE_OPEN" }))
      yield* denies("market-hours", Effect.andThen(turnTo(evening(0)), buy(ACME, 10)))
    })
  )

  it.effect("quote-freshness, for a quote of another instrument", () =>
    denies(
      "quote-freshness",
      Effect.gen(function* () {
        const { broker } = yield* acts
        const { quoteId } = yield* requestFor("BUY", BOLT, 10)
        const request = yield* requestFor("BUY", ACME, 10)
        yield* broker.submit({ ...request, quoteId }, { actor: agent })
      })
    )
  )

  it.effect("instrument, when it is restricted", () =>
    denies("instrument", buy(ACME, 10), { restricted: [symbol("ACME")] })
  )

  it.effect("duplicate, when the same was sent a moment ago on another quote", () =>
    denies(
      "duplicate",
      Effect.gen(function* () {
        yield* buy(ACME, 10, { id: "first" })
        yield* buy(ACME, 10, { id: "second" })
      })
    )
  )

  it.effect("order-size, for half a lot and for more than a tenth of equity", () =>
    Effect.gen(function* () {
      yield* denies("order-size", buy(ACME, 0.5))
      yield* denies("order-size", buy(ACME, 96))
      yield* denies("order-size", buy(ACME, 0, { size: worth(10_001) }))
    })
  )

  it.effect("price-collar, for a limit far above the market and a stop on its wrong side", () =>
    Effect.gen(function* () {
      yield* denies("price-collar", buy(ACME, 10, { type: limitAt(106) }))
      yield* denies("price-collar", buy(ACME, 10, { type: stopAt(90) }))
    })
  )

  it.effect("position-limit, with what works counted as filled", () =>
    denies(
      "position-limit",
      Effect.gen(function* () {
        yield* buy(ACME, 90)
        yield* buy(ACME, 91, { type: limitAt(95) })
        yield* buy(ACME, 92)
      })
    )
  )

  it.effect("position-limit, when it would sell what is not there", () =>
    denies("position-limit", sell(ACME, 10))
  )

  it.effect("gross-exposure, over all instruments", () =>
    denies(
      "gross-exposure",
      Effect.gen(function* () {
        yield* buy(ACME, 90)
        yield* buy(BOLT, 150)
      }),
      { grossExposureRatio: 0.15 }
    )
  )

  it.effect("buying-power, for money that working orders have taken", () =>
    denies(
      "buying-power",
      Effect.gen(function* () {
        const { account } = yield* acts
        yield* buy(ACME, 90, { type: limitAt(98) })
        yield* account.withdraw(dollars(80_000), person)
        yield* buy(ACME, 95, { type: limitAt(98.5) })
        yield* buy(BOLT, 190)
      }),
      { orderNotionalRatio: 1, positionRatio: 5, grossExposureRatio: 5 }
    )
  )

  it.effect("open-orders, a bracket's exits counted", () =>
    denies(
      "open-orders",
      Effect.gen(function* () {
        yield* buy(ACME, 10, { type: limitAt(90), bracket: { takeProfit: 120, stopLoss: 80 } })
        yield* buy(ACME, 11, { type: limitAt(90) })
      }),
      { openOrders: 3 }
    )
  )

  it.effect("message-rate, at the order after the last of the minute", () =>
    denies(
      "message-rate",
      Effect.gen(function* () {
        for (let n = 1; n <= 4; n++) yield* buy(BOLT, n)
      }),
      { ordersPerMinute: 5, reservedForReducing: 2 }
    )
  )

  it.effect("self-trade, when it would meet an order of ours", () =>
    denies(
      "self-trade",
      Effect.gen(function* () {
        yield* buy(ACME, 10)
        yield* sell(ACME, 10, { type: limitAt(101) })
        yield* buy(ACME, 11, { type: limitAt(102) })
      })
    )
  )

  const crashing = [{ instrument: ACME, days: [100, 100, 60, 60], actions: [] }]

  it.effect("daily-loss and drawdown, even where the breaker has not looked", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* goTo(minute(0, 5))
      yield* buy(ACME, 900)
      yield* turnTo(minute(2, 5))
      const { broker } = yield* acts
      const request = yield* requestFor("BUY", ACME, 1)
      const preview = yield* broker.preview(request, { actor: agent })
      const denied = preview.verdicts.filter(({ outcome }) => outcome === "deny").map(({ rule }) => rule)
      expect(denied).toEqual(["trading-state", "daily-loss", "drawdown"])
      // What makes the position smaller passes them all.
      const { order } = yield* sell(ACME, 900)
      expect(order.status).toBe("Filled")
    }).pipe(
      Effect.provide(testDesk({ market: crashing, limits: { orderNotionalRatio: 1, positionRatio: 1 } }))
    )
  )

  it.effect.each(["bracket of e", "bracket e", "e", "undefined"])(
    "position-limit, for what a bracket's exits have on sale already, whatever the group is called: %s",
    (ocoGroup) =>
      denies(
        "position-limit",
        Effect.gen(function* () {
          yield* buy(ACME, 50, { id: "e", bracket: { takeProfit: 200, stopLoss: 10 } })
          yield* sell(ACME, 50, { id: "s", ocoGroup })
        })
      )
  )

  it.effect("quote-freshness and instrument, for an instrument nobody knows", () =>
    denies(
      "quote-freshness",
      Effect.gen(function* () {
        const { broker } = yield* acts
        const request = yield* requestFor("BUY", ACME, 10)
        yield* broker.submit({ ...request, instrumentId: instrumentId("NOBODY.XXXX") }, { actor: agent })
      })
    )
  )

  it.effect("the first rule that needs the limits, while they cannot be read", () => {
    const unreadable = Layer.succeed(SealedLimits, {
      inForce: Effect.fail(new LimitsUnreadable({ source: "plimsoll.json", field: "", message: "not JSON" })),
      accept: () => Effect.fail(new LimitsNotAccepted({ message: "a test accepts nothing" }))
    })
    return Effect.gen(function* () {
      const { broker } = yield* acts
      yield* openAccount()
      yield* goTo(minute(0, 5))
      const request = yield* requestFor("BUY", ACME, 10)
      const blind = yield* Layer.build(
        Layer.fresh(GuardedBroker.layer).pipe(
          Layer.provide(Layer.fresh(BrokerContext.layer({ clocks: "both" }))),
          Layer.provide(unreadable)
        )
      )
      const denied = yield* Effect.flip(
        Context.get(blind, Broker).submit(
          { ...request, clientOrderId: orderNamed("blind") },
          { actor: agent }
        )
      )
      expect(denied).toMatchObject({ _tag: "OrderDenied", rule: "quote-freshness" })
      expect(denied.message).toContain("limits are missing")
      expect((yield* broker.submit(request, { actor: agent })).order.status).toBe("Filled")
    }).pipe(Effect.scoped, Effect.provide(testDesk()))
  })
})

describe("limits that a person accepts while an order is looked at", () => {
  it.effect("hold for that order", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* goTo(minute(0, 5))
      const request = yield* requestFor("BUY", ACME, 50)
      const keeper = yield* BookKeeper
      const before = yield* keeper.current
      let limits: RiskLimits = defaultLimits
      const hash = () => (limits === defaultLimits ? (before.limits?.hash ?? "") : "tighter")
      const sealed = Layer.succeed(SealedLimits, {
        inForce: Effect.sync(() => ({
          profile: "test",
          limits,
          hash: hash(),
          differences: [],
          candidateHash: hash()
        })),
        accept: () => Effect.fail(new LimitsNotAccepted({ message: "a test accepts nothing" }))
      })
      const accepted = Effect.suspend(() => {
        if (limits !== defaultLimits) return Effect.void
        limits = { ...defaultLimits, positionRatio: 0.01 }
        return keeper.transact((book) =>
          book.record(
            [{ _tag: "LimitsAccepted", profile: "test", hash: hash(), tsEvent: minute(0, 5) }],
            person
          )
        )
      })
      const data = Layer.effect(
        MarketData,
        Effect.map(MarketData, (real) =>
          MarketData.of({
            ...real,
            quote: (id) => Effect.andThen(Effect.orDie(accepted), real.quote(id))
          })
        )
      )
      const services = yield* Layer.build(
        Layer.fresh(GuardedBroker.layer).pipe(
          Layer.provide(Layer.fresh(BrokerContext.layer({ clocks: "both" }))),
          Layer.provide(Layer.mergeAll(sealed, data))
        )
      )
      const denied = yield* Effect.flip(Context.get(services, Broker).submit(request, { actor: agent }))
      expect(denied).toMatchObject({ _tag: "OrderDenied", rule: "position-limit" })
    }).pipe(Effect.scoped, Effect.provide(testDesk()))
  )
})
