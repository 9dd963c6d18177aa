/**
 * What a position in one underlying gains and loses: now, and as its options end.
 *
 * Each option is valued by the volatility that its mark has (the model of `options/LegModel`, the policy rate, no
 * dividends), so that the position now is worth what the books say. One whose mark has no volatility in it is worth its
 * intrinsic value. Cost is the books'. Floats: analytics.
 */
import { Result, Schema } from "effect"
import { type InstrumentId, symbolOf } from "../../domain/Identifiers.ts"
import { MICROS, type Price } from "../../domain/Money.ts"
import type { OptionContract } from "../../domain/OptionContract.ts"
import { type Timestamp } from "../../domain/Timestamp.ts"
import { yearsLeft } from "../../market/ContractTime.ts"
import { policyRate } from "../../market/PolicyRate.ts"
import { exchangeDate } from "../../market/TradingCalendar.ts"
import { americanVolatility } from "../../options/AmericanImpliedVolatility.ts"
import { legModel } from "../../options/LegModel.ts"
import type { InvalidInputs } from "../../options/OptionInputs.ts"
import { type Outcome, outcomeOf, probabilityOfProfit } from "../../options/Payoff.ts"
import { costOf, inputsAt, type Leg, type OptionLeg, sharesOf } from "../../options/Position.ts"
import {
  positionGreeks,
  type PositionGreeks,
  type ScenarioAxes,
  scenarioGrid,
  type ScenarioGrid
} from "../../options/Scenario.ts"

/** What is held, or would be, of one instrument. */
export interface PayoffPart {
  readonly instrumentId: InstrumentId
  readonly multiplier: number
  readonly contract?: OptionContract
  /** Micros of contracts or shares, signed. */
  readonly quantity: number
  /** Micros of a dollar, signed as the quantity. */
  readonly cost: number
}

export interface PayoffMarket {
  readonly now: Timestamp
  /** The underlying's price. */
  readonly spot: Price
  readonly marks: ReadonlyMap<InstrumentId, Price>
}

/** Why a position's payoff is not known. */
export class PayoffUnknown extends Schema.TaggedError<PayoffUnknown>()("PayoffUnknown", {
  message: Schema.String
}) {}

/** A position that can be valued at any price and time. */
export interface ValuedPosition {
  readonly legs: ReadonlyArray<Leg>
  /** Dollars a share. */
  readonly spot: number
  /** Per year, continuously compounded. */
  readonly rate: number
  /** The contract of each option leg, and when it settles in years. */
  readonly expiries: ReadonlyArray<{ readonly expiry: string; readonly years: number }>
  /** What a reader has to know of it. */
  readonly notes: ReadonlyArray<string>
}

/** The one that positions and orders are looked at by. */
export const payoffModel = legModel("fast")

/**
 * A contract for c shares and some cash at a strike is one for c shares at a strike of (strike × multiplier − cash) ÷ c.
 */
const perShare = ({ contract, multiplier }: PayoffPart & { readonly contract: OptionContract }) => {
  const shares = contract.deliverable / MICROS
  return { shares, strike: (contract.strike * multiplier - contract.deliverableCash) / MICROS / shares }
}

const optionLeg = (
  part: PayoffPart & { readonly contract: OptionContract },
  { marks, now, spot }: PayoffMarket,
  rate: number,
  notes: Set<string>
): Result.Result<OptionLeg, PayoffUnknown> => {
  const { contract, cost, instrumentId, multiplier, quantity } = part
  const mark = marks.get(instrumentId)
  const unknown = (why: string) =>
    Result.fail(new PayoffUnknown({ message: `${symbolOf(instrumentId)} ${why}` }))
  if (mark === undefined) return unknown("has no price")
  const { shares, strike } = perShare(part)
  if (!(shares > 0 && strike > 0)) return unknown("delivers nothing that a price decides")
  const years = Math.max(0, yearsLeft(contract, now))
  if (!Number.isFinite(years)) return unknown("ends outside the calendar")
  const contracts = quantity / MICROS
  const terms = { right: contract.right, spot: spot / MICROS, strike, years, rate, dividendYield: 0 }
  const found = americanVolatility({
    terms,
    price: (mark * multiplier) / MICROS / shares,
    style: contract.style === "AMERICAN" ? "american" : "european",
    accuracy: "fast"
  })
  const volatility =
    Result.isSuccess(found) && found.success.volatility._tag === "Ok"
      ? found.success.volatility.volatility
      : 0
  if (volatility === 0 && years > 0)
    notes.add(`${symbolOf(instrumentId)} has no time value at its mark: it is valued at what exercise gives`)
  return Result.succeed({
    _tag: "Option",
    ...terms,
    volatility,
    style: contract.style,
    quantity: contracts,
    multiplier: shares,
    entryPrice: contracts === 0 ? 0 : cost / MICROS / (contracts * shares)
  })
}

const hasContract = (part: PayoffPart): part is PayoffPart & { readonly contract: OptionContract } =>
  part.contract !== undefined

const shareLeg = ({ cost, quantity }: PayoffPart): Leg => ({
  _tag: "Shares",
  quantity: quantity / MICROS,
  entryPrice: quantity === 0 ? 0 : cost / quantity
})

