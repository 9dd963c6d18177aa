/** The payoff of what a command names, with an order that is proposed beside it or without. */
import { Effect, Option, Result } from "effect"
import type { InstrumentId } from "../../../../domain/Identifiers.ts"
import { type Price, shares } from "../../../../domain/Money.ts"
import { type LegTerms, MAX_LEGS } from "../../../../domain/OrderLeg.ts"
import { Broker } from "../../../../execution/Broker.ts"
import { underlyingOf } from "../../../../domain/OptionContract.ts"
import { spotOf } from "../../../../execution/options/OptionDesk.ts"
import { type OrderEffect, orderEffect } from "../../../../execution/options/OrderEffect.ts"
import { MarketData } from "../../../../market/MarketData.ts"
import {
  type PositionPayoff,
  positionPayoff,
  valuedPosition
} from "../../../../portfolio/options/PositionPayoff.ts"
import type { Position } from "../../../../portfolio/Position.ts"
import { BadUsage, misused } from "../../Failures.ts"
import { priceWords, shareCount } from "../../Format.ts"
import { symbolOf } from "../../LegWords.ts"
import { legInstrument } from "../OrderLegFlags.ts"
import { readOrderLeg } from "../OrderLegText.ts"
import { oneUnderlying, type Selection, selection } from "./Selection.ts"

/** An order as it is looked at: what it would fill at now. */
export interface Proposed {
  readonly terms: ReadonlyArray<LegTerms>
  readonly units: number
  readonly fillPrices: ReadonlyArray<Price>
}

export interface Looked {
  readonly selection: Selection
  readonly underlying: InstrumentId
  readonly spot: Price
  /** What is held, or would be; of an instrument one position. */
  readonly positions: ReadonlyArray<Position>
  readonly payoff: PositionPayoff
  /** Prices of all of it. */
  readonly marks: ReadonlyMap<InstrumentId, Price>
  /** Options are at a model's prices. */
  readonly modelled: boolean
  /** With an order: what it changes. */
  readonly effect: OrderEffect | undefined
  /** "BUY 2 AAPL 140613P00085000 at 0.32" */
  readonly order: ReadonlyArray<string>
}

/** The order's legs at what they would fill at: bought at the ask, sold at the bid. */
const proposed = Effect.fnUntraced(function* (
  typed: ReadonlyArray<string>,
  units: number,
  beside: Option.Option<string>
) {
  if (typed.length > MAX_LEGS)
    return yield* new BadUsage({ message: `--leg: an order has at most ${MAX_LEGS} legs` })
  const legs = yield* misused(Result.all(typed.map(readOrderLeg)))
  const broker = yield* Broker
  const terms: Array<LegTerms> = []
  const fillPrices: Array<Price> = []
  for (const leg of legs) {
    const instrument = yield* legInstrument(
      leg,
      beside,
      "Name it first, such as position payoff AAPL --leg …"
    )
    const quote = yield* broker.quote(instrument.id)
    terms.push({
      instrumentId: instrument.id,
      side: leg.side,
      ratio: leg.ratio,
      multiplier: instrument.multiplier,
      ...(instrument._tag === "Option" ? { contract: instrument.contract } : {})
    })
    fillPrices.push(leg.side === "BUY" ? quote.ask : quote.bid)
  }
  const order: Proposed = { terms, units, fillPrices }
  return order
})

const legText = ({ terms, fillPrices, units }: Proposed): ReadonlyArray<string> =>
  terms.map(
    (leg, at) =>
      `${leg.side} ${shareCount(shares(leg.ratio * units))} ${symbolOf(leg.instrumentId)} at ${priceWords(fillPrices[at] ?? 0)}`
  )

const spotNow = (held: Selection, underlying: InstrumentId) => {
  const known = spotOf(held.desk.prices, underlying)
  return known === undefined
    ? MarketData.use((data) => Effect.map(data.quote(underlying), ({ last }) => last))
    : Effect.succeed(known)
}

/** Whether what options are worth now is a model's: no market quotes them. */
const isModelled = Effect.fnUntraced(function* (positions: ReadonlyArray<Position>) {
  const data = yield* MarketData
  for (const { contract, instrumentId } of positions) {
    if (contract === undefined) continue
    const quote = yield* data.quote(instrumentId).pipe(
      Effect.map(Option.some),
      Effect.catchTag(["QuoteUnavailable", "InstrumentNotFound"], () => Effect.succeedNone)
    )
    if (Option.isSome(quote)) return quote.value.source === "option-model"
  }
  return false
})

const withoutOrder = Effect.fnUntraced(function* (held: Selection) {
  const underlying = yield* oneUnderlying(held.positions)
  const spot = yield* spotNow(held, underlying)
  const { marks, now } = held.desk.prices
  const payoff = yield* Effect.fromResult(
    Result.flatMap(valuedPosition(held.positions, { now, spot, marks }), positionPayoff)
  )
  const looked: Looked = {
    selection: held,
    underlying,
    spot,
    positions: held.positions,
    payoff,
    marks,
    modelled: yield* isModelled(held.positions),
    effect: undefined,
    order: []
  }
  return looked
})

const withOrder = Effect.fnUntraced(function* (held: Selection, order: Proposed) {
  const { terms } = order
  const underlying =
    terms.find(({ contract }) => contract !== undefined)?.contract?.underlying ?? terms[0]?.instrumentId
  if (underlying === undefined) return yield* new BadUsage({ message: "--leg: an order has a leg at least" })
  const other = terms.find((leg) => underlyingOf(leg) !== underlying)
  if (other !== undefined)
    return yield* new BadUsage({
      message: `--leg: ${symbolOf(other.instrumentId)} is not on ${symbolOf(underlying)}, and a payoff is of one underlying`
    })
  const spot = yield* spotNow(held, underlying)
  const { marks, now } = held.desk.prices
  const effect = yield* Effect.fromResult(
    orderEffect({
      positions: held.positions,
      legs: terms,
      units: order.units,
      fillPrices: order.fillPrices,
      spot,
      marks,
      now
    })
  )
  if (effect.payoffAfter === undefined) return yield* new BadUsage({ message: "nothing would be held" })
  const looked: Looked = {
    selection: held,
    underlying,
    spot,
    positions: effect.after.positions,
    payoff: effect.payoffAfter,
    marks: new Map([
      ...terms.flatMap(({ instrumentId }, at) => {
        const price = order.fillPrices[at]
        return price === undefined ? [] : [[instrumentId, price] as const]
      }),
      ...marks
    ]),
    modelled: yield* isModelled(effect.after.positions),
    effect,
    order: legText(order)
  }
  return looked
})

/** What is held by the name, and with legs an order beside it. */
export const lookAt = Effect.fnUntraced(function* (asked: {
  readonly name: Option.Option<string>
  readonly leg: ReadonlyArray<string>
  readonly units: number
}) {
  const held = yield* selection(asked.name, { orNothing: asked.leg.length > 0 })
  if (asked.leg.length === 0) return yield* withoutOrder(held)
  const [first] = held.positions
  const beside = first === undefined ? asked.name : Option.some(symbolOf(underlyingOf(first)))
  return yield* withOrder(held, yield* proposed(asked.leg, asked.units, beside))
})
