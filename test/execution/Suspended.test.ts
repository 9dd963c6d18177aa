/** A process stopped for an hour, a machine asleep for one, and two processes whose clocks disagree. */
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { MICROS_PER_SECOND } from "../../src/domain/Timestamp.ts"
import { CrankLease } from "../../src/execution/CrankLease.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import { Machine } from "../support/Machine.ts"
import {
  marketNow,
  openReplay,
  pass,
  replayDesk,
  replayMarket,
  type ReplayServices,
  stepTo
} from "./ReplayDesk.ts"
import {
  acts,
  agent,
  buy,
  checkBooks,
  deskLayer,
  fileStorage,
  holdings,
  limitAt,
  memoryStorage,
  openAccount,
  orderNamed,
  requestFor,
  standing
} from "./TestDesk.ts"
import { ACME, BOLT, minute, sourceOf, standardMarket } from "./TestMarket.ts"

const HOUR = 3_600_000

const ruleOf = <A, E extends { readonly _tag: string; readonly rule?: string }, R>(
  order: Effect.Effect<A, E, R>
) => Effect.map(Effect.flip(order), (error) => error.rule ?? error._tag)

const onReplay = <A, E, R>(body: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(replayDesk()))

describe("a process that is stopped for an hour while the replay runs", () => {
  it.effect("after deciding sends nothing, and its quote is stale from then on", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay()
        const { broker, crank, line } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50, { id: "held" })
        line.beforeFlush = TestClock.adjust("1 hour")
        yield* Effect.exit(broker.submit(request, { actor: agent }))
        line.beforeFlush = Effect.void
        expect([yield* standing("held"), line.sent.length]).toEqual(["Denied", 0])
        expect(yield* marketNow).toBe(minute(0, 65))
        yield* crank.upToDate
        const again = { ...request, clientOrderId: orderNamed("again") }
        expect(yield* ruleOf(broker.submit(again, { actor: agent }))).toBe("quote-freshness")
        expect(yield* holdings).toBe("100000")
      })
    )
  )

  it.effect("before deciding decides on the market as it is then", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay()
        const { broker } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        yield* TestClock.adjust("1 hour")
        expect(yield* ruleOf(broker.submit(request, { actor: agent }))).toBe("quote-freshness")
      })
    )
  )

  it.effect("has lost the crank's lease, and what it would still write is refused", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay()
        const lease = yield* CrankLease
        const steady = yield* SteadyClock
        const take = (holder: string) =>
          Effect.flatMap(steady.now, (now) =>
            lease.acquire({ holder, now, ttlMicros: 5 * MICROS_PER_SECOND })
          )
        const mine = Option.getOrThrow(yield* take("stopped"))
        yield* TestClock.adjust("1 hour")
        expect(Option.isSome(yield* take("quicker"))).toBe(true)
        expect(yield* lease.release(mine)).toBe(false)
      })
    )
  )

  it.effect("leaves a day's loss to the market's date: the next open, not an hour, ends it", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay(minute(2, 300), 0)
        for (const shares of [80, 79]) yield* buy(ACME, shares)
        yield* stepTo(minute(3, 0))
        const { view } = yield* acts
        expect((yield* view.status).tradingState).toBe("Reducing")
        yield* pass(HOUR)
        expect((yield* view.status).tradingState).toBe("Reducing")
      })
    )
  )
})

describe("a machine that is asleep for an hour", () => {
  it.effect("between deciding and sending sends nothing, and the replay stood still", () =>
    onReplay(
      Effect.gen(function* () {
        yield* openReplay()
        const { line } = yield* acts
        const machine = yield* Machine
        line.beforeFlush = machine.setWallBy(HOUR)
        yield* Effect.exit(buy(ACME, 50, { id: "held" }))
        expect([yield* standing("held"), line.sent.length]).toEqual(["Denied", 0])
        expect(yield* marketNow).toBe(minute(0, 5))
      })
    )
  )
})

