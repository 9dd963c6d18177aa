/** Options and combos through the guarded broker: the one way of every order, with legs that never part. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { InstrumentId, QuoteId } from "../../src/domain/Identifiers.ts"
import { dollars, formatMicros, signedQuantity } from "../../src/domain/Money.ts"
import type { Order, OrderRequest } from "../../src/domain/Order.ts"
import { comboId, comboQuoteId } from "../../src/domain/OrderLeg.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import * as Ledger from "../../src/portfolio/Ledger.ts"
import {
  combo,
  comboRequest,
  contract,
  ironCondor,
  type Leg,
  netLimit,
  optionDesk,
  putSpread
} from "./OptionDesk.ts"
import {
  acts,
  agent,
  buy,
  checkBooks,
  count,
  type DeskServices,
  goTo,
  journalLines,
  limitAt,
  openAccount,
  orderNamed,
  person,
  requestFor,
  tagsAfter,
  turnTo
} from "./TestDesk.ts"
import { ACME, BOLT, evening, minute } from "./TestMarket.ts"

/** A desk with its account, five minutes into the first session; the books are checked afterwards. */
const onDesk = <A, E>(body: Effect.Effect<A, E, DeskServices>) =>
  Effect.gen(function* () {
    yield* openAccount(dollars(1_000_000))
    yield* goTo(minute(0, 5))
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(optionDesk()))

/** "ACME 240315P00095000 -1", … in order. */
const held = Effect.gen(function* () {
  const { view } = yield* acts
  const ledger = yield* view.ledger
  return Ledger.positions(ledger).map(
    ({ instrumentId, quantity }) => `${instrumentId.split(".")[0]} ${formatMicros(quantity)}`
  )
})

const quotesOf = (legs: ReadonlyArray<Leg>) =>
  Effect.gen(function* () {
    const { broker } = yield* acts
    return yield* Effect.forEach(legs, ([, id]) => broker.quote(id))
  })

/** What a unit costs now, micros a share: bought legs at the ask, sold ones at the bid. */
const naturalOf = (legs: ReadonlyArray<Leg>) =>
  Effect.map(quotesOf(legs), (quotes) =>
    quotes.reduce((sum, { ask, bid }, at) => {
      const [side, , ratio = 1] = legs[at] ?? ["BUY"]
      return sum + (side === "BUY" ? ask : -bid) * ratio
    }, 0)
  )

const told = ({ filledQuantity, status }: Order): string => `${status} ${formatMicros(filledQuantity)}`

const failing = Effect.flip

const by = { actor: agent }

describe("an order for one contract", () => {
  it.effect("is filled at its quote, times a hundred, and journaled with the contract's terms", () =>
    onDesk(
      Effect.gen(function* () {
        const call = contract("CALL", 105)
        const { broker } = yield* acts
        const quote = yield* broker.quote(call)
        const request: OrderRequest = {
          instrumentId: call,
          side: "BUY",
          type: { _tag: "Market" },
          size: count(2),
          timeInForce: "DAY",
          quoteId: quote.quoteId
        }
        const { order } = yield* broker.submit(request, by)
        expect(told(order)).toBe("Filled 2")
        expect(order.filledNotional).toBe(quote.ask * 200)
        const lines = yield* journalLines
        const asked = lines.find(({ event }) => event._tag === "OrderInitialized")?.event
        expect(asked).toMatchObject({
          multiplier: 100,
          terms: [
            {
              instrumentId: call,
              side: "BUY",
              ratio: 1,
              multiplier: 100,
              contract: { underlying: ACME.id, right: "CALL", style: "AMERICAN", settlement: "PHYSICAL" }
            }
          ]
        })
        expect(yield* held).toEqual(["ACME 240315C00105000 2"])
        const closed = yield* broker.closePosition(call, by)
        expect(told(closed.order)).toBe("Filled 2")
        expect(yield* held).toEqual([])
      })
    )
  )

  it.effect("is denied where it sells what nothing covers, and where the contract is unknown", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const sale = (id: InstrumentId) =>
          Effect.gen(function* () {
            const { quoteId } = yield* broker.quote(id)
            const request: OrderRequest = {
              instrumentId: id,
              side: "SELL",
              type: { _tag: "Market" },
              size: count(1),
              timeInForce: "DAY",
              quoteId
            }
            return yield* broker.submit(request, by)
          })
        expect(yield* failing(sale(contract("CALL", 105)))).toMatchObject({ _tag: "OrderDenied" })
        const stranger = yield* requestFor("BUY", ACME, 1)
        const unknown = { ...stranger, instrumentId: comboId([]) }
        expect(yield* failing(broker.submit(unknown, by))).toMatchObject({ _tag: "OrderDenied" })
        expect(yield* held).toEqual([])
      })
    )
  )
})

