/** Two processes' desks on one database: what one does the other sees at once. */
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { dollars } from "../../src/domain/Money.ts"
import { Crank, layer as CrankLayer } from "../../src/execution/Crank.ts"
import { CrankLease } from "../../src/execution/CrankLease.ts"
import { OrderJournal } from "../../src/execution/OrderJournal.ts"
import { Venue } from "../../src/execution/Venue.ts"
import { MarketData } from "../../src/market/MarketData.ts"
import type { Line } from "./FaultyVenue.ts"
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
  marketLayer,
  newFile,
  newOnPostgres,
  openAccount,
  type OpenStorage,
  orderNamed,
  person,
  sell,
  standing,
  testDesk,
  turnTo
} from "./TestDesk.ts"
import { describeWithPostgres } from "../support/WithPostgres.ts"
import { ACME, BOLT, closeOf, minute } from "./TestMarket.ts"
import { vi } from "vitest"

// Every statement is a message to a server: slow on a machine that is busy with others.
vi.setConfig({ testTimeout: 60_000 })

/** Runs an effect on one of the desks. */
type On = <A, E>(body: Effect.Effect<A, E, DeskServices>) => Effect.Effect<A, E>

/** Opens a desk of its own connection and caches. */
const openDesk = Effect.fnUntraced(function* (storage: OpenStorage, holder: string) {
  const market = yield* Effect.context<Layer.Success<ReturnType<typeof marketLayer>>>()
  const services = yield* Layer.build(
    Layer.fresh(deskLayer({ holder, limits: { openOrders: 100 } }).pipe(Layer.provideMerge(storage())))
  )
  const all = Context.merge(market, services)
  const node = yield* Effect.context<Layer.Success<typeof NodeServices.layer>>()
  const on: On = (body) => Effect.provideContext(body, Context.merge(node, all))
  return on
})

/** Lets the computer's clock go on at its own pace meanwhile: a process that waits for the other looks again by it. */
const withClockRunning = <A, E, R>(body: Effect.Effect<A, E, R>) =>
  Effect.raceFirst(
    body,
    Effect.forever(
      Effect.andThen(TestClock.withLive(Effect.sleep("10 millis")), TestClock.adjust("10 millis"))
    )
  )

const twoDesksOn = <A, E>(
  newStorage: typeof newFile,
  body: (a: On, b: On) => Effect.Effect<A, E, DeskServices>
) =>
  Effect.gen(function* () {
    const storage = yield* newStorage
    const a = yield* openDesk(storage, "a")
    const b = yield* openDesk(storage, "b")
    yield* a(openAccount())
    yield* a(goTo(minute(0, 5)))
    yield* a(body(a, b))
    expect([yield* a(checkBooks), yield* b(checkBooks)]).toEqual([[], []])
  }).pipe(Effect.scoped, Effect.provide(marketLayer().pipe(Layer.provideMerge(NodeServices.layer))))

/** Runs before what is journaled next is made durable, and then no more. */
const once = (line: Line, what: Effect.Effect<void>) => {
  line.beforeFlush = Effect.suspend(() => {
    line.beforeFlush = Effect.void
    return what
  })
}

