/** Many at once: limits hold, nothing is lost, nothing is done twice. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { dollars } from "../../src/domain/Money.ts"
import * as GroupCommit from "../../src/execution/GroupCommit.ts"
import { acts, buy, checkBooks, goTo, journalLines, openAccount, testDesk } from "./TestDesk.ts"
import { BOLT, minute } from "./TestMarket.ts"

describe("two hundred orders at once", () => {
  it.effect("pass no limit together, and each is asked for exactly once", () =>
    Effect.gen(function* () {
      yield* openAccount(dollars(100_000))
      yield* goTo(minute(0, 5))
      // Each may be there twice: by a retry of whoever sent it.
      const ids = Array.from({ length: 200 }, (_, i) => `o${i % 150}`)
      const exits = yield* Effect.forEach(ids, (id) => Effect.exit(buy(BOLT, 10, { id, repeat: true })), {
        concurrency: "unbounded"
      })
      const lines = yield* journalLines
      const of = (tag: string) => lines.filter(({ event }) => event._tag === tag)
      // A quarter of equity: $25,000 is 49 orders of ten, the last counted at the ask and five percent.
      const filled = of("OrderFilled").length
      const { view } = yield* acts
      const { exposure } = yield* view.status
      expect(exposure._tag === "Some" && exposure.value.gross).toBeLessThanOrEqual(dollars(25_000))
      expect(filled).toBe(49)
      expect(of("OrderDenied")).toHaveLength(150 - filled)
      expect(of("OrderInitialized")).toHaveLength(150)
      expect(exits.filter(Exit.isSuccess).length).toBeGreaterThanOrEqual(filled)
      expect(yield* checkBooks).toEqual([])
    }).pipe(Effect.provide(testDesk({ limits: { ordersPerMinute: null, openOrders: 1000 } })))
  )
})

const limits = { maxWaiting: 16, busy: () => "busy" as const }

const scoped = <A, E>(body: Effect.Effect<A, E, Scope.Scope>) => Effect.scoped(body)

describe("group commit", () => {
  it.effect("takes what comes while a batch is under way into the next one, in order", () =>
    scoped(
      Effect.gen(function* () {
        const batches: Array<ReadonlyArray<number>> = []
        const gate = yield* Deferred.make<void>()
        const submit = yield* GroupCommit.make({
          ...limits,
          maxBatch: 4,
          process: (items: ReadonlyArray<number>) =>
            Effect.as(
              Effect.andThen(
                Effect.sync(() => batches.push(items)),
                Deferred.await(gate)
              ),
              items.map((n) => (n === 3 ? Exit.fail("three" as const) : Exit.succeed(n * 2)))
            )
        })
        const first = yield* Effect.forkChild(submit(1))
        yield* Effect.yieldNow
        const rest = yield* Effect.forkChild(
          Effect.forEach([2, 3, 4, 5, 6, 7], (n) => Effect.exit(submit(n)), { concurrency: "unbounded" })
        )
        yield* Effect.yieldNow
        yield* Deferred.succeed(gate, undefined)
        expect(yield* Fiber.join(first)).toBe(2)
        const exits = yield* Fiber.join(rest)
        expect(exits.map((exit) => (Exit.isSuccess(exit) ? exit.value : "failed"))).toEqual([
          4,
          "failed",
          8,
          10,
          12,
          14
        ])
        expect(batches.flat()).toEqual([1, 2, 3, 4, 5, 6, 7])
        expect(Math.max(...batches.map(({ length }) => length))).toBe(4)
      })
    )
  )

  it.effect("refuses at once what comes when too many wait, and takes more once there is room", () =>
    scoped(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const done: Array<number> = []
        const submit = yield* GroupCommit.make({
          maxBatch: 1,
          maxWaiting: 2,
          busy: () => "busy" as const,
          process: (items: ReadonlyArray<number>) =>
            Effect.as(
              Effect.andThen(
                Deferred.await(gate),
                Effect.sync(() => done.push(...items))
              ),
              items.map((n) => Exit.succeed(n))
            )
        })
        const underWay = yield* Effect.forkChild(submit(1))
        yield* Effect.yieldNow
        const waiting = yield* Effect.forkChild(
          Effect.forEach([2, 3], (n) => submit(n), { concurrency: "unbounded" })
        )
        yield* Effect.yieldNow
        expect(yield* Effect.flip(submit(4))).toBe("busy")
        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(underWay)
        yield* Fiber.join(waiting)
        expect(yield* submit(5)).toBe(5)
        expect(done).toEqual([1, 2, 3, 5])
      })
    )
  )

  it.effect("finishes what it has taken when it is closed, and leaves nobody waiting", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const gate = yield* Deferred.make<void>()
      const done: Array<number> = []
      const submit = yield* GroupCommit.make({
        ...limits,
        maxBatch: 1,
        process: (items: ReadonlyArray<number>) =>
          Effect.as(
            Effect.andThen(
              Deferred.await(gate),
              Effect.sync(() => done.push(...items))
            ),
            items.map((n) => Exit.succeed(n))
          )
      }).pipe(Scope.provide(scope))
      const taken = yield* Effect.forkChild(submit(1))
      const waiting = yield* Effect.forkChild(submit(2))
      yield* Effect.yieldNow
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* Effect.yieldNow
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.await(closing)
      expect(yield* Fiber.join(taken)).toBe(1)
      expect(Exit.isFailure(yield* Fiber.await(waiting))).toBe(true)
      expect(Exit.isFailure(yield* Effect.exit(submit(3)))).toBe(true)
      expect(done).toEqual([1])
    }).pipe(Effect.provide(Layer.empty))
  )
})