describe("a combo", () => {
  it.effect(
    "is filled as one order at the legs' quotes, and journaled with terms, quotes and net value",
    () =>
      onDesk(
        Effect.gen(function* () {
          const natural = yield* naturalOf(putSpread)
          const { order } = yield* combo(putSpread, 2)
          expect(told(order)).toBe("Filled 2")
          expect(order.filledNotional).toBe(natural * 200)
          expect(natural).toBeLessThan(0)
          expect(yield* held).toEqual(["ACME 240315P00090000 2", "ACME 240315P00095000 -2"])
          const lines = yield* journalLines
          const asked = lines.find(({ event }) => event._tag === "OrderInitialized")?.event
          expect(asked).toMatchObject({
            content: { instrumentId: order.content.instrumentId, side: "BUY" },
            multiplier: 100,
            terms: [
              { instrumentId: contract("PUT", 90), side: "BUY", ratio: 1, multiplier: 100 },
              { instrumentId: contract("PUT", 95), side: "SELL", ratio: 1, multiplier: 100 }
            ],
            legQuotes: [{ instrumentId: contract("PUT", 90) }, { instrumentId: contract("PUT", 95) }]
          })
          expect(asked !== undefined && "netValue" in asked).toBe(true)
          expect(yield* tagsAfter(4)).toEqual([
            "OrderInitialized",
            "OrderSubmitted",
            "OrderAccepted",
            "OrderFilled",
            "OrderFilled"
          ])
        })
      )
  )

  it.effect("of shares and a call sold against them is a covered call, which is not uncovered", () =>
    onDesk(
      Effect.gen(function* () {
        const { order } = yield* combo(
          [
            ["BUY", ACME.id, 100],
            ["SELL", contract("CALL", 105)]
          ],
          1
        )
        expect(told(order)).toBe("Filled 1")
        expect(yield* held).toEqual(["ACME 240315C00105000 -1", "ACME 100"])
      })
    )
  )

  it.effect("is the same order however its legs are given, unless it is meant again", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const first = yield* combo(ironCondor, 1)
        const turned = yield* comboRequest(ironCondor.toReversed(), 1)
        const again = yield* broker.submit(turned, by)
        expect(again).toMatchObject({
          repeated: true,
          order: { clientOrderId: first.order.clientOrderId, filledQuantity: 1_000_000 }
        })
        const preview = yield* broker.preview(turned, by)
        expect(preview.clientOrderId).toBe(first.order.clientOrderId)
        const meant = yield* broker.submit({ ...turned, repeat: true }, by)
        expect(meant.repeated).toBe(false)
        expect(meant.order.clientOrderId).toBe(`${first.order.clientOrderId}-1`)
        expect(yield* held).toEqual([
          "ACME 240315C00103000 -2",
          "ACME 240315C00106000 2",
          "ACME 240315P00090000 2",
          "ACME 240315P00095000 -2"
        ])
      })
    )
  )

  it.effect("shares a batch with orders for one instrument, each judged on what those before it left", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const requests: ReadonlyArray<OrderRequest> = [
          yield* requestFor("BUY", BOLT, 10),
          yield* comboRequest(putSpread, 1),
          yield* requestFor("BUY", ACME, 10),
          yield* comboRequest(ironCondor, 1)
        ]
        const answers = yield* Effect.all(
          requests.map((request) => Effect.result(broker.submit(request, by))),
          { concurrency: "unbounded" }
        )
        expect(
          answers.map((answer) => (Result.isSuccess(answer) ? told(answer.success.order) : answer))
        ).toEqual(["Filled 10", "Filled 1", "Filled 10", "Filled 1"])
      })
    )
  )

  it.effect("is previewed with its legs' market and what it costs", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const request = yield* comboRequest(ironCondor, 1)
        const { denied, legs, netQuote, quote, terms } = yield* broker.preview(request, by)
        expect(denied).toBeUndefined()
        expect(quote).toBeUndefined()
        expect(legs.map((leg) => leg?.instrumentId)).toEqual(terms?.map((leg) => leg.instrumentId))
        expect(netQuote?.ask).toBe(yield* naturalOf(ironCondor))
        expect(netQuote?.bid).toBeLessThan(netQuote?.ask ?? 0)
        expect(yield* held).toEqual([])
      })
    )
  )
})

