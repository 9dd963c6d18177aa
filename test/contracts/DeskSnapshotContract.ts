/**
 * What every reader of a desk's snapshot promises: the rules say of its snapshot what they say in the broker, whatever
 * has happened on the desk. Run against each implementation.
 */
import { describe, expect, it } from "@effect/vitest"
import { Clock, Context, Effect, type Layer, Result } from "effect"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { instrumentId, quoteId } from "../../src/domain/Identifiers.ts"
import { dollars, netPrice, pricePerShare, shares } from "../../src/domain/Money.ts"
import type { OrderRequest, OrderSize, OrderType } from "../../src/domain/Order.ts"
import { comboId, comboQuoteId, type OrderLeg } from "../../src/domain/OrderLeg.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { Broker } from "../../src/execution/Broker.ts"
import {
  type Asked,
  type DeskReading,
  DeskUnreadable,
  type MachineNow,
  rulesView
} from "../../src/execution/DeskSnapshot.ts"
import { tradedBy } from "../../src/execution/OrderLegs.ts"
import { contentOf } from "../../src/execution/OrderPlan.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { optionId } from "../../src/market/OptionInstruments.ts"
import { defaultLimits, type RiskLimits } from "../../src/risk/RiskLimits.ts"
import { evaluate } from "../../src/risk/RiskRules.ts"
import { combo, putSpread, withHistory } from "../execution/OptionDesk.ts"
import { openReplay, type ReplayServices } from "../execution/ReplayDesk.ts"
import { acts, agent, buy, limitAt, person, stopAt } from "../execution/TestDesk.ts"
import { ACME, BOLT, INDX, type Listing, minute, sessions, standardMarket } from "../execution/TestMarket.ts"
import { type Draw, numbers, pick } from "../support/Numbers.ts"

/** A call on ACME: a hundred shares a contract. */
export const CALL = optionId({
  root: "ACME",
  expiry: sessionDate("2024-03-22"),
  right: "CALL",
  strike: 100
})

/** With a past, so that options are quoted. */
export const snapshotMarket: ReadonlyArray<Listing> = withHistory(standardMarket)

/** Limits that some orders pass and some do not, by every rule. */
export const snapshotLimits: RiskLimits = {
  ...defaultLimits,
  dailyLossRatio: 0.001,
  drawdownRatio: 0.002,
  ordersPerMinute: 8,
  reservedForReducing: 2,
  openOrders: 5,
  duplicateWindowSeconds: 600,
  restricted: [BOLT.symbol]
}

/** The reader that is tested, over the desk that the test acts on. */
export class ReadDesk extends Context.Service<
  ReadDesk,
  (asked: Asked) => Effect.Effect<DeskReading | DeskUnreadable, StorageError>
>()("plimsoll/test/contracts/DeskSnapshotContract/ReadDesk") {}

/** The machine of the test, as a hook would see it. */
export const here: Effect.Effect<MachineNow> = Effect.map(Clock.monotonicTimeNanos, (nanos) => ({
  boot: "test",
  monotonicMicros: Number(nanos / 1000n)
}))

export type SnapshotServices = ReplayServices | ReadDesk

const instruments = [ACME, INDX, BOLT] as const

/** Some contract near the money, or held. */
const someContract = Effect.fnUntraced(function* (draw: Draw) {
  const { broker, view } = yield* acts
  const { positions } = yield* view.status
  const held = positions.flatMap(({ position }) =>
    position.contract === undefined ? [] : [position.instrumentId]
  )
  if (held.length > 0 && draw(3) === 0) return held[draw(held.length)] ?? CALL
  const { last } = yield* broker.quote(ACME.id)
  const near = Math.round(last / 5_000_000) * 5
  return optionId({
    root: "ACME",
    expiry: pick(draw, [sessionDate("2024-03-15"), sessionDate("2024-03-22")]),
    right: pick(draw, ["CALL", "PUT"] as const),
    strike: Math.max(5, near + (draw(5) - 2) * 5)
  })
})

const typeOf = (draw: Draw, near: number): OrderType =>
  pick<OrderType>(draw, [
    { _tag: "Market" },
    { _tag: "Market" },
    limitAt(Math.round(near * (95 + draw(10))) / 100),
    stopAt(Math.round(near * (95 + draw(10))) / 100),
    { _tag: "StopLimit", stopPrice: pricePerShare(near + 1), limitPrice: pricePerShare(near + 2) },
    { _tag: "TrailingStopMarket", trailingOffset: pricePerShare(1 + draw(3)) }
  ])

const sizeOf = (draw: Draw, price: number, multiplier: number): OrderSize =>
  draw(4) === 0
    ? { _tag: "Notional", notional: dollars(100 + draw(15_000)) }
    : {
        _tag: "Quantity",
        quantity: shares(1 + draw(Math.max(2, Math.floor(14_000 / price / multiplier))))
      }

