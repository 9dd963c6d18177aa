/** One order's way through the guarded broker, and what follows from it. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { quoteId } from "../../src/domain/Identifiers.ts"
import {
  acts,
  agent,
  buy,
  checkBooks,
  count,
  goTo,
  holdings,
  journalLines,
  limitAt,
  openAccount,
  orderNamed,
  person,
  requestFor,
  sell,
  standing,
  stopAt,
  tagsAfter,
  testDesk,
  turnTo,
  type Ask,
  worth
} from "./TestDesk.ts"
import { ACME, BOLT, closeOf, evening, minute } from "./TestMarket.ts"

/** A desk with its account, five minutes into the first session; the books are checked afterwards. */
const onDesk = <A, E, R>(body: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(testDesk()))

const headOf = Effect.gen(function* () {
  const { audit, journal } = yield* acts
  return { journal: yield* journal.head, audit: yield* audit.head }
})

describe("an order", () => {
  it.effect("is filled at the quote, and position and cash are exact", () =>
    onDesk(
      Effect.gen(function* () {
        const { order, repeated } = yield* buy(ACME, 50, { id: "one" })
        expect({ status: order.status, repeated }).toEqual({ status: "Filled", repeated: false })
        expect(yield* standing("one")).toBe("Filled 50 @ 100.01")
        expect(yield* holdings).toBe("94999.5 ACME 50")
        expect(yield* tagsAfter(3)).toEqual([
          "SessionOpened",
          "OrderInitialized",
          "OrderSubmitted",
          "OrderAccepted",
          "OrderFilled"
        ])
      })
    )
  )

  it.effect("sent at the open between sessions fills at the next opening price", () =>
    onDesk(
      Effect.gen(function* () {
        yield* turnTo(evening(2))
        const { order } = yield* buy(ACME, 50, { id: "open", timeInForce: "AT_THE_OPEN" })
        expect(order.status).toBe("Accepted")
        yield* turnTo(minute(3, 0))
        expect(yield* standing("open")).toBe("Filled 50 @ 80")
      })
    )
  )

  it.effect("by notional gets its quantity at the fill", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buy(ACME, 0, { id: "worth", size: worth(5000) })
        expect(yield* standing("worth")).toBe("Filled 49 @ 100.01")
      })
    )
  )

  it.effect("with a limit rests, and fills at a gap better than its limit", () =>
    onDesk(
      Effect.gen(function* () {
        const { order } = yield* buy(ACME, 50, { id: "low", type: limitAt(90), timeInForce: "GTC" })
        expect(order.status).toBe("Accepted")
        yield* turnTo(evening(2))
        expect(yield* standing("low")).toBe("Accepted")
        yield* turnTo(minute(3, 1))
        expect(yield* standing("low")).toBe("Filled 50 @ 80")
      })
    )
  )

  it.effect("for the day expires at the close", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buy(ACME, 50, { id: "day", type: limitAt(90) })
        yield* turnTo(closeOf(0))
        expect(yield* standing("day")).toBe("Expired")
      })
    )
  )
})

describe("a bracket", () => {
  const bracketed = { id: "entry", bracket: { takeProfit: 120, stopLoss: 95 } }

  it.effect("names its exits after the entry; the stop is taken at the gap, and cancels the other", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buy(ACME, 50, bracketed)
        expect(yield* standing("entry.tp")).toBe("Accepted")
        yield* turnTo(minute(3, 1))
        expect(yield* standing("entry.sl")).toBe("Filled 50 @ 80")
        expect(yield* standing("entry.tp")).toBe("Canceled")
        expect(yield* holdings).toBe("98999.5")
      })
    )
  )

  it.effect("that has not been entered works as one order, and ends as one", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, view } = yield* acts
        yield* buy(ACME, 50, {
          ...bracketed,
          type: limitAt(90),
          timeInForce: "GTC",
          bracket: { takeProfit: 120, stopLoss: 70 }
        })
        expect((yield* view.status).working).toHaveLength(3)
        yield* broker.cancel(orderNamed("entry"), { actor: agent })
        expect((yield* view.status).working).toEqual([])
        expect(yield* standing("entry.sl")).toBe("Canceled")
      })
    )
  )

  it.effect("lets no sale go beyond what is held: its exits are on sale already", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buy(ACME, 50, bracketed)
        const denied = yield* Effect.flip(sell(ACME, 1, { id: "more" }))
        expect(denied).toMatchObject({ _tag: "OrderDenied", rule: "position-limit" })
      })
    )
  )

  it.effect("counts its exits once: either fills, not both", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* buy(ACME, 50, bracketed)
        const quote = yield* broker.quote(ACME.id)
        const moved = yield* broker.replace(
          orderNamed("entry.sl"),
          { type: stopAt(97), quoteId: quote.quoteId },
          { actor: agent }
        )
        expect(moved.content.type).toEqual(stopAt(97))
        expect(moved.status).toBe("Accepted")
      })
    )
  )

  it.effect("does not take a name that another order has", () =>
    onDesk(
      Effect.gen(function* () {
        const { journal } = yield* acts
        yield* buy(BOLT, 10, { id: "entry.tp", type: limitAt(40) })
        const before = yield* journal.head
        const conflict = yield* Effect.flip(buy(ACME, 50, bracketed))
        expect(conflict).toMatchObject({ _tag: "ClientOrderIdConflict", clientOrderId: "entry.tp" })
        expect(yield* journal.head).toBe(before)
      })
    )
  )

  it.effect("with the longest of names has exits whose names can be read back", () =>
    onDesk(
      Effect.gen(function* () {
        const { view } = yield* acts
        const longest = "e".repeat(64)
        yield* buy(ACME, 50, { ...bracketed, id: longest })
        const names = (yield* view.status).working.map(({ clientOrderId }) => clientOrderId)
        expect(names).toHaveLength(2)
        for (const name of names) expect(name.length).toBeLessThanOrEqual(64)
        expect((yield* journalLines).length).toBeGreaterThan(8)
      })
    )
  )
})