describe("a combo that is none", () => {
  it.effect("is refused before anything is journaled, and says what is wrong", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, journal } = yield* acts
        const request = yield* comboRequest(putSpread, 1)
        const [first, second] = request.legs ?? []
        const [one] = request.legQuoteIds ?? []
        if (first === undefined || second === undefined || one === undefined) return expect.fail("no legs")
        const limited = (type: OrderRequest["type"]): OrderRequest => ({ ...request, type })
        const before = yield* journal.head
        const wrong: ReadonlyArray<readonly [OrderRequest, RegExp]> = [
          [{ ...request, instrumentId: ACME.id }, /is not the name of its legs/u],
          [{ ...request, legs: [first] }, /2 to 8 legs/u],
          [{ ...request, legs: Array.from({ length: 9 }, () => first) }, /2 to 8 legs/u],
          [{ ...request, legs: [first, first] }, /two of its legs/u],
          [{ ...request, legs: [first, { ...second, ratio: 1.5 }] }, /whole number from 1/u],
          [{ ...request, legs: [first, { ...second, ratio: 2 }] }, /is not the name of its legs/u],
          [{ ...request, side: "SELL" }, /is bought/u],
          [limited(limitAt(1)), /net price/u],
          [{ ...request, size: count(0.5) }, /whole number of units/u],
          [{ ...request, size: { _tag: "Notional", notional: Ledger.empty(yield* account).cash } }, /units/u],
          [{ ...request, timeInForce: "AT_THE_CLOSE" }, /cannot be AT_THE_CLOSE/u],
          [{ ...request, ocoGroup: "g" }, /no bracket and no OCO group/u],
          [{ ...request, legQuoteIds: [one] }, /cites as many quotes/u],
          [{ ...request, quoteId: one }, /is not the name of the legs' quotes/u],
          [{ ...(yield* requestFor("BUY", ACME, 1)), type: netLimit(1) }, /order with legs/u]
        ]
        for (const [asked, why] of wrong) {
          const errors = [yield* failing(broker.submit(asked, by)), yield* failing(broker.preview(asked, by))]
          for (const error of errors) {
            expect(error._tag).toBe("OrderInvalid")
            expect(error.message).toMatch(why)
          }
        }
        expect(yield* journal.head).toBe(before)
        expect(yield* held).toEqual([])
      })
    )
  )

  it.effect("is denied where a leg is unknown, cites no quote of its own, or leaves risk uncovered", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const request = yield* comboRequest(putSpread, 1)
        const made = (ids: ReadonlyArray<QuoteId>): OrderRequest => ({
          ...request,
          legQuoteIds: ids,
          quoteId: comboQuoteId(ids)
        })
        const [one] = request.legQuoteIds ?? []
        if (one === undefined) return expect.fail("no quotes")
        expect(yield* failing(broker.submit(made([one, one]), by))).toMatchObject({
          _tag: "OrderDenied",
          rule: "quote-freshness"
        })
        const ratio = yield* comboRequest(
          [
            ["SELL", contract("CALL", 105), 2],
            ["BUY", contract("CALL", 110)]
          ],
          1
        )
        expect(yield* failing(broker.submit(ratio, by))).toMatchObject({ _tag: "OrderDenied" })
        const legs = (request.legs ?? []).map((leg, at) =>
          at === 0 ? { ...leg, instrumentId: BOLT.id } : leg
        )
        const strange = { ...request, legs, instrumentId: comboId(legs) }
        expect(yield* failing(broker.submit(strange, by))).toMatchObject({ _tag: "OrderDenied" })
        yield* goTo(minute(0, 30))
        expect(yield* failing(broker.submit(request, by))).toMatchObject({
          _tag: "OrderDenied",
          rule: "quote-freshness"
        })
        expect(yield* held).toEqual([])
      })
    )
  )
})

