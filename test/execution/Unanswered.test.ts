/** Lost requests, lost answers, a full disk, a process that stops on the way: what happens to the orders. */
import { DatabaseSync } from "node:sqlite"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, FileSystem, Layer } from "effect"
import { TestClock } from "effect/testing"
import { MICROS_PER_SECOND, timestamp } from "../../src/domain/Timestamp.ts"
import { Venue } from "../../src/execution/Venue.ts"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import {
  acts,
  agent,
  AuditFolder,
  buy,
  checkBooks,
  count,
  deskLayer,
  type DeskServices,
  goTo,
  holdings,
  limitAt,
  marketLayer,
  openAccount,
  orderNamed,
  person,
  requestFor,
  standing,
  storageOver,
  tagsAfter,
  testDesk,
  turnTo
} from "./TestDesk.ts"
import { ACME, BOLT, minute } from "./TestMarket.ts"

const onDesk = <A, E>(body: Effect.Effect<A, E, DeskServices>) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(testDesk()))

/** Some seconds on, within the same minute of the market. */
const seconds = (n: number) => timestamp(minute(0, 5) + n * MICROS_PER_SECOND)

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

describe("an order whose answer was lost", () => {
  it.effect("is unknown, and its instrument takes no further orders while the venue does not answer", () =>
    onDesk(
      Effect.gen(function* () {
        const { line } = yield* acts
        line.send = "lose-answer"
        line.answers = true
        line.afterSend = Effect.sync(() => {
          line.answers = false
        })
        expect(yield* tagOf(buy(ACME, 50, { id: "lost" }))).toBe("OrderOutcomeUnknown")
        expect(yield* standing("lost")).toBe("Unknown")
        line.answers = false
        const blocked = yield* Effect.flip(buy(ACME, 10, { id: "next" }))
        expect(blocked).toMatchObject({ _tag: "OrderDenied", rule: "reconciliation" })
        expect(yield* standing("next")).toBe("Denied")
        line.answers = true
        line.send = "works"
        line.afterSend = Effect.void
      })
    )
  )

  it.effect("is adopted by reconciliation when the venue has it, and was executed once", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        line.send = "lose-answer"
        const request = yield* requestFor("BUY", ACME, 50, { id: "lost" })
        yield* Effect.exit(broker.submit(request, { actor: agent }))
        line.send = "works"
        yield* broker.reconcile
        expect(yield* standing("lost")).toBe("Filled 50 @ 100.01")
        const again = yield* broker.submit(request, { actor: agent })
        expect(again).toMatchObject({ repeated: true, order: { status: "Filled" } })
        expect(line.sent).toHaveLength(1)
        expect(yield* holdings).toBe("94999.5 ACME 50")
      })
    )
  )

  it.effect("is sent again while the market has not moved", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        line.send = "lose-request"
        expect(yield* tagOf(buy(ACME, 50, { id: "lost" }))).toBe("OrderOutcomeUnknown")
        line.send = "works"
        yield* broker.reconcile
        expect(yield* standing("lost")).toBe("Filled 50 @ 100.01")
      })
    )
  )

  it.effect("is closed once its moment has passed and the venue never saw it, exits and all", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        line.send = "lose-request"
        yield* Effect.exit(buy(ACME, 50, { id: "lost", bracket: { stopLoss: 90, takeProfit: 110 } }))
        line.send = "works"
        yield* goTo(seconds(5))
        yield* broker.reconcile
        expect(yield* standing("lost")).toBe("Unknown")
        yield* goTo(seconds(11))
        yield* broker.reconcile
        expect([yield* standing("lost"), yield* standing("lost.sl"), yield* standing("lost.tp")]).toEqual([
          "Rejected",
          "Rejected",
          "Rejected"
        ])
        yield* buy(ACME, 10, { id: "next" })
        expect(yield* standing("next")).toBe("Filled 10 @ 100.01")
      })
    )
  )

  it.effect(
    "takes its bracket's exits along when it is canceled and never arrived, though the market stands still",
    () =>
      onDesk(
        Effect.gen(function* () {
          const { broker, line } = yield* acts
          line.send = "lose-request"
          yield* Effect.exit(buy(ACME, 50, { id: "lost", bracket: { stopLoss: 90 } }))
          line.send = "works"
          yield* broker.cancel(orderNamed("lost"), { actor: person })
          yield* TestClock.adjust("11 seconds")
          yield* broker.reconcile
          expect([yield* standing("lost"), yield* standing("lost.sl")]).toEqual(["Rejected", "Rejected"])
        })
      )
  )

  it.effect("is looked up by itself before the next order", () =>
    onDesk(
      Effect.gen(function* () {
        const { line } = yield* acts
        line.send = "lose-answer"
        yield* Effect.exit(buy(ACME, 50, { id: "lost" }))
        line.send = "works"
        yield* buy(BOLT, 10, { id: "next" })
        expect(yield* standing("lost")).toBe("Filled 50 @ 100.01")
      })
    )
  )

  it.effect("stays unknown when it is canceled and the venue never had it", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        line.send = "lose-request"
        yield* Effect.exit(buy(ACME, 50, { id: "lost", type: limitAt(90) }))
        yield* goTo(seconds(1))
        const order = yield* broker.cancel(orderNamed("lost"), { actor: agent })
        expect(order.status).toBe("Unknown")
        yield* goTo(seconds(12))
        yield* broker.reconcile
        expect(yield* standing("lost")).toBe("Rejected")
      })
    )
  )
})

