/**
 * What a position may gain and lose by a day: break-evens, greatest gain and loss, probability of profit.
 *
 * The day is the first expiry, or an earlier one. Where every option ends on that day the profit is piecewise linear
 * in the underlying's price, and all of it is exact: roots of lines, values at strikes, slopes beyond them. Legs that
 * live longer (a calendar) are valued by a model at their own volatility then; the profit is a smooth curve with
 * kinks, whose roots and extremes are searched on a grid and refined. `exact` says which it is.
 *
 * Profit is value less cost, without interest on either: as traders draw it.
 */
import { Result } from "effect"
import { normal } from "./kernels/Mills.ts"
import { type InvalidInputs, invalid, signOf } from "./OptionInputs.ts"
import {
  checkLegs,
  costOf,
  firstExpiry,
  inputsAt,
  type Leg,
  type LegModel,
  type OptionLeg,
  SAME_TIME_YEARS,
  sharesOf
} from "./Position.ts"

/** The best or the worst that can come; below zero is a loss. */
export type Extreme =
  | {
      readonly _tag: "Limited"
      /** Dollars of profit. */
      readonly profit: number
      /** The underlying's price there; undefined where it is only neared as the price rises without end. */
      readonly at: number | undefined
    }
  | { readonly _tag: "Unlimited" }

/** Prices with a profit above zero, without their ends; `to` is undefined where there is no end. */
export interface ProfitRange {
  readonly from: number
  readonly to: number | undefined
}

export interface Outcome {
  /** Years from now to the day. */
  readonly horizonYears: number
  /** Piecewise linear: exact to rounding. Otherwise to about 1e-9 of a price. */
  readonly exact: boolean
  /** Dollars paid; below zero when more was received. */
  readonly cost: number
  /** Prices without profit or loss, ascending. */
  readonly breakEvens: ReadonlyArray<number>
  readonly profitable: ReadonlyArray<ProfitRange>
  readonly maxGain: Extreme
  readonly maxLoss: Extreme
}

/** Profit as a function of the underlying's price. */
interface Curve {
  readonly exact: boolean
  readonly profit: (spot: number) => number
  /** Ascending from 0: where it may bend; of a smooth curve also a grid. */
  readonly points: ReadonlyArray<number>
  /** Beyond the last point it nears `intercept + slope · spot`. */
  readonly slope: number
  readonly intercept: number
  readonly farthestStrike: number
  /** Dollars that its sums may be off. */
  readonly rounding: number
}

/** Rounding of sums of so many dollars. */
const ROUNDING = 64 * Number.EPSILON

/** Steps of the grid on either side of the middle, and how far it reaches in deviations of the longest leg. */
const STEPS = 160
const REACH = 8
const HALVINGS = 80

const lives = (leg: OptionLeg, horizon: number): boolean => leg.years - horizon >= SAME_TIME_YEARS

const intrinsic = (leg: OptionLeg, spot: number): number =>
  Math.max(0, signOf(leg.right) * (spot - leg.strike))

/** The value of a leg at a price of zero, where no model is asked. */
const valueAtZero = (leg: OptionLeg, horizon: number): number => {
  if (leg.right === "CALL") return 0
  const discounted = leg.strike * Math.exp(-leg.rate * (leg.years - horizon))
  return leg.style === "AMERICAN" ? Math.max(leg.strike, discounted) : discounted
}

/** A call's line as the price rises without end: the share held or the call exercised, whichever is worth more. */
const callLine = (
  leg: OptionLeg,
  horizon: number
): { readonly slope: number; readonly intercept: number } => {
  const left = Math.max(0, leg.years - horizon)
  const slope = Math.exp(-leg.dividendYield * left)
  const strike = leg.strike * Math.exp(-leg.rate * left)
  if (leg.style === "EUROPEAN" || slope > 1) return { slope, intercept: -strike }
  return { slope: 1, intercept: slope < 1 ? -leg.strike : -Math.min(strike, leg.strike) }
}

const legValue = (leg: Leg, spot: number, horizon: number, model: LegModel): number => {
  if (leg._tag === "Shares") return spot
  if (!lives(leg, horizon)) return intrinsic(leg, spot)
  return spot > 0 ? model.price(inputsAt(leg, spot, horizon, 0), leg.style) : valueAtZero(leg, horizon)
}

const lineOf = (legs: ReadonlyArray<Leg>, horizon: number, cost: number) => {
  let slope = 0
  let intercept = -cost
  let shares = 0
  for (const leg of legs) {
    const held = sharesOf(leg)
    const line =
      leg._tag === "Shares"
        ? { slope: 1, intercept: 0 }
        : leg.right === "CALL"
          ? callLine(leg, horizon)
          : { slope: 0, intercept: 0 }
    slope += held * line.slope
    intercept += held * line.intercept
    shares += Math.abs(held)
  }
  return { slope: Math.abs(slope) <= ROUNDING * shares ? 0 : slope, intercept }
}