const account = Effect.flatMap(acts, ({ view }) => Effect.map(view.status, ({ accountId }) => accountId))

/** One that rests: a credit nobody pays. */
const resting = (id: string, legs = putSpread) =>
  combo(legs, 1, { id, type: netLimit(-4), timeInForce: "GTC" })

const working = (instrumentId?: InstrumentId) =>
  Effect.gen(function* () {
    const { broker } = yield* acts
    const orders = yield* broker.orders({
      working: true,
      limit: 10,
      ...(instrumentId === undefined ? {} : { instrumentId })
    })
    return orders.map(({ clientOrderId }) => clientOrderId).toSorted()
  })

describe("a working combo", () => {
  it.effect("is replaced as a whole: units and net price, on quotes of all its legs", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* resting("rests")
        const natural = yield* naturalOf(putSpread)
        const cite = Effect.map(quotesOf(putSpread), (quotes) => {
          const legQuoteIds = quotes.map(({ quoteId }) => quoteId)
          return { quoteId: comboQuoteId(legQuoteIds), legQuoteIds }
        })
        const change = { size: count(3), ...(yield* cite) }
        const larger = yield* broker.replace(orderNamed("rests"), change, by)
        expect([told(larger), larger.content.size]).toEqual(["Accepted 0", count(3)])
        const wrong = { type: limitAt(1), ...(yield* cite) }
        expect(yield* failing(broker.replace(orderNamed("rests"), wrong, by))).toMatchObject({
          _tag: "OrderInvalid"
        })
        const [{ quoteId } = { quoteId: change.quoteId }] = yield* quotesOf(putSpread)
        expect(
          yield* failing(broker.replace(orderNamed("rests"), { size: count(2), quoteId }, by))
        ).toMatchObject({ _tag: "OrderInvalid" })
        const cheaper = { type: netLimit(natural / 1_000_000), ...(yield* cite) }
        const filled = yield* broker.replace(orderNamed("rests"), cheaper, by)
        expect(told(filled)).toBe("Filled 3")
        expect(yield* held).toEqual(["ACME 240315P00090000 3", "ACME 240315P00095000 -3"])
      })
    )
  )

  it.effect("is found and canceled by each of its legs, and by what its legs are on", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* resting("spread")
        yield* resting("condor", ironCondor)
        yield* buy(ACME, 10, { id: "shares", type: limitAt(90), timeInForce: "GTC" })
        expect(yield* working(contract("PUT", 95))).toEqual(["condor", "spread"])
        expect(yield* working(contract("CALL", 103))).toEqual(["condor"])
        expect(yield* working(ACME.id)).toEqual(["condor", "shares", "spread"])
        expect(yield* working(BOLT.id)).toEqual([])
        const onShares = yield* broker.orders({ instrumentId: ACME.id, limit: 10 })
        expect(onShares.map(({ clientOrderId }) => clientOrderId).toSorted()).toEqual([
          "condor",
          "shares",
          "spread"
        ])
        const all = yield* broker.orders({ instrumentId: contract("PUT", 90), limit: 10 })
        expect(all.map(({ clientOrderId }) => clientOrderId).toSorted()).toEqual(["condor", "spread"])
        const canceled = yield* broker.cancelAll({ ...by, instrumentId: contract("CALL", 103) })
        expect(canceled.map(({ clientOrderId, status }) => [clientOrderId, status])).toEqual([
          ["condor", "Canceled"]
        ])
        const rest = yield* broker.cancelAll({ ...by, instrumentId: ACME.id })
        expect(rest.map(({ clientOrderId, status }) => [clientOrderId, status]).toSorted()).toEqual([
          ["shares", "Canceled"],
          ["spread", "Canceled"]
        ])
        expect(yield* working()).toEqual([])
        expect(yield* held).toEqual([])
      })
    )
  )

  it.effect("goes with a halt as any order does", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch } = yield* acts
        yield* resting("spread")
        const { canceled } = yield* killSwitch.halt("a test", agent)
        expect(canceled.map(({ clientOrderId }) => clientOrderId)).toEqual(["spread"])
        expect(yield* working()).toEqual([])
        expect(yield* failing(combo(putSpread, 1))).toMatchObject({ rule: "trading-state" })
        yield* killSwitch.resume("seen", person)
      })
    )
  )
})