describe("an order that was taken down, and then the database was busy", () => {
  it.effect("is told as one of unknown outcome, and is found by its id", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const storage = storageOver(
        DeskDatabase.layer({ filename: `${folder}/desk.db`, busyTimeoutMillis: 1 }),
        folder
      )
      yield* Effect.gen(function* () {
        yield* openAccount()
        yield* goTo(minute(0, 5))
        const { broker, line } = yield* acts
        const other = new DatabaseSync(`${folder}/desk.db`)
        line.afterSend = Effect.sync(() => other.exec("BEGIN IMMEDIATE"))
        expect(yield* tagOf(buy(ACME, 50, { id: "busy" }))).toBe("OrderOutcomeUnknown")
        other.exec("ROLLBACK")
        other.close()
        line.afterSend = Effect.void
        yield* broker.reconcile
        expect(yield* standing("busy")).toBe("Filled 50 @ 100.01")
        expect(line.sent).toHaveLength(1)
        expect(yield* checkBooks).toEqual([])
      }).pipe(
        Effect.provide(deskLayer().pipe(Layer.provideMerge(storage), Layer.provideMerge(marketLayer())))
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("the audit log", () => {
  it.effect("has the order's entries on disk when it is sent", () =>
    onDesk(
      Effect.gen(function* () {
        const { line } = yield* acts
        const files = yield* FileSystem.FileSystem
        const folder = yield* AuditFolder
        const seen: Array<string> = []
        line.beforeSend = Effect.gen(function* () {
          for (const name of yield* files.readDirectory(folder))
            seen.push(yield* files.readFileString(`${folder}/${name}`))
        }).pipe(Effect.orDie)
        yield* buy(ACME, 50, { id: "told" })
        expect(seen.join("")).toContain('"resource":"order/told"')
        expect(seen.join("")).toContain("order.submitted")
      })
    )
  )

  it.effect("that cannot be written lets no order out, closes it as denied, and says why", () =>
    onDesk(
      Effect.gen(function* () {
        const { line } = yield* acts
        const files = yield* FileSystem.FileSystem
        const folder = yield* AuditFolder
        // A file where the folder belongs: nobody can write there, not even root.
        yield* buy(BOLT, 1)
        yield* files.rename(folder, `${folder}.away`)
        yield* files.writeFileString(folder, "in the way")
        line.sent.length = 0
        const failed = yield* Effect.flip(buy(ACME, 50, { id: "silent" }))
        expect(failed).toMatchObject({ _tag: "AuditWriteFailed" })
        expect(line.sent).toEqual([])
        expect(yield* standing("silent")).toBe("Denied")
        yield* files.remove(folder)
        yield* files.rename(`${folder}.away`, folder)
        yield* buy(ACME, 49, { id: "heard" })
        expect(yield* standing("heard")).toContain("Filled")
      })
    )
  )

  it.effect("that cannot be written does not keep a cancel or a halt back", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, killSwitch, view } = yield* acts
        const files = yield* FileSystem.FileSystem
        const folder = yield* AuditFolder
        yield* buy(ACME, 50, { id: "a", type: limitAt(90) })
        yield* buy(ACME, 40, { id: "b", type: limitAt(90) })
        yield* files.rename(folder, `${folder}.away`)
        yield* files.writeFileString(folder, "in the way")
        expect((yield* broker.cancel(orderNamed("a"), { actor: agent })).status).toBe("Canceled")
        yield* killSwitch.halt("the disk is full", agent)
        expect(yield* view.status).toMatchObject({ tradingState: "Halted", working: [] })
        yield* files.remove(folder)
        yield* files.rename(`${folder}.away`, folder)
      })
    )
  )
})