/** Prices from far below to far above, evenly by logarithm. */
const gridOf = (living: ReadonlyArray<OptionLeg>, horizon: number, spot: number): ReadonlyArray<number> => {
  let low = spot
  let high = spot
  let deviation = 0
  for (const { dividendYield, rate, strike, volatility, years } of living) {
    const left = years - horizon
    low = Math.min(low, strike)
    high = Math.max(high, strike)
    deviation = Math.max(deviation, volatility * Math.sqrt(left) + Math.abs(rate - dividendYield) * left)
  }
  const reach = Math.min(40, 1 + REACH * deviation)
  const [from, to] = [Math.log(low) - reach, Math.log(high) + reach]
  return Array.from({ length: 2 * STEPS + 1 }, (_, i) => Math.exp(from + ((to - from) * i) / (2 * STEPS)))
}

const curveOf = (legs: ReadonlyArray<Leg>, spot: number, horizon: number, model: LegModel): Curve => {
  const cost = costOf(legs)
  const options = legs.flatMap((leg) => (leg._tag === "Option" ? [leg] : []))
  const living = options.filter((leg) => lives(leg, horizon))
  const gross = legs.reduce(
    (sum, leg) => sum + Math.abs(sharesOf(leg)) * (leg.entryPrice + (leg._tag === "Option" ? leg.strike : 0)),
    0
  )
  const profit = (at: number): number => {
    let sum = -cost
    let size = gross
    for (const leg of legs) {
      const part = sharesOf(leg) * legValue(leg, at, horizon, model)
      sum += part
      size += Math.abs(part)
    }
    return Math.abs(sum) <= ROUNDING * size ? 0 : sum
  }
  const places = new Set([
    0,
    ...options.map(({ strike }) => strike),
    ...(living.length > 0 ? gridOf(living, horizon, spot) : [])
  ])
  return {
    exact: living.length === 0,
    profit,
    points: [...places].toSorted((a, b) => a - b),
    farthestStrike: options.reduce((far, { strike }) => Math.max(far, strike), 0),
    rounding: ROUNDING * gross,
    ...lineOf(legs, horizon, cost)
  }
}

/** The root between two prices whose profits have different signs. */
const rootBetween = (curve: Curve, from: number, to: number): number => {
  const [below, above] = [curve.profit(from), curve.profit(to)]
  if (curve.exact) {
    // From the end with the smaller profit: that is where rounding matters less.
    return Math.abs(below) <= Math.abs(above)
      ? from + ((to - from) * below) / (below - above)
      : to - ((to - from) * above) / (above - below)
  }
  let [low, high] = [from, to]
  for (let i = 0; i < HALVINGS && high - low > Number.EPSILON * high; i++) {
    const middle = low + (high - low) / 2
    if (curve.profit(middle) > 0 === below > 0) low = middle
    else high = middle
  }
  return low + (high - low) / 2
}

/** The root beyond the last point, where the curve's line has one. */
const rootBeyond = (curve: Curve, last: number): number | undefined => {
  const profit = curve.profit(last)
  if (profit * curve.slope >= 0) return undefined
  if (curve.exact) return last - profit / curve.slope
  let high = Math.max(last, 1) * 2
  for (let i = 0; i < HALVINGS && curve.profit(high) > 0 === profit > 0; i++) high *= 2
  return curve.profit(high) > 0 === profit > 0 ? undefined : rootBetween(curve, last, high)
}

const breakEvensOf = (curve: Curve): ReadonlyArray<number> => {
  const { points, profit } = curve
  const found: Array<number> = []
  const values = points.map(profit)
  for (const [i, at] of points.entries()) {
    const here = values[i] ?? 0
    const next = values[i + 1]
    if (here === 0) {
      // Inside a flat stretch at zero there is nothing to tell; its ends are told.
      const flat = values[i - 1] === 0 && (next === undefined ? curve.slope === 0 : next === 0)
      if (at > 0 && !flat) found.push(at)
    } else if (next !== undefined && here * next < 0) {
      found.push(rootBetween(curve, at, points[i + 1] ?? at))
    }
  }
  const beyond = rootBeyond(curve, points.at(-1) ?? 0)
  return beyond === undefined ? found : [...found, beyond]
}

const rangesOf = (curve: Curve, breakEvens: ReadonlyArray<number>): ReadonlyArray<ProfitRange> => {
  const ranges: Array<{ from: number; to: number | undefined }> = []
  const ends = [0, ...breakEvens]
  for (const [i, from] of ends.entries()) {
    const to = ends[i + 1]
    // Beyond every kink the sign no longer changes.
    const inside =
      to === undefined ? 2 * Math.max(from, curve.points.at(-1) ?? 0) + 1 : from + (to - from) / 2
    if (!(curve.profit(inside) > 0)) continue
    ranges.push({ from, to })
  }
  return ranges
}

const GOLDEN = (Math.sqrt(5) - 1) / 2

