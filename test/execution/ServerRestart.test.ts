/** The database server is stopped in the middle of trading, in order or as in a crash, and started again. */
import { NodeServices } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, FileSystem, Layer, Ref, Schedule } from "effect"
import { dollars } from "../../src/domain/Money.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { newSchema, urlOf } from "../support/Postgres.ts"
import { describeWithPostgres } from "../support/WithPostgres.ts"
import { postgresServer } from "../support/PostgresServer.ts"
import {
  acts,
  buy,
  checkBooks,
  deskLayer,
  holdings,
  journalLines,
  marketLayer,
  openAccount,
  postgresStorage,
  standing
} from "./TestDesk.ts"
import { ACME, minute } from "./TestMarket.ts"

const ORDERS = 40
const CALLERS = 4
/** The server is stopped once so many orders have been answered. */
const STOP_AT = [8, 20]

const limits = { openOrders: 1000, ordersPerMinute: 10_000, reservedForReducing: 1 }

describeWithPostgres("a server that is stopped and started while orders are sent", () => {
  it.live.each(["fast", "immediate"] as const)(
    "loses no order and doubles none: stopped %s",
    (mode) =>
      Effect.gen(function* () {
        const server = yield* postgresServer
        const files = yield* FileSystem.FileSystem
        const folder = yield* files.makeTempDirectoryScoped()
        const url = urlOf(newSchema(), server.url)
        const desk = () => deskLayer({ limits }).pipe(Layer.provideMerge(postgresStorage(folder, url)))

        const failures: Array<string> = []
        const placed: Array<string> = []
        const denied: Array<string> = []
        yield* Effect.gen(function* () {
          yield* openAccount(dollars(1_000_000))
          yield* Effect.flatMap(SteppedClock, (clock) => clock.set(minute(0, 5)))
          const answered = yield* Ref.make(0)
          const stops = yield* Effect.forEach(STOP_AT, () => Deferred.make<void>())

          /**
           * Asks until there is an answer, as a caller does who has to know. An order that was told not to have been
           * sent (the server was away for too long between journal and venue) is asked for under a new name.
           */
          const submit = (id: string): Effect.Effect<void, never, Layer.Success<ReturnType<typeof desk>>> =>
            buy(ACME, 1, { id, repeat: true }).pipe(
              Effect.andThen(Effect.sync(() => void placed.push(id))),
              Effect.catch((error) => {
                failures.push(error._tag)
                if (error._tag === "OrderDenied" && ["audit-log", "not-sent"].includes(error.rule)) {
                  denied.push(id)
                  return submit(`${id}-again`)
                }
                // What a caller may not ask again is a failure of this test.
                if (error._tag === "OrderDenied" || error._tag === "OrderRejected") return Effect.die(error)
                return Effect.andThen(Effect.sleep("20 millis"), submit(id))
              })
            )
          const caller = (first: number) =>
            Effect.gen(function* () {
              for (let n = first; n < ORDERS; n += CALLERS) {
                yield* submit(`n${n}`)
                const count = yield* Ref.updateAndGet(answered, (before) => before + 1)
                for (const [i, at] of STOP_AT.entries()) {
                  const stop = stops[i]
                  if (count >= at && stop !== undefined) yield* Deferred.succeed(stop, undefined)
                }
              }
            })
          const restarting = Effect.forEach(stops, (stop) =>
            Deferred.await(stop).pipe(Effect.andThen(server.stop(mode)), Effect.andThen(server.start))
          )
          yield* Effect.all([restarting, ...Array.from({ length: CALLERS }, (_, i) => caller(i))], {
            concurrency: "unbounded"
          })
        }).pipe(Effect.provide(desk()))

        // As the next process finds it.
        yield* Effect.gen(function* () {
          const { broker, view } = yield* acts
          // One whose COMMIT was not answered is left to its maker for ten seconds, and sent by whoever looks after that.
          yield* Effect.andThen(
            broker.reconcile,
            Effect.map(view.status, ({ working }) => working.length)
          ).pipe(
            Effect.repeat({ while: (left) => left > 0, schedule: Schedule.spaced("500 millis"), times: 30 })
          )
          expect(new Set(placed).size).toBe(ORDERS)
          for (const id of placed) expect(yield* standing(id)).toBe("Filled 1 @ 100.01")
          for (const id of denied) expect(yield* standing(id)).toBe("Denied")
          const lines = yield* journalLines
          const times = (tag: string) => lines.filter(({ event }) => event._tag === tag).length
          expect(times("OrderInitialized")).toBe(ORDERS + denied.length)
          expect(times("OrderFilled")).toBe(ORDERS)
          expect(yield* holdings).toBe(`${(1_000_000 - ORDERS * 100.01).toFixed(1)} ACME ${ORDERS}`)
          expect((yield* view.status).working).toEqual([])
          expect(yield* checkBooks).toEqual([])
        }).pipe(Effect.provide(Layer.fresh(desk())))
        // Whoever asked meanwhile got an answer of these kinds, and could ask again.
        const kinds = [
          "StorageFailed",
          "StorageUnknown",
          "StorageBusy",
          "VenueUnanswered",
          "OrderOutcomeUnknown"
        ]
        expect(failures.filter((tag) => !kinds.includes(tag))).toEqual([])
      }).pipe(
        Effect.scoped,
        Effect.provide(marketLayer({ start: minute(0, 0) }).pipe(Layer.provideMerge(NodeServices.layer)))
      ),
    120_000
  )
})