describe("orders of one group", () => {
  it.effect("cancel each other when one fills", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buy(ACME, 50)
        yield* turnTo(minute(0, 10))
        yield* sell(ACME, 50, { id: "up", type: limitAt(120), timeInForce: "GTC", ocoGroup: "exit" })
        yield* sell(ACME, 50, { id: "down", type: stopAt(90), timeInForce: "GTC", ocoGroup: "exit" })
        yield* turnTo(minute(3, 1))
        expect([yield* standing("up"), yield* standing("down")]).toEqual(["Canceled", "Filled 50 @ 80"])
      })
    )
  )
})

describe("a working order", () => {
  const resting: Ask = { id: "rest", type: limitAt(90), timeInForce: "GTC" }

  it.effect("is replaced under its own name", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* buy(ACME, 50, resting)
        const quote = yield* broker.quote(ACME.id)
        const change = { type: limitAt(95), size: count(40), quoteId: quote.quoteId }
        const order = yield* broker.replace(orderNamed("rest"), change, { actor: agent })
        expect(order.content).toMatchObject({ type: limitAt(95), size: count(40) })
      })
    )
  )

  it.effect("is replaced with its exits, which count once", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* goTo(minute(0, 5))
      const { broker } = yield* acts
      yield* buy(ACME, 50, { ...resting, bracket: { takeProfit: 120, stopLoss: 60 } })
      const quote = yield* broker.quote(ACME.id)
      const change = { type: limitAt(95), quoteId: quote.quoteId }
      const order = yield* broker.replace(orderNamed("rest"), change, { actor: agent })
      expect(order.content).toMatchObject({ type: limitAt(95) })
      expect(yield* Effect.flip(buy(BOLT, 1))).toMatchObject({ rule: "open-orders" })
      expect(yield* checkBooks).toEqual([])
    }).pipe(Effect.provide(testDesk({ limits: { openOrders: 3 } })))
  )

  it.effect("is not replaced beyond a limit: it stays as it was, and counts as it was", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, journal } = yield* acts
        yield* buy(ACME, 50, resting)
        const quote = yield* broker.quote(ACME.id)
        const before = yield* journal.head
        const change = { size: count(500), quoteId: quote.quoteId }
        const denied = yield* Effect.flip(broker.replace(orderNamed("rest"), change, { actor: agent }))
        expect(denied).toMatchObject({ _tag: "OrderDenied", rule: "order-size" })
        expect(yield* journal.head).toBe(before)
      })
    )
  )

  it.effect("is canceled, and can then not be canceled or replaced again", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* buy(ACME, 50, resting)
        const order = yield* broker.cancel(orderNamed("rest"), { actor: agent })
        expect(order.status).toBe("Canceled")
        const again = yield* Effect.flip(broker.cancel(orderNamed("rest"), { actor: agent }))
        expect(again).toMatchObject({ _tag: "OrderNotWorking", status: "Canceled" })
        const nobody = yield* Effect.flip(broker.cancel(orderNamed("nobody"), { actor: agent }))
        expect(nobody._tag).toBe("OrderNotFound")
      })
    )
  )

  it.effect("is canceled with all others of its instrument", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, view } = yield* acts
        yield* buy(ACME, 50, resting)
        yield* buy(BOLT, 50, { id: "bolt", type: limitAt(40) })
        const acme = yield* broker.cancelAll({ actor: agent, instrumentId: ACME.id })
        expect(acme.map(({ clientOrderId }) => clientOrderId)).toEqual(["rest"])
        yield* broker.cancelAll({ actor: agent })
        expect((yield* view.status).working).toEqual([])
        expect(yield* broker.cancelAll({ actor: agent })).toEqual([])
      })
    )
  )
})