/** The greatest of `sign · profit` between the points beside a grid point that is the greatest of the three. */
const refined = (curve: Curve, sign: 1 | -1, from: number, to: number): number => {
  let [low, high] = [from, to]
  let inner = high - GOLDEN * (high - low)
  let outer = low + GOLDEN * (high - low)
  for (let i = 0; i < HALVINGS && high - low > 1e-10 * high; i++) {
    if (sign * curve.profit(inner) >= sign * curve.profit(outer)) {
      high = outer
      outer = inner
      inner = high - GOLDEN * (high - low)
    } else {
      low = inner
      inner = outer
      outer = low + GOLDEN * (high - low)
    }
  }
  return low + (high - low) / 2
}

const extremeOf = (curve: Curve, sign: 1 | -1): Extreme => {
  if (sign * curve.slope > 0) return { _tag: "Unlimited" }
  const { points, profit } = curve
  let best = { at: 0, profit: profit(0) }
  const look = (at: number): void => {
    const here = profit(at)
    if (sign * here > sign * best.profit) best = { at, profit: here }
  }
  points.forEach(look)
  if (!curve.exact) {
    const i = points.indexOf(best.at)
    const [before, after] = [points[i - 1] ?? best.at, points[i + 1] ?? best.at]
    look(refined(curve, sign, before, best.at))
    look(refined(curve, sign, best.at, after))
    look(refined(curve, sign, before, after))
    // What it nears and does not reach, except by rounding.
    const { farthestStrike, intercept } = curve
    const slack = best.at > farthestStrike ? curve.rounding : 0
    if (curve.slope === 0 && sign * intercept + slack > sign * best.profit) {
      return { _tag: "Limited", profit: intercept, at: undefined }
    }
  }
  return { _tag: "Limited", ...best }
}

/**
 * Break-evens, profitable prices, greatest gain and loss at the first expiry or at an earlier day.
 *
 * @param spot today's price of the underlying: the middle of what is searched where a curve is not linear
 * @param horizonYears from now; the first expiry when left out; needed for nothing where there are only shares
 */
export const outcomeOf = (
  legs: ReadonlyArray<Leg>,
  {
    horizonYears,
    model,
    spot
  }: { readonly spot: number; readonly model: LegModel; readonly horizonYears?: number }
): Result.Result<Outcome, InvalidInputs> =>
  Result.gen(function* () {
    if (!(spot > 0 && spot < Infinity))
      return yield* Result.fail(invalid("spot", spot, "a finite price above zero"))
    yield* checkLegs(legs, spot)
    const first = firstExpiry(legs)
    const horizon = horizonYears ?? first ?? 0
    if (!(horizon >= 0 && horizon <= (first ?? Number.MAX_VALUE) + SAME_TIME_YEARS)) {
      return yield* Result.fail(
        invalid(
          "horizonYears",
          horizon,
          first === undefined
            ? "a finite time, zero or more"
            : `a time from 0 to the first expiry, ${first} years`
        )
      )
    }
    const curve = curveOf(legs, spot, horizon, model)
    const breakEvens = breakEvensOf(curve)
    return {
      horizonYears: horizon,
      exact: curve.exact,
      cost: costOf(legs),
      breakEvens,
      profitable: rangesOf(curve, breakEvens),
      maxGain: extremeOf(curve, 1),
      maxLoss: extremeOf(curve, -1)
    }
  })

/**
 * The probability of a profit at the outcome's day, the underlying being lognormal with this volatility and growing
 * at rate less yield: what the option market pays for, not a forecast. From 0 to 1.
 */
export const probabilityOfProfit = (
  { horizonYears, profitable }: Pick<Outcome, "horizonYears" | "profitable">,
  market: {
    readonly spot: number
    readonly rate: number
    readonly dividendYield: number
    readonly volatility: number
  }
): Result.Result<number, InvalidInputs> =>
  Result.gen(function* () {
    const { dividendYield, rate, spot, volatility } = market
    // The strike is any that would be one: the law has none.
    yield* checkLegs(
      [
        {
          ...market,
          _tag: "Option",
          right: "CALL",
          strike: 1,
          years: horizonYears,
          style: "EUROPEAN",
          quantity: 1,
          multiplier: 1,
          entryPrice: 0
        }
      ],
      spot
    )
    const deviation = volatility * Math.sqrt(horizonYears)
    const growth = (rate - dividendYield) * horizonYears
    if (deviation === 0) {
      const forward = spot * Math.exp(growth)
      return profitable.some(({ from, to = Infinity }) => from < forward && forward < to) ? 1 : 0
    }
    // Standard deviations from the median.
    const place = (price: number): number =>
      price === 0 ? -Infinity : (Math.log(price / spot) - growth + (deviation * deviation) / 2) / deviation
    let probability = 0
    for (const { from, to } of profitable) {
      const low = place(from)
      const high = to === undefined ? Infinity : place(to)
      // By the tail it lies in, where its digits are.
      probability += low > 0 ? normal(-low) - normal(-high) : normal(high) - normal(low)
    }
    return Math.min(1, Math.max(0, probability))
  })