describe("a structure that is held", () => {
  const parts = (legs: ReadonlyArray<readonly [InstrumentId, number]>) =>
    legs.map(([instrumentId, quantity]) => ({
      instrumentId,
      quantity: signedQuantity(quantity * 1_000_000)
    }))
  const spread = parts([
    [contract("PUT", 90), 2],
    [contract("PUT", 95), -2]
  ])

  it.effect("is closed whole by one combo, on quotes the broker takes", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* combo(putSpread, 2)
        const { order } = yield* broker.closeStructure(spread, by)
        expect(told(order)).toBe("Filled 2")
        expect(order.content.legs).toEqual([
          { instrumentId: contract("PUT", 90), side: "SELL", ratio: 1 },
          { instrumentId: contract("PUT", 95), side: "BUY", ratio: 1 }
        ])
        expect(yield* held).toEqual([])
        expect(yield* failing(broker.closeStructure(spread, by))).toMatchObject({ _tag: "NoPosition" })
      })
    )
  )

  it.effect("of shares and a call is closed with the shares' ratio", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const call = contract("CALL", 105)
        yield* combo(
          [
            ["BUY", ACME.id, 100],
            ["SELL", call]
          ],
          1
        )
        const { order } = yield* broker.closeStructure(
          parts([
            [ACME.id, 100],
            [call, -1]
          ]),
          by
        )
        expect(told(order)).toBe("Filled 1")
        expect(yield* held).toEqual([])
      })
    )
  )

  it.effect("is closed at the next open while the market is closed", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* combo(putSpread, 2)
        yield* turnTo(evening(0))
        const { order } = yield* broker.closeStructure(spread, by)
        expect([told(order), order.content.timeInForce]).toEqual(["Accepted 0", "AT_THE_OPEN"])
        yield* turnTo(minute(1, 1))
        expect(yield* held).toEqual([])
      })
    )
  )

  it.effect("is closed whole where a leg alone would leave the other bare", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const [sold, bought] = [contract("CALL", 103), contract("CALL", 106)]
        yield* combo(
          [
            ["SELL", sold],
            ["BUY", bought]
          ],
          2
        )
        expect(yield* failing(broker.closePosition(bought, by))).toMatchObject({
          _tag: "OrderDenied",
          rule: "option-coverage"
        })
        const preview = yield* broker.preview(
          yield* comboRequest(
            [
              ["BUY", sold],
              ["SELL", bought]
            ],
            2
          ),
          by
        )
        expect(preview.reducing).toBe(true)
      })
    )
  )

  it.effect("cannot be closed as what it is not", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* combo(putSpread, 2)
        const refused = (legs: ReadonlyArray<readonly [InstrumentId, number]>) =>
          Effect.map(failing(broker.closeStructure(parts(legs), by)), ({ _tag }) => _tag)
        expect(yield* refused([])).toBe("OrderInvalid")
        expect(yield* refused([[contract("PUT", 90), 3]])).toBe("NoPosition")
        expect(yield* refused([[contract("PUT", 90), -2]])).toBe("NoPosition")
        expect(yield* refused([[contract("CALL", 105), 1]])).toBe("NoPosition")
        expect(
          yield* refused([
            [contract("PUT", 90), 1.5],
            [contract("PUT", 95), -1]
          ])
        ).toBe("OrderInvalid")
        expect(yield* held).toHaveLength(2)
      })
    )
  )
})