describe("an order on its way", () => {
  it.effect("is finished when its caller is interrupted", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        const [going, go] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
        line.beforeSend = Effect.andThen(Deferred.succeed(going, undefined), Deferred.await(go))
        const caller = yield* Effect.forkChild(buy(ACME, 50, { id: "kept" }))
        yield* Deferred.await(going)
        yield* Fiber.interrupt(caller)
        yield* Deferred.succeed(go, undefined)
        // The next order waits for it.
        line.beforeSend = Effect.void
        yield* buy(BOLT, 1)
        expect(yield* standing("kept")).toBe("Filled 50 @ 100.01")
        yield* broker.reconcile
      })
    )
  )

  it.effect("is canceled when trading is halted before it arrives", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, line, view } = yield* acts
        line.beforeSend = Effect.orDie(Effect.ignore(killSwitch.halt("stop", person)))
        const { order } = yield* buy(ACME, 50, { id: "late", type: limitAt(90) })
        expect(order.status).toBe("Canceled")
        expect(yield* view.status).toMatchObject({ tradingState: "Halted", working: [] })
      })
    )
  )

  it.effect("makes a halt say that it may still be working", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, line } = yield* acts
        let said: unknown
        line.beforeSend = killSwitch.halt("stop", person).pipe(
          Effect.flip,
          Effect.map((error) => {
            said = error
          }),
          Effect.orDie
        )
        yield* buy(ACME, 50, { id: "late", type: limitAt(90) })
        expect(said).toMatchObject({ _tag: "OrdersStillWorking", working: ["late"] })
        line.beforeSend = Effect.void
        expect(yield* killSwitch.halt("stop", person)).toMatchObject({ changed: false })
      })
    )
  )

  it.effect("is not sent by a process that was stopped for long on the way", () =>
    onDesk(
      Effect.gen(function* () {
        const { line } = yield* acts
        line.beforeFlush = TestClock.adjust("6 seconds")
        expect(yield* tagOf(buy(ACME, 50, { id: "stopped" }))).toBe("OrderDenied")
        expect(line.sent).toEqual([])
        expect(yield* standing("stopped")).toBe("Denied")
      })
    )
  )

  it.effect("is not taken by the venue when it comes there late", () =>
    onDesk(
      Effect.gen(function* () {
        const { line } = yield* acts
        line.beforeSend = TestClock.adjust("6 seconds")
        expect(yield* tagOf(buy(ACME, 50, { id: "late" }))).toBe("OrderDenied")
        expect(yield* standing("late")).toBe("Denied")
        expect(yield* (yield* Venue).knows(orderNamed("late"))).toBe(false)
        expect(yield* holdings).toBe("100000")
      })
    )
  )
})