/** The parts as legs that can be valued. Fails where one has no price. */
export const valuedPosition = (
  parts: ReadonlyArray<PayoffPart>,
  market: PayoffMarket
): Result.Result<ValuedPosition, PayoffUnknown> =>
  Result.gen(function* () {
    const { rate } = policyRate(exchangeDate(market.now))
    const notes = new Set<string>()
    const legs: Array<Leg> = []
    const expiries = new Map<string, number>()
    for (const part of parts) {
      if (!hasContract(part)) {
        legs.push(shareLeg(part))
        continue
      }
      const leg = yield* optionLeg(part, market, rate, notes)
      legs.push(leg)
      expiries.set(part.contract.expiry, leg.years)
    }
    return {
      legs,
      spot: market.spot / MICROS,
      rate,
      expiries: Array.from(expiries, ([expiry, years]) => ({ expiry, years })).toSorted(
        (a, b) => a.years - b.years
      ),
      notes: [...notes]
    }
  })

/** What a position comes to now and at its first expiry. */
export interface PositionPayoff {
  readonly position: ValuedPosition
  /** Dollars, per year and per 1.00; delta in shares. */
  readonly now: PositionGreeks
  /** At the first expiry. */
  readonly outcome: Outcome
  /** Of a profit at the first expiry; undefined without options. */
  readonly probability: number | undefined
  /** The volatility that it is by: the options' own, weighted by vega. */
  readonly volatility: number | undefined
}

const unusable = ({ message }: InvalidInputs): PayoffUnknown =>
  new PayoffUnknown({ message: `the position cannot be valued: ${message}` })

/** The legs' volatilities weighted by their vegas; plainly where none has any. */
const typicalVolatility = (legs: ReadonlyArray<Leg>, spot: number): number | undefined => {
  let weights = 0
  let sum = 0
  let count = 0
  let plain = 0
  for (const leg of legs) {
    if (leg._tag === "Shares" || leg.volatility === 0) continue
    const { vega } = payoffModel.greeks(inputsAt(leg, spot, 0, 0), leg.style)
    const weight = Math.abs(sharesOf(leg) * vega)
    weights += weight
    sum += weight * leg.volatility
    count += 1
    plain += leg.volatility
  }
  if (count === 0) return undefined
  return weights > 0 ? sum / weights : plain / count
}

export const positionPayoff = (position: ValuedPosition): Result.Result<PositionPayoff, PayoffUnknown> =>
  Result.mapError(
    Result.gen(function* () {
      const { legs, rate, spot } = position
      const outcome = yield* outcomeOf(legs, { spot, model: payoffModel })
      const volatility = typicalVolatility(legs, spot)
      const probability =
        volatility === undefined
          ? undefined
          : yield* probabilityOfProfit(outcome, { spot, rate, dividendYield: 0, volatility })
      return {
        position,
        now: positionGreeks(legs, { spot, volatilityShift: 0, elapsedYears: 0 }, payoffModel),
        outcome,
        probability,
        volatility
      }
    }),
    unusable
  )

/** Profit by the underlying's price, at one time. */
export interface PayoffCurve {
  /** Undefined: now. */
  readonly expiry: string | undefined
  readonly years: number
  /** Dollars, one for each of the prices. */
  readonly profits: ReadonlyArray<number>
}

/** Expiries that have a curve of their own: the first ones. */
export const MAX_CURVES = 4

/** Prices of a curve, evenly; strikes and break-evens are there besides. */
const CURVE_STEPS = 120

/** About the strikes, the break-evens and the price now, with room on either side. */
const pricesOf = ({ legs, spot }: ValuedPosition, { breakEvens }: Outcome): ReadonlyArray<number> => {
  const strikes = legs.flatMap((leg) => (leg._tag === "Option" ? [leg.strike] : []))
  const near = breakEvens.filter((price) => price > spot / 2 && price < 2 * spot)
  const places = [spot, ...strikes, ...near]
  const low = Math.min(...places)
  const high = Math.max(...places)
  const room = Math.max(0.35 * (high - low), 0.08 * spot)
  const from = Math.max(0.01, low - room)
  const even = Array.from(
    { length: CURVE_STEPS + 1 },
    (_, i) => from + ((high + room - from) * i) / CURVE_STEPS
  )
  return [...new Set([...even, ...places])].toSorted((a, b) => a - b)
}

const profitAt = (legs: ReadonlyArray<Leg>, cost: number, spot: number, elapsed: number): number => {
  let value = 0
  for (const leg of legs)
    value +=
      sharesOf(leg) *
      (leg._tag === "Shares" ? spot : payoffModel.price(inputsAt(leg, spot, elapsed, 0), leg.style))
  return value - cost
}

/**
 * Profit now and at each of the first expiries, at prices about those that matter or at those given. After the first
 * expiry it is of options that ended before at the same price: as if the price had stood there since.
 */
export const payoffCurves = (
  { outcome, position }: Pick<PositionPayoff, "position" | "outcome">,
  at?: ReadonlyArray<number>
): { readonly prices: ReadonlyArray<number>; readonly curves: ReadonlyArray<PayoffCurve> } => {
  const { expiries, legs } = position
  const cost = costOf(legs)
  const prices = at ?? pricesOf(position, outcome)
  const times = [{ expiry: undefined, years: 0 }, ...expiries.slice(0, MAX_CURVES)]
  return {
    prices,
    curves: times.map(({ expiry, years }) => ({
      expiry,
      years,
      profits: prices.map((price) => profitAt(legs, cost, price, years))
    }))
  }
}

/** The position over prices, changes of volatility and times up to the first expiry. */
export const whatIf = (
  { legs }: ValuedPosition,
  axes: ScenarioAxes
): Result.Result<ScenarioGrid, PayoffUnknown> =>
  Result.mapError(scenarioGrid(legs, axes, payoffModel), unusable)