const suite = (name: string, newStorage: typeof newFile) => {
  const twoDesks = <A, E>(body: (a: On, b: On) => Effect.Effect<A, E, DeskServices>) =>
    twoDesksOn(newStorage, body)

  describe(`two processes on one desk in ${name}`, () => {
    it.effect("see each other's orders, fills and positions at once, in both directions", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          yield* a(buy(ACME, 50, { id: "a1" }))
          expect(yield* b(holdings)).toBe("94999.5 ACME 50")
          yield* b(buy(BOLT, 10, { id: "b1", type: limitAt(45), timeInForce: "GTC" }))
          expect(yield* a(standing("b1"))).toBe("Accepted")
          yield* a(Effect.flatMap(acts, ({ broker }) => broker.cancel(orderNamed("b1"), { actor: agent })))
          expect(yield* b(standing("b1"))).toBe("Canceled")
          yield* b(goTo(minute(0, 6)))
          yield* b(sell(ACME, 50, { id: "b2" }))
          expect(yield* a(holdings)).toBe("99999")
          yield* a(turnTo(closeOf(0)))
          expect((yield* b(Effect.flatMap(acts, ({ view }) => view.status))).session).toEqual(
            Option.some({ date: "2024-03-04", open: false })
          )
        })
      )
    )

    it.effect("hold one limit together: what one has working counts for the other", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          yield* a(buy(ACME, 90, { type: limitAt(99) }))
          yield* b(buy(ACME, 91, { type: limitAt(99) }))
          const denied = yield* Effect.flip(a(buy(ACME, 92)))
          expect(denied).toMatchObject({ rule: "position-limit" })
        })
      )
    )

    it.effect("find the same order under the same name", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          yield* a(buy(ACME, 50, { id: "same" }))
          expect(yield* b(buy(ACME, 50, { id: "same" }))).toMatchObject({ repeated: true })
          expect(yield* b(holdings)).toBe("94999.5 ACME 50")
        })
      )
    )

    it.effect("stop together", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          yield* b(buy(ACME, 50, { type: limitAt(90), timeInForce: "GTC" }))
          yield* a(Effect.flatMap(acts, ({ killSwitch }) => killSwitch.halt("enough", agent)))
          expect(yield* Effect.flip(b(buy(ACME, 10)))).toMatchObject({ rule: "trading-state" })
          expect(yield* b(Effect.flatMap(Venue, (venue) => venue.working))).toEqual([])
        })
      )
    )

    it.effect("move one account's money one after the other: it is not withdrawn twice", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          const all = Effect.flatMap(acts, ({ account }) => account.withdraw(dollars(100_000), person))
          const both = yield* withClockRunning(
            Effect.all([Effect.exit(a(all)), Effect.exit(b(all))], { concurrency: 2 })
          )
          expect(both.filter(({ _tag }) => _tag === "Success")).toHaveLength(1)
          expect(yield* b(holdings)).toBe("0")
        })
      )
    )

    it.effect("miss nothing of the venue's record when one of them stops after sending", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          yield* a(buy(ACME, 10, { id: "first", type: limitAt(90), timeInForce: "GTC" }))
          // a sends and gets no further; b turns the crank, which adds to the record.
          yield* a(
            Effect.gen(function* () {
              const { line } = yield* acts
              line.send = "lose-answer"
              line.afterSend = Effect.sync(() => {
                line.answers = false
              })
              yield* Effect.exit(buy(ACME, 50, { id: "sent" }))
              line.answers = true
            })
          )
          expect(yield* b(standing("sent"))).toBe("Unknown")
          yield* b(turnTo(minute(3, 5)))
          expect(yield* b(standing("sent"))).toBe("Filled 50 @ 100.01")
          expect(yield* b(standing("first"))).toBe("Filled 10 @ 80")
          expect(yield* a(holdings)).toBe("94199.5 ACME 60")
        })
      )
    )

    it.effect("leave an order that is on its way from one of them to that one", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          const theirs = yield* b(acts)
          yield* a(
            Effect.gen(function* () {
              const { line } = yield* acts
              once(line, Effect.orDie(b(theirs.broker.reconcile)))
              expect(yield* buy(ACME, 50, { id: "mine" })).toMatchObject({ order: { status: "Filled" } })
              expect(line.sent).toHaveLength(1)
            })
          )
          expect(theirs.line.sent).toEqual([])
        })
      )
    )

    it.effect("take over what one of them was held up with, and it leaves that alone when it wakes", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          const theirs = yield* b(acts)
          yield* a(
            Effect.gen(function* () {
              const { line } = yield* acts
              once(
                line,
                Effect.andThen(TestClock.adjust("11 seconds"), Effect.orDie(b(theirs.broker.reconcile)))
              )
              const bracket = { stopLoss: 90, takeProfit: 110 }
              expect(yield* buy(ACME, 50, { id: "slow", bracket })).toMatchObject({
                order: { status: "Filled" }
              })
              expect(line.sent).toEqual([])
            })
          )
          expect(theirs.line.sent.map(({ clientOrderId }) => clientOrderId)).toEqual(["slow"])
          const tags = (yield* a(
            Effect.flatMap(acts, ({ broker }) => broker.history(orderNamed("slow")))
          )).map(({ event }) => event._tag)
          expect(tags).toEqual([
            "OrderInitialized",
            "OrderSubmitted",
            "OrderSubmitted",
            "OrderAccepted",
            "OrderFilled"
          ])
          expect(yield* a(standing("slow.sl"))).toBe("Accepted")
        })
      )
    )

    it.effect("do not forget what one has heard of an order when the other gets no answer", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          const theirs = yield* b(acts)
          yield* a(
            Effect.gen(function* () {
              const { line } = yield* acts
              line.send = "lose-answer"
              line.afterSend = Effect.asVoid(Effect.orDie(b(theirs.crank.turn)))
              const order = yield* buy(ACME, 50, { id: "told", type: limitAt(90), timeInForce: "GTC" })
              expect(order).toMatchObject({ order: { status: "Accepted" } })
            })
          )
          expect(yield* b(standing("told"))).toBe("Accepted")
        })
      )
    )

    it.effect("open from a checkpoint and what came after it", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          for (let n = 1; n <= 24; n++) {
            if (n === 12) yield* b(goTo(minute(0, 15)))
            yield* a(buy(BOLT, 1, { id: `n${n}`, bracket: { takeProfit: 60 + n, stopLoss: 40 } }))
          }
          const stored = yield* b(Effect.flatMap(OrderJournal, (journal) => journal.checkpoint))
          expect(Option.getOrThrow(stored).sequence).toBeGreaterThan(200)
          const lines = yield* b(journalLines)
          expect(lines.length).toBeGreaterThan(Option.getOrThrow(stored).sequence)
          expect(yield* b(holdings)).toBe("98799.76 BOLT 24")
        })
      )
    )

    it.effect("take over the crank's lease without waiting from one that has nothing to do", () =>
      twoDesks((a, b) =>
        Effect.gen(function* () {
          const turn = Effect.flatMap(Crank, (crank) => crank.turn)
          for (let day = 0; day < 4; day++) {
            yield* a(goTo(closeOf(day)))
            expect(yield* (day % 2 === 0 ? a : b)(turn)).toMatchObject({ turned: true })
          }
        })
      )
    )
  })
}