/** A combo of contracts, or of a call sold on shares, on quotes asked for now; undefined where a leg has none. */
const someCombo = Effect.fnUntraced(function* (draw: Draw) {
  const { broker } = yield* acts
  const covered: ReadonlyArray<OrderLeg> = [
    { instrumentId: ACME.id, side: "BUY", ratio: 100 },
    { instrumentId: CALL, side: "SELL", ratio: 1 }
  ]
  const others: Array<OrderLeg> = []
  for (let at = 0; at < 2 + draw(3); at++) {
    const instrumentId = yield* someContract(draw)
    if (others.some((leg) => leg.instrumentId === instrumentId)) continue
    others.push({
      instrumentId,
      side: pick(draw, ["BUY", "SELL"] as const),
      ratio: draw(6) === 0 ? 2 : 1
    })
  }
  const legs = draw(4) === 0 || others.length < 2 ? covered : others
  const quotes = yield* Effect.forEach(legs, ({ instrumentId }) => broker.quote(instrumentId))
  const legQuoteIds = quotes.map(({ quoteId: id }) => id)
  const request: OrderRequest = {
    instrumentId: comboId(legs),
    side: "BUY",
    type: pick<OrderType>(draw, [
      { _tag: "Market" },
      { _tag: "NetLimit", netPrice: netPrice((draw(400) - 200) * 10_000) }
    ]),
    size: { _tag: "Quantity", quantity: shares(1 + draw(3)) },
    timeInForce: pick(draw, ["DAY", "DAY", "GTC", "IOC", "FOK", "AT_THE_OPEN"] as const),
    legs,
    quoteId: comboQuoteId(legQuoteIds),
    legQuoteIds,
    ...(draw(6) === 0 ? { repeat: true } : {})
  }
  return request
})

/** What has been asked for so far. */
export interface Past {
  readonly quotes: Array<OrderRequest["quoteId"]>
  readonly requests: Array<OrderRequest>
}
export const nothingYet = (): Past => ({ quotes: [], requests: [] })

/** Some order, on a quote asked for now, on one asked for before, or on one that was made up; or one as before. */
export const someRequest = Effect.fnUntraced(function* (draw: Draw, { quotes, requests }: Past) {
  const broker = yield* Broker
  const before = requests[draw(Math.max(1, requests.length))]
  if (draw(3) === 0) {
    const request = yield* Effect.result(someCombo(draw))
    if (Result.isSuccess(request)) return request.success
  }
  const named = draw(3) === 0 ? yield* someContract(draw) : pick(draw, instruments).id
  const asked = yield* Effect.result(broker.quote(named))
  const quote = Result.isSuccess(asked) ? asked.success : yield* broker.quote(ACME.id)
  const id = quote.instrumentId
  const multiplier = id.endsWith(".OPRA") ? 100 : 1
  quotes.push(quote.quoteId)
  if (before !== undefined && before.legs === undefined && draw(4) === 0) {
    const again = yield* broker.quote(before.instrumentId).pipe(Effect.orElseSucceed(() => quote))
    return { ...before, quoteId: again.quoteId }
  }
  const near = quote.last / 1_000_000
  const up = pricePerShare(Math.round(near * 110) / 100)
  const down = pricePerShare(Math.round(near * 90) / 100)
  const side = pick(draw, ["BUY", "BUY", "SELL"] as const)
  const cited = draw(8) === 0 ? (quotes[draw(quotes.length)] ?? quote.quoteId) : quote.quoteId
  const request: OrderRequest = {
    instrumentId: draw(25) === 0 ? instrumentId("NONE.XNYS") : id,
    side,
    type: typeOf(draw, near),
    size: sizeOf(draw, near, multiplier),
    timeInForce: pick(draw, ["DAY", "DAY", "GTC", "IOC", "AT_THE_OPEN", "AT_THE_CLOSE"] as const),
    quoteId: draw(25) === 0 ? quoteId("q-0000000000000000") : cited,
    ...(draw(5) === 0
      ? {
          bracket: {
            takeProfitPrice: side === "BUY" ? up : down,
            stopLossPrice: side === "BUY" ? down : up
          }
        }
      : {}),
    ...(draw(6) === 0 ? { ocoGroup: `g${draw(3)}` } : {}),
    ...(draw(6) === 0 ? { repeat: true } : {})
  }
  return request
})