describe("closing a position", () => {
  it.effect("sells all of it in session, and at the open between sessions", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* buy(ACME, 50)
        yield* turnTo(minute(0, 10))
        yield* broker.closePosition(ACME.id, { actor: agent })
        expect(yield* holdings).toBe("99999")
        yield* buy(BOLT, 50)
        yield* turnTo(evening(0))
        const { order } = yield* broker.closePosition(BOLT.id, { actor: agent })
        expect(order.status).toBe("Accepted")
        yield* turnTo(minute(1, 0))
        expect(yield* holdings).toBe("99998.5")
        const nothing = yield* Effect.flip(broker.closePosition(BOLT.id, { actor: agent }))
        expect(nothing._tag).toBe("NoPosition")
      })
    )
  )
})

describe("the same order asked for again", () => {
  it.effect("is one order, and gives the first result", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, journal } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        const first = yield* broker.submit(request, { actor: agent })
        const head = yield* journal.head
        const second = yield* broker.submit(request, { actor: agent })
        expect(second).toEqual({ ...first, repeated: true })
        expect(first.order.clientOrderId).toMatch(/^o-[0-9a-f]{24}$/u)
        expect(yield* journal.head).toBe(head)
        expect(yield* holdings).toBe("94999.5 ACME 50")
      })
    )
  )

  it.effect(
    "is denied again, with the same words and verdicts, when its name was the caller's and it was denied",
    () =>
      onDesk(
        Effect.gen(function* () {
          const { broker, journal } = yield* acts
          const request = yield* requestFor("BUY", ACME, 500, { id: "mine" })
          const first = yield* Effect.flip(broker.submit(request, { actor: agent }))
          const head = yield* journal.head
          const second = yield* Effect.flip(broker.submit(request, { actor: agent }))
          expect(second).toEqual(first)
          expect(yield* journal.head).toBe(head)
        })
      )
  )

  it.effect("is rejected again when the venue rejected it", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buy(ACME, 10, { id: "a", ocoGroup: "g" })
        yield* turnTo(minute(0, 6))
        const request = yield* requestFor("BUY", ACME, 20, { id: "b", ocoGroup: "g" })
        const { broker } = yield* acts
        const first = yield* Effect.flip(broker.submit(request, { actor: agent }))
        expect(first._tag).toBe("OrderRejected")
        expect(yield* Effect.flip(broker.submit(request, { actor: agent }))).toEqual(first)
      })
    )
  )

  it.effect("with other content under its name is a conflict", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buy(ACME, 50, { id: "mine" })
        expect(yield* Effect.flip(buy(ACME, 51, { id: "mine" }))).toMatchObject({
          _tag: "ClientOrderIdConflict",
          clientOrderId: "mine"
        })
      })
    )
  )

  it.effect("and meant so is another order", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        const first = yield* broker.submit(request, { actor: agent })
        const second = yield* broker.submit({ ...request, repeat: true }, { actor: agent })
        expect(second.order.clientOrderId).toBe(`${first.order.clientOrderId}-1`)
        expect(yield* holdings).toBe("89999 ACME 100")
      })
    )
  )

  it.effect("and meant so many times is named in turn, with few look-ups for each", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const request = { ...(yield* requestFor("BUY", ACME, 1)), repeat: true }
        const names = yield* Effect.forEach(Array.from({ length: 18 }), () =>
          Effect.map(broker.submit(request, { actor: agent }), ({ order }) => order.clientOrderId)
        )
        const [first] = names
        expect(names.slice(1)).toEqual(Array.from({ length: 17 }, (_, n) => `${first}-${n + 1}`))
        expect(yield* holdings).toBe("98199.82 ACME 18")
      })
    )
  )

  it.effect("may have any name, even one that every object has", () =>
    onDesk(
      Effect.gen(function* () {
        for (const id of ["constructor", "toString", "valueOf"]) {
          yield* buy(ACME, 1 + id.length, { id })
          expect(yield* standing(id)).toContain("Filled")
        }
      })
    )
  )
})

