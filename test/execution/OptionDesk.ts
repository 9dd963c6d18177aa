/**
 * The test market with options on it: ACME moves by a per cent or two a day for two months, so that the model has a
 * volatility, and is at 100 from 2024-03-04 on as in the standard market.
 */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { type InstrumentId, clientOrderId } from "../../src/domain/Identifiers.ts"
import { type NetPrice, netPrice } from "../../src/domain/Money.ts"
import type { OptionRight } from "../../src/domain/OptionContract.ts"
import type { OrderRequest, OrderType } from "../../src/domain/Order.ts"
import { comboId, comboQuoteId, type OrderLeg } from "../../src/domain/OrderLeg.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { Broker } from "../../src/execution/Broker.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { optionId } from "../../src/market/OptionInstruments.ts"
import * as OptionedMarketData from "../../src/market/OptionedMarketData.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import type { Session } from "../../src/market/TradingCalendar.ts"
import { sessionsOf } from "../market/Fixtures.ts"
import { agent, type Ask, count, deskLayer, memoryStorage, type TestDeskOptions } from "./TestDesk.ts"
import { type Day, type Listing, minute, sessions, sourceOf, standardMarket } from "./TestMarket.ts"

/** From two months before the test market's own sessions. */
export const optionSessions: ReadonlyArray<Session> = sessionsOf("2024-01-02", "2024-03-22")

const before = optionSessions.length - sessions.length

/** Per cent off the price at which it goes on. */
const moves = [0, 1, -1, 2, 1, 0, -2, -1, 1, 2, 0, -1]

const history = (price: number): ReadonlyArray<Day> =>
  Array.from({ length: before }, (_, day) => price * (1 + (moves[day % moves.length] ?? 0) / 100))

/** A market with a past in which it moved. */
export const withHistory = (market: ReadonlyArray<Listing>): ReadonlyArray<Listing> =>
  market.map((listing) => {
    const [first = 0] = listing.days
    const price = typeof first === "number" ? first : first[0]
    return { ...listing, days: [...history(price), ...listing.days] }
  })

export const optionMarket = withHistory(standardMarket)

/** A market whose options are modelled, and its clock, which several desks can share. */
export const optionMarketLayer = (options: TestDeskOptions = {}) =>
  OptionedMarketData.layer().pipe(
    Layer.provideMerge(
      SourcedMarketData.layer({
        sources: [sourceOf(options.market ?? optionMarket, optionSessions)],
        seed: "test"
      })
    ),
    Layer.provideMerge(MarketClock.layerStepped({ start: options.start ?? minute(0, 0) }))
  )

/** A desk of its own on a market of its own, whose options are modelled. */
export const optionDesk = (options: TestDeskOptions = {}) =>
  deskLayer(options).pipe(
    Layer.provideMerge(memoryStorage),
    Layer.provideMerge(optionMarketLayer(options)),
    Layer.provideMerge(NodeServices.layer)
  )

export const EXPIRY = sessionDate("2024-03-15")

/** A contract on ACME. */
export const contract = (right: OptionRight, strike: number, expiry = EXPIRY): InstrumentId =>
  optionId({ root: "ACME", expiry, right, strike })

export type Leg = readonly [side: OrderLeg["side"], id: InstrumentId, ratio?: number]

export const legsOf = (legs: ReadonlyArray<Leg>): ReadonlyArray<OrderLeg> =>
  legs.map(([side, instrumentId, ratio = 1]) => ({ instrumentId, side, ratio }))

/** Dollars a share: a debit positive, a credit negative. */
export const net = (dollars: number): NetPrice => netPrice(Math.round(dollars * 1_000_000))
export const netLimit = (dollars: number): OrderType => ({ _tag: "NetLimit", netPrice: net(dollars) })

/** A request for a combo on quotes asked for now: a DAY market order unless the terms say otherwise. */
export const comboRequest = Effect.fnUntraced(function* (
  given: ReadonlyArray<Leg>,
  units: number,
  ask: Pick<Ask, "id" | "type" | "timeInForce" | "repeat"> = {}
) {
  const broker = yield* Broker
  const legs = legsOf(given)
  const quotes = yield* Effect.forEach(legs, ({ instrumentId }) => broker.quote(instrumentId))
  const legQuoteIds = quotes.map(({ quoteId }) => quoteId)
  const request: OrderRequest = {
    instrumentId: comboId(legs),
    side: "BUY",
    type: ask.type ?? { _tag: "Market" },
    size: count(units),
    timeInForce: ask.timeInForce ?? "DAY",
    legs,
    quoteId: comboQuoteId(legQuoteIds),
    legQuoteIds,
    ...(ask.id === undefined ? {} : { clientOrderId: clientOrderId(ask.id) }),
    ...(ask.repeat === undefined ? {} : { repeat: ask.repeat })
  }
  return request
})

export const combo = (...args: Parameters<typeof comboRequest>) =>
  Effect.gen(function* () {
    const broker = yield* Broker
    return yield* broker.submit(yield* comboRequest(...args), { actor: agent })
  })

/** ACME at 100: sell the 95 put, buy the 90 put below it. */
export const putSpread: ReadonlyArray<Leg> = [
  ["SELL", contract("PUT", 95)],
  ["BUY", contract("PUT", 90)]
]
export const ironCondor: ReadonlyArray<Leg> = [
  ...putSpread,
  ["SELL", contract("CALL", 103)],
  ["BUY", contract("CALL", 106)]
]