describe("two processes whose computer's clocks are an hour apart", () => {
  it.effect("are at one market time, count one message rate and hold one lease", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const open = Effect.fnUntraced(function* (holder: string, wall: string) {
        const options = { holder, limits: { ordersPerMinute: 4, reservedForReducing: 0 } }
        const services = yield* Layer.build(
          Layer.fresh(
            deskLayer(options).pipe(
              Layer.provideMerge(replayMarket()),
              Layer.provideMerge(fileStorage(folder)),
              Layer.provideMerge(Machine.layerAt(Date.parse(wall))),
              Layer.provideMerge(NodeServices.layer)
            )
          )
        )
        return <A, E>(body: Effect.Effect<A, E, ReplayServices>) => Effect.provideContext(body, services)
      })
      const a = yield* open("a", "2026-06-07T12:00:00Z")
      const b = yield* open("b", "2026-06-07T13:00:00Z")
      yield* a(openReplay())
      yield* TestClock.adjust("6 seconds")
      expect([yield* a(marketNow), yield* b(marketNow)]).toEqual(
        Array(2).fill(minute(0, 5) + 6 * MICROS_PER_SECOND)
      )
      for (const [on, shares] of [
        [b, 1],
        [a, 2],
        [b, 3],
        [a, 4]
      ] as const) {
        yield* on(buy(BOLT, shares))
      }
      expect(yield* a(ruleOf(buy(BOLT, 5)))).toBe("message-rate")
      expect(yield* b(ruleOf(buy(BOLT, 5)))).toBe("message-rate")
      yield* TestClock.adjust("5 seconds")
      const { crank } = yield* b(acts)
      yield* a(
        Effect.gen(function* () {
          const lease = yield* CrankLease
          const steady = yield* SteadyClock
          yield* lease.acquire({ holder: "a", now: yield* steady.now, ttlMicros: 5 * MICROS_PER_SECOND })
        })
      )
      expect(yield* b(crank.turn)).toMatchObject({ turned: false })
      yield* TestClock.adjust("5 seconds")
      expect(yield* b(crank.turn)).toMatchObject({ turned: true })
      expect([yield* a(checkBooks), yield* b(checkBooks)]).toEqual([[], []])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("a desk on the computer's own clock, set forward a day", () => {
  const wall = minute(0, 5) / 1000
  const live = deskLayer().pipe(
    Layer.provideMerge(SourcedMarketData.layer({ sources: [sourceOf(standardMarket)], seed: "test" })),
    Layer.provideMerge(MarketClock.layerReal),
    Layer.provideMerge(memoryStorage),
    Layer.provideMerge(Machine.layerAt(wall)),
    Layer.provideMerge(NodeServices.layer)
  )

  it.effect("takes no order, expires none, cancels and halts, and goes on once the clock is right", () =>
    Effect.gen(function* () {
      const machine = yield* Machine
      const { broker, killSwitch } = yield* acts
      yield* openAccount()
      yield* buy(ACME, 10, { id: "day", type: limitAt(90) })
      yield* buy(BOLT, 10, { id: "other", type: limitAt(45) })
      yield* machine.setWallBy(24 * HOUR)
      const refused = yield* Effect.flip(buy(ACME, 10))
      expect(refused).toMatchObject({ _tag: "MarketClockUnavailable" })
      expect([yield* standing("day"), yield* standing("other")]).toEqual(["Accepted", "Accepted"])
      yield* broker.cancel(orderNamed("day"), { actor: agent })
      expect(yield* standing("day")).toBe("Canceled")
      yield* machine.setWallBy(-24 * HOUR)
      yield* TestClock.adjust("1 second")
      yield* buy(ACME, 10, { id: "right" })
      expect(yield* standing("right")).toBe("Filled 10 @ 100.01")
      yield* machine.setWallBy(24 * HOUR)
      yield* killSwitch.halt("the clock is wrong", agent)
      expect(yield* standing("other")).toBe("Canceled")
      yield* machine.setWallBy(-24 * HOUR)
      expect(yield* checkBooks).toEqual([])
    }).pipe(Effect.provide(live))
  )
})
