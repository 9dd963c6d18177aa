/** What every `OrderJournal` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import { accountId, clientOrderId, instrumentId, quoteId, tradeId } from "../../src/domain/Identifiers.ts"
import type { JournalEvent } from "../../src/domain/JournalEvent.ts"
import { dollars, pricePerShare, shares, zeroMoney, zeroQuantity } from "../../src/domain/Money.ts"
import type { OrderContent, OrderStatus } from "../../src/domain/Order.ts"
import { comboId } from "../../src/domain/OrderLeg.ts"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import { type JournalEntry, OrderJournal, type OrderRecord } from "../../src/execution/OrderJournal.ts"
import { AAPL, content, MSFT, ofShares } from "../risk/Snapshots.ts"

const desk = accountId("desk")

const line = (sequence: number, event: JournalEvent, account = desk): JournalEntry => ({
  sequence,
  tsWall: 1_700_000_000_000_000 + sequence,
  accountId: account,
  actor: { kind: "agent", name: "mcp:broker" },
  event
})
const submitted = (sequence: number, name = "o"): JournalEntry =>
  line(sequence, { _tag: "OrderSubmitted", clientOrderId: clientOrderId(name), tsEvent: timestamp(sequence) })
const fill = (sequence: number, trade: string, account = desk): JournalEntry =>
  line(
    sequence,
    {
      _tag: "OrderFilled",
      clientOrderId: clientOrderId("o"),
      tsEvent: timestamp(sequence),
      tradeId: tradeId(trade),
      instrumentId: AAPL,
      side: "BUY",
      quantity: shares(10),
      price: pricePerShare(100.01),
      fee: dollars(1),
      multiplier: 1,
      final: true
    },
    account
  )

const expired = (sequence: number, trade: string): JournalEntry =>
  line(sequence, {
    _tag: "OptionExpired",
    tsEvent: timestamp(sequence),
    tradeId: tradeId(trade),
    instrumentId: instrumentId("AAPL 140613C00090000.OPRA"),
    contract: {
      underlying: AAPL,
      right: "CALL",
      strike: pricePerShare(90),
      expiry: sessionDate("2014-06-13"),
      style: "AMERICAN",
      settlement: "PHYSICAL",
      expirySession: "PM",
      deliverable: shares(100),
      deliverableCash: zeroMoney
    },
    multiplier: 100,
    side: "SELL",
    quantity: shares(2),
    settlementPrice: pricePerShare(89),
    reason: "out of the money"
  })

const record = (
  name: string,
  status: OrderStatus,
  ts: number,
  instrumentId = AAPL,
  account = desk
): OrderRecord => ({
  order: {
    clientOrderId: clientOrderId(name),
    content: content("BUY", ofShares(10), { instrumentId }),
    quoteId: quoteId("q-0123456789abcdef"),
    role: "ENTRY",
    status,
    filledQuantity: zeroQuantity,
    filledNotional: zeroMoney,
    fees: zeroMoney,
    tsInit: timestamp(ts),
    tsLast: timestamp(ts)
  },
  contentKey: "key",
  accountId: account
})

export const suite = (name: string, layer: Layer.Layer<OrderJournal | UnitOfWork, StorageError>) => {
  describe(`OrderJournal on ${name}`, () => {
    const test = <E>(sentence: string, body: Effect.Effect<void, E, OrderJournal | UnitOfWork>) =>
      it.effect(sentence, () => body.pipe(Effect.provide(layer)))

    test(
      "begins empty",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        expect(yield* journal.head).toBe(0)
        expect(yield* journal.venuePosition).toBe(0)
        expect(yield* journal.checkpoint).toEqual(Option.none())
        expect(yield* journal.read({ after: 0, limit: 10 })).toEqual([])
      })
    )

    test(
      "gives lines back whole and in order, and pages through them",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        const lines = [submitted(1), fill(2, "T-1"), submitted(3, "p")]
        yield* journal.append(lines.slice(0, 2))
        yield* journal.append(lines.slice(2))
        yield* journal.append([])
        expect(yield* journal.head).toBe(3)
        expect(yield* journal.read({ after: 0, limit: 10 })).toEqual(lines)
        expect(yield* journal.read({ after: 1, limit: 1 })).toEqual(lines.slice(1, 2))
        expect(yield* journal.history(clientOrderId("o"))).toEqual(lines.slice(0, 2))
      })
    )

    test(
      "refuses a gap, a repeat, and a beginning that is not the first",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        const tag = (lines: ReadonlyArray<JournalEntry>) =>
          Effect.map(Effect.flip(journal.append(lines)), ({ _tag }) => _tag)
        expect(yield* tag([submitted(2)])).toBe("StorageFailed")
        yield* journal.append([submitted(1)])
        expect(yield* tag([submitted(1)])).toBe("StorageFailed")
        expect(yield* tag([submitted(3)])).toBe("StorageFailed")
        expect(yield* tag([submitted(2), submitted(4)])).toBe("StorageFailed")
        expect(yield* journal.head).toBe(1)
      })
    )

    test(
      "takes a venue's fill once an account",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        yield* journal.append([fill(1, "T-1")])
        expect((yield* Effect.flip(journal.append([fill(2, "T-1")])))._tag).toBe("StorageFailed")
        yield* journal.append([fill(2, "T-1", accountId("desk-2"))])
        const fills = yield* journal.fills({ accountId: desk, after: 0, limit: 10 })
        expect(fills).toMatchObject([{ sequence: 1, fill: { tradeId: "T-1" } }])
        expect(yield* journal.fills({ accountId: desk, after: 1, limit: 10 })).toEqual([])
      })
    )

    test(
      "gives an account's fills newest first, in pages",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        yield* journal.append([
          fill(1, "T-1"),
          submitted(2, "p"),
          fill(3, "T-2"),
          fill(4, "T-3", accountId("desk-2")),
          fill(5, "T-4")
        ])
        const page = (options: { readonly before?: number; readonly limit: number }) =>
          Effect.map(journal.latestFills({ accountId: desk, ...options }), (fills) =>
            fills.map(({ sequence }) => sequence)
          )
        expect(yield* page({ limit: 2 })).toEqual([5, 3])
        expect(yield* page({ limit: 2, before: 3 })).toEqual([1])
        expect(yield* page({ limit: 2, before: 1 })).toEqual([])
      })
    )

    test(
      "counts the ends of options among the fills, once each",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        yield* journal.append([fill(1, "T-1"), submitted(2), expired(3, "X-1"), fill(4, "T-2")])
        const found = yield* journal.fills({ accountId: desk, after: 0, limit: 10 })
        expect(found.map(({ fill: { _tag }, sequence }) => [sequence, _tag])).toEqual([
          [1, "OrderFilled"],
          [3, "OptionExpired"],
          [4, "OrderFilled"]
        ])
        expect(yield* journal.latestFills({ accountId: desk, limit: 1, before: 4 })).toEqual([found[1]])
        expect(yield* journal.tradesKnown(desk, [tradeId("X-1")])).toEqual(new Set(["X-1"]))
        expect((yield* Effect.flip(journal.append([expired(5, "X-1")])))._tag).toBe("StorageFailed")
      })
    )

    test(
      "tells which trades of an account it has",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        yield* journal.append([fill(1, "T-1"), fill(2, "T-2", accountId("desk-2"))])
        const ids = ["T-1", "T-2", "T-3"].map(tradeId)
        expect(yield* journal.tradesKnown(desk, ids)).toEqual(new Set(["T-1"]))
        expect(yield* journal.tradesKnown(desk, [])).toEqual(new Set())
      })
    )

    test(
      "finds the newest line of a kind",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        const deposited = (sequence: number): JournalEntry =>
          line(sequence, { _tag: "CashDeposited", amount: dollars(1), tsEvent: timestamp(sequence) })
        yield* journal.append([deposited(1), submitted(2), deposited(3), submitted(4, "p")])
        expect(yield* journal.latest("CashDeposited")).toEqual(Option.some(deposited(3)))
        expect(yield* journal.latest("SessionClosed")).toEqual(Option.none())
      })
    )

    test(
      "takes more lines and orders at once than a statement has room for",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        const many = 6000
        yield* journal.append(Array.from({ length: many }, (_, i) => submitted(i + 1, `o${i}`)))
        yield* journal.putOrders(Array.from({ length: many }, (_, i) => record(`o${i}`, "Submitted", i)))
        expect(yield* journal.head).toBe(many)
        expect(yield* journal.orders({ accountId: desk, limit: 10_000 })).toHaveLength(many)
      })
    )

    test(
      "keeps orders as they last stood, by account and instrument, newest first",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        yield* journal.putOrders([
          record("a", "Submitted", 1),
          record("b", "Accepted", 2, MSFT),
          record("c", "Accepted", 3),
          record("d", "Accepted", 4, AAPL, accountId("desk-2"))
        ])
        yield* journal.putOrders([record("a", "Filled", 1)])
        const names = (options: object) =>
          Effect.map(journal.orders({ accountId: desk, limit: 10, ...options }), (records) =>
            records.map(({ order }) => order.clientOrderId).join("")
          )
        expect(yield* names({})).toBe("cba")
        expect(yield* names({ limit: 2 })).toBe("cb")
        expect(yield* names({ instrumentId: MSFT })).toBe("b")
        const before = (tsInit: number, name: string) => ({
          before: { tsInit: timestamp(tsInit), clientOrderId: clientOrderId(name) }
        })
        expect(yield* names(before(3, "c"))).toBe("ba")
        expect(yield* names(before(2, "z"))).toBe("ba")
        expect(yield* names({ ...before(3, "c"), instrumentId: AAPL })).toBe("a")
        expect(yield* names(before(1, "a"))).toBe("")
        expect(yield* journal.order(clientOrderId("a"))).toEqual(Option.some(record("a", "Filled", 1)))
        expect(yield* journal.order(clientOrderId("z"))).toEqual(Option.none())
      })
    )

    test(
      "lists orders with legs by each leg's instrument, newest first among those of the instrument alone",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        const call = instrumentId("AAPL 140613C00090000.OPRA")
        const legs: NonNullable<OrderContent["legs"]> = [
          { instrumentId: call, side: "SELL", ratio: 1 },
          { instrumentId: AAPL, side: "BUY", ratio: 100 }
        ]
        const covered = (name: string, ts: number): OrderRecord => {
          const plain = record(name, "Accepted", ts, comboId(legs))
          return { ...plain, order: { ...plain.order, content: { ...plain.order.content, legs } } }
        }
        const names = (options: object) =>
          Effect.map(journal.orders({ accountId: desk, limit: 10, ...options }), (records) =>
            records.map(({ order }) => order.clientOrderId).join("")
          )
        yield* journal.putOrders([
          record("a", "Submitted", 1),
          covered("b", 2),
          record("c", "Accepted", 3, call),
          covered("d", 4),
          record("e", "Accepted", 5, MSFT),
          record("f", "Accepted", 6)
        ])
        expect(yield* names({ instrumentId: AAPL })).toBe("fdba")
        expect(yield* names({ instrumentId: call })).toBe("dcb")
        expect(yield* names({ instrumentId: comboId(legs) })).toBe("db")
        expect(yield* names({ instrumentId: MSFT })).toBe("e")
        expect(yield* names({ instrumentId: AAPL, optionRoots: ["AAPL", "AAPL1"] })).toBe("fdcba")
        expect(yield* names({ instrumentId: AAPL, optionRoots: ["AAP"] })).toBe("fdba")
        expect(yield* names({ instrumentId: AAPL, limit: 2 })).toBe("fd")
        const before = { tsInit: timestamp(4), clientOrderId: clientOrderId("d") }
        expect(yield* names({ instrumentId: AAPL, before })).toBe("ba")
      })
    )

    test(
      "keeps the last checkpoint and the last place in the venue's record",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        yield* journal.saveCheckpoint(5, "five")
        yield* journal.saveCheckpoint(9, "nine")
        expect(yield* journal.checkpoint).toEqual(Option.some({ sequence: 9, body: "nine" }))
        yield* journal.setVenuePosition(3)
        yield* journal.setVenuePosition(7)
        expect(yield* journal.venuePosition).toBe(7)
      })
    )

    test(
      "keeps nothing of a transaction that failed",
      Effect.gen(function* () {
        const journal = yield* OrderJournal
        const work = yield* UnitOfWork
        yield* Effect.exit(
          work.atomically(
            Effect.all([
              journal.append([submitted(1)]),
              journal.putOrders([record("a", "Submitted", 1)]),
              journal.setVenuePosition(1),
              Effect.fail("no" as const)
            ])
          )
        )
        expect([yield* journal.head, yield* journal.venuePosition]).toEqual([0, 0])
        expect(yield* journal.order(clientOrderId("a"))).toEqual(Option.none())
      })
    )
  })
}