describe("the list of orders", () => {
  it.effect("has the newest first, and those that may still change when asked for them", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* buy(ACME, 1, { id: "filled" })
        yield* buy(ACME, 1, { id: "first", type: limitAt(90), timeInForce: "GTC" })
        yield* goTo(minute(0, 6))
        yield* buy(BOLT, 1, { id: "second", type: limitAt(45), timeInForce: "GTC" })
        yield* buy(ACME, 1, { id: "third", type: limitAt(91), timeInForce: "GTC" })
        const names = (options: {
          readonly working?: boolean
          readonly limit?: number
          readonly of?: string
        }) =>
          Effect.map(
            broker.orders({
              limit: options.limit ?? 10,
              working: options.working ?? false,
              ...(options.of === undefined ? {} : { instrumentId: ACME.id })
            }),
            (orders) => orders.map(({ clientOrderId }) => clientOrderId)
          )
        expect(yield* names({})).toEqual(["third", "second", "first", "filled"])
        expect(yield* names({ working: true })).toEqual(["third", "second", "first"])
        expect(yield* names({ working: true, limit: 2 })).toEqual(["third", "second"])
        expect(yield* names({ working: true, of: "ACME" })).toEqual(["third", "first"])
      })
    )
  )
})

describe("a preview", () => {
  it.effect("tells every rule's verdict and journals nothing", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, crank, line } = yield* acts
        yield* crank.turn
        const request = yield* requestFor("BUY", ACME, 500)
        const before = yield* headOf
        const preview = yield* broker.preview(request, { actor: agent })
        expect(preview.verdicts).toHaveLength(17)
        expect(preview.denied?.rule).toBe("order-size")
        const good = yield* requestFor("BUY", ACME, 50)
        expect((yield* broker.preview(good, { actor: agent })).denied).toBe(undefined)
        expect(yield* headOf).toEqual(before)
        expect(line.sent).toEqual([])
        const { order } = yield* broker.submit(good, { actor: agent })
        expect(order.clientOrderId).toBe((yield* broker.preview(good, { actor: agent })).clientOrderId)
      })
    )
  )
})

describe("a denied order", () => {
  it.effect("is journaled with all verdicts, never reaches the venue, and says what to do", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, journal, line } = yield* acts
        const head = yield* journal.head
        const denied = yield* Effect.result(buy(ACME, 500, { id: "big" }))
        expect(Result.isFailure(denied) && denied.failure).toMatchObject({
          _tag: "OrderDenied",
          rule: "order-size",
          limit: 0.1
        })
        expect((yield* tagsAfter(head)).slice(-2)).toEqual(["OrderInitialized", "OrderDenied"])
        const [first] = yield* broker.history(orderNamed("big"))
        expect(first?.event._tag === "OrderInitialized" && first.event.verdicts).toHaveLength(17)
        expect(line.sent).toEqual([])
        expect(yield* standing("big")).toBe("Denied")
      })
    )
  )

  it.effect("is looked at anew when it is asked for again, and is one order once it was not denied", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, killSwitch, line } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        const ask = broker.submit(request, { actor: agent })
        yield* killSwitch.halt("a look", agent)
        const first = yield* Effect.flip(ask)
        const second = yield* Effect.flip(ask)
        expect([first, second]).toMatchObject([{ rule: "trading-state" }, { rule: "trading-state" }])
        yield* killSwitch.resume("seen", person)
        const passed = yield* ask
        expect(passed).toMatchObject({ repeated: false, order: { status: "Filled" } })
        const again = yield* ask
        expect(again).toMatchObject({ repeated: true, order: { clientOrderId: passed.order.clientOrderId } })
        const deliberate = yield* broker.submit({ ...request, repeat: true }, { actor: agent })
        expect(deliberate.order.clientOrderId).not.toBe(passed.order.clientOrderId)
        expect((yield* ask).order.clientOrderId).toBe(passed.order.clientOrderId)
        expect(line.sent).toHaveLength(2)
      })
    )
  )

  it.effect("keeps its last denial when it was asked for very often on one quote", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, journal, killSwitch, line } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        yield* killSwitch.halt("a look", agent)
        const ask = Effect.flip(broker.submit(request, { actor: agent }))
        for (let n = 0; n < 70; n++) yield* ask
        const head = yield* journal.head
        yield* killSwitch.resume("seen", person)
        const resumed = yield* journal.head
        expect(yield* ask).toMatchObject({ _tag: "OrderDenied", rule: "trading-state" })
        expect(yield* journal.head).toBe(resumed)
        expect(head).toBeLessThan(resumed)
        expect(line.sent).toEqual([])
      })
    )
  )

  it.effect("that cites a made-up quote is told so by quote-freshness", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        const madeUp = { ...request, quoteId: quoteId("q-00112233445566aa") }
        const denied = yield* Effect.flip(broker.submit(madeUp, { actor: agent }))
        expect(denied).toMatchObject({ _tag: "OrderDenied", rule: "quote-freshness" })
      })
    )
  )

  it.effect("that cites an old quote is told so by quote-freshness", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        yield* goTo(minute(0, 6))
        const denied = yield* Effect.flip(broker.submit(request, { actor: agent }))
        expect(denied).toMatchObject({ rule: "quote-freshness", value: 60, limit: 15 })
      })
    )
  )
})