/** Something that happens to a desk. */
export const someAct = Effect.fnUntraced(function* (draw: Draw, past: Past) {
  const { broker, crank, killSwitch } = yield* acts
  const control = yield* MarketClockControl
  const working = yield* broker.orders({ working: true, limit: 100 })
  const target = working[draw(Math.max(1, working.length))]
  switch (draw(12)) {
    case 0:
    case 1: {
      const now = yield* Effect.flatMap(MarketClock, (clock) => clock.now)
      const end = sessions.at(-1)?.close ?? now
      if (now < end - 7 * 86_400_000_000) {
        const way = draw(6)
        if (way === 0) yield* control.step({ _tag: "ToOpen" })
        const seconds = [600, 2, 20, 70, 3600, 7200][way] ?? 1
        yield* control.step({ _tag: "By", micros: seconds * 1_000_000 })
        yield* crank.upToDate
      }
      return
    }
    case 2:
      if (target !== undefined) yield* broker.cancel(target.clientOrderId, { actor: agent })
      return
    case 3:
    case 4: {
      if (target === undefined) return
      const size: OrderSize = { _tag: "Quantity", quantity: shares(1 + draw(target.content.legs ? 4 : 50)) }
      const cited = yield* Effect.forEach(tradedBy(target.content), (id) => broker.quote(id))
      const legQuoteIds = cited.map(({ quoteId: id }) => id)
      yield* broker.replace(
        target.clientOrderId,
        target.content.legs === undefined
          ? { size, quoteId: legQuoteIds[0] ?? target.quoteId }
          : { size, quoteId: comboQuoteId(legQuoteIds), legQuoteIds },
        { actor: agent }
      )
      return
    }
    case 5:
      if (draw(3) === 0) yield* killSwitch.halt("a test", agent)
      return
    case 6:
      yield* killSwitch.resume("a test", person)
      return
    default: {
      const request = yield* someRequest(draw, past)
      past.requests.push(request)
      yield* broker.submit(request, { actor: agent })
    }
  }
})

const nextSession = Effect.gen(function* () {
  const { crank } = yield* acts
  const control = yield* MarketClockControl
  yield* control.step({ _tag: "ToOpen" })
  yield* control.step({ _tag: "By", micros: 600_000_000 })
  yield* crank.upToDate
})

/** What the broker says of a request, and what the rules say of the snapshot. */
const bothSay = Effect.fnUntraced(function* (request: OrderRequest, limits: RiskLimits) {
  const broker = yield* Broker
  const read = yield* ReadDesk
  const { positions, underlyings } = yield* Effect.flatMap(acts, ({ view }) => view.status)
  // What an agent that looks at its market has asked for.
  const looked = [
    ...positions.map(({ position }) => position.instrumentId),
    ...underlyings.keys(),
    ...tradedBy(request)
  ]
  for (const id of looked) yield* Effect.ignore(broker.quote(id))
  const preview = yield* broker.preview(request, { actor: agent })
  const reading = yield* read({
    what: { _tag: "Named", names: tradedBy(request) },
    quoteIds: request.legQuoteIds ?? [request.quoteId]
  })
  if (reading instanceof DeskUnreadable) return expect.fail(reading.message)
  const { moment } = reading
  const content = contentOf(request)
  const evaluation = evaluate(rulesView(moment, { order: content, limits, cited: moment.cited }), {
    content,
    repeat: request.repeat === true
  })
  return {
    broker: { verdicts: preview.verdicts, reducing: preview.reducing },
    snapshot: { verdicts: evaluation.verdicts, reducing: evaluation.reducing }
  }
})

/** `seeds`: how many walks; a walk over a server is a message a statement. */
export const suite = (
  name: string,
  layer: Layer.Layer<SnapshotServices, StorageError>,
  seeds: ReadonlyArray<number> = [1, 2, 3, 4, 5, 6]
) => {
  describe(`a desk's snapshot by ${name}`, () => {
    for (const seed of seeds) {
      it.effect(`whatever happens, the rules say of it what they say in the broker (${seed})`, () =>
        Effect.gen(function* () {
          const draw = numbers(seed * 7919)
          const past = nothingYet()
          const outcomes = new Map<string, number>()
          yield* openReplay(minute(0, 5), 0)
          yield* buy(ACME, 90)
          yield* buy(INDX, 9)
          yield* combo(putSpread, 1)
          for (let turn = 0; turn < 60; turn++) {
            yield* Effect.result(someAct(draw, past))
            // ACME falls at the fourth session's open.
            if (turn % 15 === 14) yield* nextSession
            for (let question = 0; question < 3; question++) {
              const request = yield* someRequest(draw, past)
              const said = yield* bothSay(request, snapshotLimits)
              expect(said.snapshot, JSON.stringify(request)).toStrictEqual(said.broker)
              for (const { outcome, rule } of said.snapshot.verdicts)
                outcomes.set(`${rule} ${outcome}`, (outcomes.get(`${rule} ${outcome}`) ?? 0) + 1)
            }
          }
          // A walk that nothing stops, or that nothing passes, would prove nothing.
          for (const rule of [
            "quote-freshness",
            "order-size",
            "position-limit",
            "option-coverage",
            "market-hours"
          ]) {
            expect(outcomes.get(`${rule} deny`) ?? 0, rule).toBeGreaterThan(0)
            expect(outcomes.get(`${rule} pass`) ?? 0, rule).toBeGreaterThan(0)
          }
        }).pipe(Effect.provide(layer))
      )
    }
  })
}
