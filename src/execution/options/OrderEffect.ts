/**
 * What an order would make of what is held in its underlying: the structures, the most to gain and to lose, the
 * break-evens and the Greeks, before and after it fills.
 *
 * Profit is counted from what was paid for everything, and the order's fills are beside what is held: what it closes
 * keeps its profit or loss in the figures after it. Floats: analytics; the rules have their own worst case.
 */
import { Result } from "effect"
import { type InstrumentId } from "../../domain/Identifiers.ts"
import { MICROS, money, type Price, signedQuantity, zeroMoney } from "../../domain/Money.ts"
import { underlyingOf } from "../../domain/OptionContract.ts"
import { type LegTerms, legSign } from "../../domain/OrderLeg.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { Outcome } from "../../options/Payoff.ts"
import { structuresOf } from "../../portfolio/options/Holdings.ts"
import {
  PayoffUnknown,
  positionPayoff,
  type PositionPayoff,
  valuedPosition
} from "../../portfolio/options/PositionPayoff.ts"
import type { Position } from "../../portfolio/Position.ts"
import { greeksOf, type ShareGreeks, together } from "./AccountGreeks.ts"

export interface EffectRequest {
  /** What is held; of other underlyings nothing is looked at. */
  readonly positions: ReadonlyArray<Position>
  /** Of the order, with the terms of its contracts; an order for one instrument has one leg with a ratio of 1. */
  readonly legs: ReadonlyArray<LegTerms>
  /** Units that would fill: contracts or shares of a leg are this times its ratio. */
  readonly units: number
  /** What each leg would fill at, dollars a share in micros, in the order of the legs. */
  readonly fillPrices: ReadonlyArray<Price>
  /** The underlying's price. */
  readonly spot: Price
  /** Of what is held. */
  readonly marks: ReadonlyMap<InstrumentId, Price>
  /** Market time. */
  readonly now: Timestamp
}

/** A position in one underlying, as it stands. */
export interface PositionPicture {
  /** "AAPL bull put vertical 2014-06-13 90/85", with how often: "2 × …"; empty where nothing is held. */
  readonly structures: ReadonlyArray<string>
  /** What is held; of an instrument one position. */
  readonly positions: ReadonlyArray<Position>
  /** At the first expiry; undefined where nothing is held. */
  readonly outcome: Outcome | undefined
  readonly probability: number | undefined
  readonly greeks: ShareGreeks
}

export interface OrderEffect {
  readonly underlying: InstrumentId
  readonly before: PositionPicture
  readonly after: PositionPicture
  /** The positions behind the pictures, for a chart; undefined where nothing is held. */
  readonly payoffBefore: PositionPayoff | undefined
  readonly payoffAfter: PositionPayoff | undefined
}

const fillOf = (
  { contract, instrumentId, multiplier, ratio, side }: LegTerms,
  units: number,
  price: Price
): Position => {
  const quantity = legSign({ instrumentId, side, ratio }) * Math.round(ratio * units * MICROS)
  return {
    instrumentId,
    multiplier,
    ...(contract === undefined ? {} : { contract }),
    quantity: signedQuantity(quantity),
    cost: money(Math.round((price * quantity * multiplier) / MICROS)),
    realised: zeroMoney,
    realisedFifo: zeroMoney,
    lots: []
  }
}

/** Positions of one instrument as one; those that come to nothing are gone. */
const netted = (positions: ReadonlyArray<Position>): ReadonlyArray<Position> => {
  const byId = new Map<InstrumentId, Position>()
  for (const position of positions) {
    const held = byId.get(position.instrumentId)
    byId.set(
      position.instrumentId,
      held === undefined
        ? position
        : {
            ...held,
            quantity: signedQuantity(held.quantity + position.quantity),
            cost: money(held.cost + position.cost)
          }
    )
  }
  return [...byId.values()].filter(({ quantity }) => quantity !== 0)
}

const titlesOf = (positions: ReadonlyArray<Position>): ReadonlyArray<string> =>
  structuresOf(positions).map(({ structure: { name, title, units } }) =>
    units === 1 ? title : name === "SHARES" ? `${units} ${title}` : `${units} × ${title}`
  )

interface Seen {
  readonly picture: PositionPicture
  readonly payoff: PositionPayoff | undefined
}

/** `trades` are the positions and fills that the profit is counted over. */
const look = (
  trades: ReadonlyArray<Position>,
  marks: ReadonlyMap<InstrumentId, Price>,
  { now, spot }: EffectRequest
): Result.Result<Seen, PayoffUnknown> =>
  Result.gen(function* () {
    const held = netted(trades)
    const greeks = together(
      held.flatMap((position) => {
        const found = greeksOf(position, { mark: marks.get(position.instrumentId), spot, now })
        return found === undefined ? [] : [found]
      })
    )
    if (trades.length === 0)
      return {
        picture: { structures: [], positions: [], outcome: undefined, probability: undefined, greeks },
        payoff: undefined
      }
    const payoff = yield* Result.flatMap(valuedPosition(trades, { now, spot, marks }), positionPayoff)
    return {
      picture: {
        structures: titlesOf(held),
        positions: held,
        outcome: payoff.outcome,
        probability: payoff.probability,
        greeks
      },
      payoff
    }
  })

/** Before and after; fails where something that is held has no price. */
export const orderEffect = (request: EffectRequest): Result.Result<OrderEffect, PayoffUnknown> =>
  Result.gen(function* () {
    const { fillPrices, legs, units } = request
    const [first] = legs
    if (first === undefined)
      return yield* Result.fail(new PayoffUnknown({ message: "an order without legs changes nothing" }))
    const fills: Array<Position> = []
    const marks = new Map(request.marks)
    for (const [i, leg] of legs.entries()) {
      const price = fillPrices[i]
      if (price === undefined)
        return yield* Result.fail(
          new PayoffUnknown({ message: `${leg.instrumentId} has no price to fill at` })
        )
      fills.push(fillOf(leg, units, price))
      if (!marks.has(leg.instrumentId)) marks.set(leg.instrumentId, price)
    }
    const underlying =
      legs.find(({ contract }) => contract !== undefined)?.contract?.underlying ?? first.instrumentId
    const held = request.positions.filter(
      (position) => position.quantity !== 0 && underlyingOf(position) === underlying
    )
    const before = yield* look(held, marks, request)
    const after = yield* look(
      [...held, ...fills.filter((fill) => underlyingOf(fill) === underlying)],
      marks,
      request
    )
    return {
      underlying,
      before: before.picture,
      after: after.picture,
      payoffBefore: before.payoff,
      payoffAfter: after.payoff
    }
  })
