/**
 * A position's value, profit and Greeks over a grid of prices, volatilities and times.
 *
 * Each cell reprices every leg at that price, its own volatility moved by the cell's shift (all legs by the same, never
 * below zero; a strike keeps its volatility as the price moves), and so much later. Rates and yields stay.
 */
import { Result } from "effect"
import { type InvalidInputs, invalid } from "./OptionInputs.ts"
import {
  checkLegs,
  costOf,
  firstExpiry,
  inputsAt,
  MAX_PRICE,
  type Leg,
  type LegModel,
  SAME_TIME_YEARS,
  sharesOf
} from "./Position.ts"

export interface ScenarioAxes {
  /** Dollars a share. */
  readonly spots: ReadonlyArray<number>
  /** Added to each leg's volatility, per 1.00: 0.05 is five points. */
  readonly volatilityShifts: ReadonlyArray<number>
  /** Years from now; at most the first expiry. */
  readonly elapsedYears: ReadonlyArray<number>
}

/** Dollars of the whole position, per year and per 1.00; delta is in shares. */
export interface PositionGreeks {
  readonly value: number
  readonly delta: number
  readonly gamma: number
  readonly vega: number
  readonly theta: number
  readonly rho: number
  readonly vanna: number
  readonly volga: number
}

export interface ScenarioCell extends PositionGreeks {
  readonly spot: number
  readonly volatilityShift: number
  readonly elapsedYears: number
  /** Value less cost. */
  readonly profit: number
}

export interface ScenarioGrid extends ScenarioAxes {
  /** Dollars paid for the position; below zero when more was received. */
  readonly cost: number
  /** By time, in it by volatility, in it by price. */
  readonly cells: ReadonlyArray<ScenarioCell>
}

/** Cells of a grid. */
export const MAX_CELLS = 100_000

/** The position's value and Greeks at one price, time and shift of volatility; legs are such as `checkLegs` lets pass. */
export const positionGreeks = (
  legs: ReadonlyArray<Leg>,
  at: { readonly spot: number; readonly volatilityShift: number; readonly elapsedYears: number },
  model: LegModel
): PositionGreeks => {
  const sum = { value: 0, delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0, vanna: 0, volga: 0 }
  for (const leg of legs) {
    const shares = sharesOf(leg)
    if (leg._tag === "Shares") {
      sum.value += shares * at.spot
      sum.delta += shares
      continue
    }
    const of = model.greeks(inputsAt(leg, at.spot, at.elapsedYears, at.volatilityShift), leg.style)
    sum.value = bounded(sum.value + bounded(shares * of.price))
    sum.delta = bounded(sum.delta + bounded(shares * of.delta))
    sum.gamma = bounded(sum.gamma + bounded(shares * of.gamma))
    sum.vega = bounded(sum.vega + bounded(shares * of.vega))
    sum.theta = bounded(sum.theta + bounded(shares * of.theta))
    sum.rho = bounded(sum.rho + bounded(shares * of.rho))
    sum.vanna = bounded(sum.vanna + bounded(shares * of.vanna))
    sum.volga = bounded(sum.volga + bounded(shares * of.volga))
  }
  return sum
}

/** Greeks of a price near zero may be the greatest double there is. */
const bounded = (value: number): number => Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value))

const wrongAxis = (
  { elapsedYears, spots, volatilityShifts }: ScenarioAxes,
  last: number
): InvalidInputs | undefined => {
  const spot = spots.find((value) => !(value > 0 && value <= MAX_PRICE))
  if (spot !== undefined) return invalid("spots", spot, "finite prices above zero")
  const shift = volatilityShifts.find((value) => !(Math.abs(value) < Infinity))
  if (shift !== undefined) return invalid("volatilityShifts", shift, "finite changes of volatility")
  const time = elapsedYears.find((value) => !(value >= 0 && value <= last + SAME_TIME_YEARS))
  if (time !== undefined) {
    return invalid(
      "elapsedYears",
      time,
      last < Number.MAX_VALUE
        ? `times from 0 to the first expiry, ${last} years`
        : "finite times, zero or more"
    )
  }
  const cells = spots.length * volatilityShifts.length * elapsedYears.length
  return cells >= 1 && cells <= MAX_CELLS
    ? undefined
    : invalid("cells", cells, `a grid of 1 to ${MAX_CELLS} cells`)
}

/** Every cell of the axes. Fails on the first leg or axis that makes no sense. */
export const scenarioGrid = (
  legs: ReadonlyArray<Leg>,
  axes: ScenarioAxes,
  model: LegModel
): Result.Result<ScenarioGrid, InvalidInputs> =>
  Result.gen(function* () {
    const wrong = wrongAxis(axes, firstExpiry(legs) ?? Number.MAX_VALUE)
    if (wrong !== undefined) return yield* Result.fail(wrong)
    // The legs are the same at each price.
    yield* checkLegs(legs, axes.spots[0] ?? 1)
    const cost = costOf(legs)
    const cells: Array<ScenarioCell> = []
    for (const elapsedYears of axes.elapsedYears) {
      for (const volatilityShift of axes.volatilityShifts) {
        for (const spot of axes.spots) {
          const at = { spot, volatilityShift, elapsedYears }
          const greeks = positionGreeks(legs, at, model)
          cells.push({ ...at, ...greeks, profit: greeks.value - cost })
        }
      }
    }
    return { ...axes, cost, cells }
  })