describe("a combo whose answer was lost", () => {
  it.effect("keeps the instruments of all its legs closed, until the venue has been asked", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        line.send = "lose-answer"
        line.afterSend = Effect.sync(() => {
          line.answers = false
        })
        const request = yield* comboRequest(putSpread, 1, { id: "lost" })
        expect(yield* failing(broker.submit(request, by))).toMatchObject({ _tag: "OrderOutcomeUnknown" })
        const { quoteId } = yield* broker.quote(contract("PUT", 90))
        const onLeg: OrderRequest = {
          instrumentId: contract("PUT", 90),
          side: "BUY",
          type: { _tag: "Market" },
          size: count(1),
          timeInForce: "DAY",
          quoteId
        }
        expect(yield* failing(broker.submit(onLeg, by))).toMatchObject({ rule: "reconciliation" })
        expect(yield* failing(combo(ironCondor, 1))).toMatchObject({ rule: "reconciliation" })
        line.answers = true
        line.send = "works"
        line.afterSend = Effect.void
        yield* broker.reconcile
        const again = yield* broker.submit(request, by)
        expect([again.repeated, told(again.order)]).toEqual([true, "Filled 1"])
        expect(line.sent).toHaveLength(1)
        expect(yield* held).toEqual(["ACME 240315P00090000 1", "ACME 240315P00095000 -1"])
      })
    )
  )

  it.effect(
    "before it arrived is sent again with all its legs while the market has not moved, else closed",
    () =>
      onDesk(
        Effect.gen(function* () {
          const { broker, line } = yield* acts
          line.send = "lose-request"
          const request = yield* comboRequest(putSpread, 1, { id: "lost" })
          expect(yield* failing(broker.submit(request, by))).toMatchObject({ _tag: "OrderOutcomeUnknown" })
          line.send = "works"
          yield* broker.reconcile
          expect(line.sent).toMatchObject([{ clientOrderId: "lost", legs: [{}, {}], terms: [{}, {}] }])
          expect(yield* held).toEqual(["ACME 240315P00090000 1", "ACME 240315P00095000 -1"])
          line.send = "lose-request"
          const second = yield* comboRequest(ironCondor, 1, { id: "late" })
          yield* Effect.exit(broker.submit(second, by))
          line.send = "works"
          yield* goTo(minute(0, 6))
          yield* broker.reconcile
          const late = yield* broker.order(orderNamed("late"))
          expect(late).toMatchObject({ value: { status: "Rejected" } })
          expect(yield* held).toHaveLength(2)
        })
      )
  )
})

describe("a contract that is over", () => {
  it.effect("has no quote, and no order passes", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const over = contract("CALL", 100, sessionDate("2024-03-01"))
        expect(yield* failing(broker.quote(over))).toMatchObject({ _tag: "QuoteUnavailable" })
      })
    )
  )
})