describe("a change on its way", () => {
  const larger = Effect.gen(function* () {
    const { broker } = yield* acts
    const { quoteId } = yield* broker.quote(ACME.id)
    return yield* broker.replace(orderNamed("o"), { size: count(60), quoteId }, { actor: agent })
  })

  it.effect("is not sent by a process that was stopped for long on the way", () =>
    onDesk(
      Effect.gen(function* () {
        const { journal, line } = yield* acts
        yield* buy(ACME, 50, { id: "o", type: limitAt(90), timeInForce: "GTC" })
        line.beforeFlush = TestClock.adjust("6 seconds")
        expect(yield* Effect.flip(larger)).toMatchObject({ _tag: "OrderDenied", rule: "not-sent" })
        line.beforeFlush = Effect.void
        expect(yield* journal.order(orderNamed("o"))).toMatchObject({
          value: { order: { content: { size: count(50) } } }
        })
        expect((yield* larger).content.size).toEqual(count(60))
      })
    )
  )

  it.effect("keeps another one back until it is answered", () =>
    onDesk(
      Effect.gen(function* () {
        const { line } = yield* acts
        yield* buy(ACME, 50, { id: "o", type: limitAt(90), timeInForce: "GTC" })
        line.replace = "lose-request"
        expect(yield* tagOf(larger)).toBe("VenueUnanswered")
        line.replace = "works"
        expect(yield* Effect.flip(larger)).toMatchObject({
          _tag: "OrderNotWorking",
          message: expect.stringContaining("not answered yet")
        })
        yield* TestClock.adjust("11 seconds")
        expect((yield* larger).content.size).toEqual(count(60))
      })
    )
  )
})

describe("a broker that starts", () => {
  it.effect("takes no order while the venue does not answer", () =>
    onDesk(
      Effect.gen(function* () {
        const { journal, line } = yield* acts
        line.answers = false
        const head = yield* journal.head
        expect(yield* tagOf(buy(ACME, 50, { id: "early" }))).toBe("VenueUnanswered")
        line.answers = true
        yield* buy(ACME, 50, { id: "early" })
        expect(yield* standing("early")).toContain("Filled")
        expect(yield* journal.head).toBeGreaterThan(head)
      })
    )
  )

  it.effect("cancels what works at the venue and not in the book, and what was being canceled", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        const venue = yield* Venue
        yield* venue.send(
          [
            {
              clientOrderId: orderNamed("stranger"),
              instrumentId: ACME.id,
              side: "BUY",
              type: limitAt(90),
              size: count(5),
              timeInForce: "GTC"
            }
          ],
          Effect.succeed(true)
        )
        yield* buy(ACME, 50, { id: "going", type: limitAt(91), timeInForce: "GTC" })
        line.cancel = "ignored"
        expect((yield* broker.cancel(orderNamed("going"), { actor: agent })).status).toBe("PendingCancel")
        line.cancel = "works"
        yield* broker.reconcile
        expect(yield* venue.working).toEqual([])
        expect(yield* standing("going")).toBe("Canceled")
      })
    )
  )
})

describe("a fill that comes after its order was closed", () => {
  it.effect("is in the books and in the order, which stays closed", () =>
    onDesk(
      Effect.gen(function* () {
        const { journal, line } = yield* acts
        line.send = "lose-request"
        yield* Effect.exit(buy(ACME, 50, { id: "late" }))
        line.send = "works"
        yield* goTo(seconds(20))
        const { broker } = yield* acts
        yield* broker.reconcile
        expect(yield* standing("late")).toBe("Rejected")
        // The request arrives after all.
        const venue = yield* Venue
        const stored = yield* broker.order(orderNamed("late"))
        if (stored._tag === "None") throw new Error("the order is gone")
        const { ocoGroup: _, bracket: __, ...content } = stored.value.content
        yield* venue.send([{ clientOrderId: orderNamed("late"), ...content }], Effect.succeed(true))
        const head = yield* journal.head
        yield* turnTo(minute(0, 6))
        expect(yield* tagsAfter(head)).toEqual(["OrderAccepted", "OrderFilled"])
        expect(yield* standing("late")).toBe("Filled 50 @ 100.01")
        expect(yield* holdings).toBe("94999.5 ACME 50")
      })
    )
  )
})

describe("a cancel that did not reach the venue", () => {
  it.effect("is sent again when it is asked for again, and journaled once", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        yield* buy(ACME, 50, { id: "going", type: limitAt(90) })
        line.cancel = "ignored"
        expect((yield* broker.cancel(orderNamed("going"), { actor: agent })).status).toBe("PendingCancel")
        line.cancel = "works"
        expect((yield* broker.cancel(orderNamed("going"), { actor: agent })).status).toBe("Canceled")
        const tags = (yield* broker.history(orderNamed("going"))).map(({ event }) => event._tag)
        expect(tags.filter((tag) => tag === "OrderPendingCancel")).toHaveLength(1)
      })
    )
  )
})