suite("a file", newFile)
describeWithPostgres("with a server", () => suite("PostgreSQL", newOnPostgres))

/** A turn whose market data takes this long, and one of another process some seconds into it; what each of them says. */
const slowTurn = (takes: Duration.Input, seconds: number) =>
  Effect.gen(function* () {
    const storage = yield* newFile
    const a = yield* openDesk(storage, "a")
    const b = yield* openDesk(storage, "b")
    yield* a(openAccount())
    yield* a(turnTo(minute(0, 5)))
    yield* a(buy(ACME, 50))
    const slow = Crank.use((crank) => crank.turn).pipe(
      Effect.provide(
        Layer.fresh(CrankLayer({ holder: "a", resumePolicy: { _tag: "Never" } })).pipe(
          Layer.provide(
            Layer.effect(
              MarketData,
              Effect.map(MarketData, (data) =>
                MarketData.of({ ...data, ticks: (query) => Effect.delay(data.ticks(query), takes) })
              )
            )
          )
        )
      )
    )
    yield* a(goTo(minute(0, 20)))
    const turning = yield* Effect.forkChild(a(slow))
    for (let at = 0; at < seconds; at++) yield* TestClock.adjust("1 second")
    const second = yield* b(Crank.use((crank) => crank.turn))
    for (let at = 0; at < Duration.toSeconds(takes); at++) yield* TestClock.adjust("1 second")
    const first = yield* Fiber.join(turning)
    return { first: first.turned, second: second.turned, problems: yield* b(checkBooks) }
  }).pipe(Effect.scoped, Effect.provide(marketLayer().pipe(Layer.provideMerge(NodeServices.layer))))

describe("the crank's lease", () => {
  it.effect("stays with a holder whose market data is slow", () =>
    Effect.gen(function* () {
      expect(yield* slowTurn("12 seconds", 10)).toEqual({ first: true, second: false, problems: [] })
    })
  )

  it.effect("goes to another when the data does not come at all", () =>
    Effect.gen(function* () {
      expect(yield* slowTurn("90 seconds", 70)).toEqual({ first: true, second: true, problems: [] })
    })
  )

  const foreign = (now: number) =>
    Effect.flatMap(CrankLease, (lease) => lease.acquire({ holder: "another", now, ttlMicros: 5_000_000 }))

  it.effect("keeps a second process from turning while the first is at it, and lets it take over after", () =>
    Effect.gen(function* () {
      yield* openAccount()
      const crank = yield* Crank
      yield* foreign((yield* TestClock.testClockWith((clock) => clock.currentTimeMillis)) * 1000)
      yield* goTo(minute(0, 0))
      const journal = yield* OrderJournal
      const head = yield* journal.head
      expect(yield* crank.turn).toMatchObject({ turned: false })
      expect(yield* journal.head).toBe(head)
      yield* TestClock.adjust("6 seconds")
      expect(yield* crank.turn).toMatchObject({ turned: true })
      expect(yield* journal.head).toBeGreaterThan(head)
    }).pipe(Effect.provide(testDesk()))
  )

  it.effect("that was lost to another lets a late waker write nothing", () =>
    Effect.gen(function* () {
      const lease = yield* CrankLease
      const mine = Option.getOrThrow(yield* foreign(0))
      const theirs = yield* lease.acquire({ holder: "quicker", now: 6_000_000, ttlMicros: 5_000_000 })
      expect(Option.isSome(theirs)).toBe(true)
      expect(yield* lease.release(mine)).toBe(false)
      expect(yield* lease.release(Option.getOrThrow(theirs))).toBe(true)
    }).pipe(Effect.provide(testDesk()))
  )
})
