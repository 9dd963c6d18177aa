/**
 * SVI fitted to one expiry's quotes without butterfly arbitrage, and without
 * calendar arbitrage against the expiry before it.
 *
 * Three steps. (1) A first guess by the quasi-explicit method (De Marco and
 * Martini, "Quasi-explicit calibration of Gatheral's SVI model", Zeliade 2009):
 * for a centre and a width the other three parameters are linear. (2) Least
 * squares in coordinates that cannot leave the valid slices: the wings' slopes
 * between 0 and 2, the least variance and the width above zero. Durrleman's
 * function below a margin, and variance below that of the expiry before, are
 * further residuals. (3) The result is looked at on a finer grid; where it
 * fails, the residuals of step 2 weigh more and their margins grow, and in the
 * end the slice is drawn towards one that is known to be free of both.
 */
import { type Bounds, boundsOf, FINER, isFree, type MoneynessRange } from "./SviBounds.ts"
import { leastSquares, solvePositive } from "./LeastSquares.ts"
import { durrleman, fromWings, leastVariance, sviCurve, type SviSlice, sviVariance, wings } from "./Svi.ts"

/** One expiry's quotes, as columns. */
export interface SmileColumns {
  readonly years: number
  /** ln(strike ÷ forward), ascending. */
  readonly moneyness: Float64Array
  readonly volatility: Float64Array
  /** What each residual is multiplied with; their squares sum to one. */
  readonly weight: Float64Array
}

/** Steepest slope of total variance in a wing: Lee's bound with room for rounding. */
const STEEPEST = 1.99
const FLATTEST = 1e-9
const LEAST_VARIANCE = 1e-10
/**
 * Shares of the quoted range that the width may have. A wider hyperbola is a
 * parabola where there are quotes, and anything beyond them.
 */
const NARROWEST = 0.005
const WIDEST = 0.75

const logistic = (x: number): number => 1 / (1 + Math.exp(-x))
const logit = (p: number): number => {
  const bounded = Math.min(Math.max(p, 1e-12), 1 - 1e-12)
  return Math.log(bounded / (1 - bounded))
}

/** What the unknowns are measured by. */
interface Scale {
  /** Width of the quoted log-moneyness. */
  readonly span: number
}

const wing = (u: number): number => FLATTEST + (STEEPEST - FLATTEST) * logistic(u)
const fromWing = (slope: number): number => logit((slope - FLATTEST) / (STEEPEST - FLATTEST))

/** Unknowns (any real numbers) to a valid slice. */
const toSlice = (x: Float64Array, { span }: Scale): SviSlice =>
  fromWings(wing(x[0] ?? 0), wing(x[1] ?? 0), {
    width: span * NARROWEST * (WIDEST / NARROWEST) ** logistic(x[2] ?? 0),
    m: span * (x[3] ?? 0),
    least: LEAST_VARIANCE + Math.exp(x[4] ?? 0)
  })

const fromSlice = (slice: SviSlice, { span }: Scale): Float64Array => {
  const { left, right } = wings(slice)
  return Float64Array.of(
    fromWing(left),
    fromWing(right),
    logit(Math.log(slice.width / span / NARROWEST) / Math.log(WIDEST / NARROWEST)),
    slice.m / span,
    Math.log(Math.max(leastVariance(slice) - LEAST_VARIANCE, 1e-12))
  )
}

/** The best of a grid of centres and widths, the rest by linear least squares; clamped to a valid slice. */
const firstGuess = ({ moneyness, volatility, weight, years }: SmileColumns): SviSlice => {
  const low = moneyness[0] ?? 0
  const high = moneyness[moneyness.length - 1] ?? 0
  const span = Math.max(high - low, 1e-3)
  let best: SviSlice = { a: 0, b: FLATTEST, rho: 0, m: 0, width: span }
  let bestCost = Infinity
  const matrix = new Float64Array(9)
  const right = new Float64Array(3)
  for (const place of [0, 0.2, 0.35, 0.5, 0.65, 0.8, 1]) {
    const m = low + place * span
    for (const share of [0.03, 0.1, 0.25, 0.6, 1.5]) {
      const width = share * span
      matrix.fill(0)
      right.fill(0)
      for (let i = 0; i < moneyness.length; i++) {
        const y = ((moneyness[i] ?? 0) - m) / width
        const root = Math.sqrt(y * y + 1)
        const vol = volatility[i] ?? 0
        const u = ((weight[i] ?? 0) / (2 * vol * years)) ** 2
        const w = vol * vol * years
        matrix[0] = (matrix[0] ?? 0) + u
        matrix[3] = (matrix[3] ?? 0) + u * y
        matrix[4] = (matrix[4] ?? 0) + u * y * y
        matrix[6] = (matrix[6] ?? 0) + u * root
        matrix[7] = (matrix[7] ?? 0) + u * root * y
        matrix[8] = (matrix[8] ?? 0) + u * root * root
        right[0] = (right[0] ?? 0) + u * w
        right[1] = (right[1] ?? 0) + u * w * y
        right[2] = (right[2] ?? 0) + u * w * root
      }
      for (const i of [0, 4, 8]) matrix[i] = (matrix[i] ?? 0) * (1 + 1e-10)
      if (!solvePositive(matrix, right)) continue
      const c = Math.min(Math.max(right[2] ?? 0, FLATTEST), STEEPEST * width)
      const d = Math.min(Math.max(right[1] ?? 0, -0.999 * c), 0.999 * c)
      const b = c / width
      const rho = d / c
      const least = Math.max((right[0] ?? 0) + Math.sqrt(c * c - d * d), 10 * LEAST_VARIANCE)
      const slice = { a: least - Math.sqrt(c * c - d * d), b, rho, m, width }
      let cost = 0
      for (let i = 0; i < moneyness.length; i++) {
        const fitted = Math.sqrt(sviVariance(slice, moneyness[i] ?? 0) / years)
        cost += ((weight[i] ?? 0) * (fitted - (volatility[i] ?? 0))) ** 2
      }
      if (cost < bestCost) {
        bestCost = cost
        best = slice
      }
    }
  }
  return best
}

/** How strictly a fit keeps to its bounds. */
interface Strictness {
  readonly penalty: number
  /** What Durrleman's function has to stay above, and the variance above that of the expiry before, as a share. */
  readonly density: number
  readonly calendar: number
}

/** One after the other until the result is free of arbitrage: between the places looked at it may dip. */
const strictnesses: ReadonlyArray<Strictness> = [
  { penalty: 1, density: 1e-3, calendar: 1e-6 },
  { penalty: 10, density: 3e-3, calendar: 1e-4 },
  { penalty: 100, density: 1e-2, calendar: 1e-3 },
  { penalty: 1000, density: 2e-2, calendar: 5e-3 }
]

/** Residuals of the quotes, the density, the expiry before, the time between, and those after, in this order. */
const residualsOf = (
  { moneyness, volatility, weight, years }: SmileColumns,
  scale: Scale,
  {
    above,
    bounds: { before, near, wide },
    strictness: { calendar, density, penalty }
  }: {
    readonly bounds: Bounds
    /** Total variance of later expiries at the near places; Infinity where none is known. */
    readonly above: Float64Array
    readonly strictness: Strictness
  }
) => {
  const n = moneyness.length
  const earlier = before === undefined ? [] : Array.from(near, (k) => sviCurve(before, k))
  const short = (value: number) => (value < density ? penalty * (density - value) : 0)
  const softly = 1 / Math.sqrt(near.length)
  return (x: Float64Array, out: Float64Array): void => {
    const slice = toSlice(x, scale)
    const { a, b, m, rho, width } = slice
    for (let i = 0; i < n; i++) {
      const z = (moneyness[i] ?? 0) - m
      const variance = a + b * (rho * z + Math.sqrt(z * z + width * width))
      out[i] = (weight[i] ?? 0) * (Math.sqrt(Math.max(variance, 0) / years) - (volatility[i] ?? 0))
    }
    let place = n
    for (let j = 0; j < wide.length; j++) {
      const k = wide[j] ?? 0
      const { curvature, slope, variance } = sviCurve(slice, k)
      out[place++] = short(durrleman(k, variance, slope, curvature))
    }
    for (let j = 0; j < near.length; j++) {
      const k = near[j] ?? 0
      const { curvature, slope, variance } = sviCurve(slice, k)
      const was = earlier[j]
      const needed = (was?.variance ?? 0) * (1 + calendar)
      out[place++] = variance < needed ? (penalty * (needed - variance)) / (2 * Math.sqrt(years * needed)) : 0
      out[place++] =
        was === undefined
          ? 0
          : short(
              durrleman(
                k,
                (variance + was.variance) / 2,
                (slope + was.slope) / 2,
                (curvature + was.curvature) / 2
              )
            )
      const most = above[j] ?? Infinity
      out[place++] = variance > most ? (softly * (variance - most)) / (2 * Math.sqrt(years * most)) : 0
    }
  }
}

/** Between a slice that is free of arbitrage and one that is not: the closest to the second that is. */
const drawnBack = (free: SviSlice, wanted: SviSlice, scale: Scale, bounds: Bounds): SviSlice => {
  const from = fromSlice(free, scale)
  const to = fromSlice(wanted, scale)
  let low = 0
  let high = 1
  let best = free
  for (let turn = 0; turn < 30; turn++) {
    const share = (low + high) / 2
    const slice = toSlice(
      from.map((value, i) => value + share * ((to[i] ?? 0) - value)),
      scale
    )
    if (isFree(slice, bounds)) {
      low = share
      best = slice
    } else high = share
  }
  return best
}

/** A slice known to be free of arbitrage: the one before, lifted to these quotes where it can be, or a flat one. */
const anchorOf = ({ moneyness, volatility, weight, years }: SmileColumns, bounds: Bounds): SviSlice => {
  const { before } = bounds
  const mean = (of: (i: number) => number) =>
    volatility.reduce((sum, _, i) => sum + (weight[i] ?? 0) ** 2 * of(i), 0)
  const variance = (i: number) => (volatility[i] ?? 0) ** 2 * years
  if (before === undefined) {
    return { a: mean(variance), b: 2 * FLATTEST, rho: 0, m: 0, width: 0.1 }
  }
  const lift = mean((i) => variance(i) - sviVariance(before, moneyness[i] ?? 0))
  const lifted = { ...before, a: before.a + Math.max(lift, 0) }
  return isFree(lifted, bounds) ? lifted : before
}

/** Weighted mean of the squared errors in volatility. */
const costOf =
  ({ moneyness, volatility, weight, years }: SmileColumns) =>
  (slice: SviSlice): number => {
    let sum = 0
    for (let i = 0; i < moneyness.length; i++) {
      const fitted = Math.sqrt(Math.max(sviVariance(slice, moneyness[i] ?? 0), 0) / years)
      sum += ((weight[i] ?? 0) * (fitted - (volatility[i] ?? 0))) ** 2
    }
    return sum
  }

/** Other starts are not tried where the bounds cost no more than this, against the fit without neighbours. */
const GOOD_ENOUGH = 1.2

export interface SviFit {
  readonly slice: SviSlice
  /** The fit itself had arbitrage left: this is the nearest found that has none. */
  readonly isDrawnBack: boolean
}

/**
 * The slice that fits best of those without arbitrage.
 *
 * `before` is the slice of the expiry before, itself without butterfly
 * arbitrage; on `range`, log-moneyness, there must be no calendar arbitrage
 * against it. `above` is the total variance that later expiries have, as far
 * as it is known: a wing that has no quotes of its own is kept below it.
 * `alone` is the same expiry's fit without any of these.
 */
export const fitSvi = (
  columns: SmileColumns,
  {
    above,
    alone,
    before,
    range
  }: {
    readonly alone: SviSlice | undefined
    readonly before: SviSlice | undefined
    readonly range: MoneynessRange
    readonly above: (k: number) => number
  }
): SviFit => {
  const scale = { span: Math.max(range.high - range.low, 1e-3) }
  const bounds = boundsOf({ before, range }, 1)
  const fine = boundsOf({ before, range }, FINER)
  const known = bounds.near.map(above)
  const count = columns.moneyness.length + bounds.wide.length + 3 * bounds.near.length
  const fit = (x: Float64Array, strictness: Strictness) =>
    leastSquares(residualsOf(columns, scale, { bounds, above: known, strictness }), x, {
      count,
      iterations: 60,
      tolerance: 1e-6
    }).x
  const cost = costOf(columns)
  const anchor = anchorOf(columns, fine)
  const guess = firstGuess(columns)
  const enough = GOOD_ENOUGH * cost(alone ?? guess)
  let best: SviSlice | undefined
  let wanted = guess
  for (const start of [alone ?? guess, guess, anchor]) {
    let x = fromSlice(start, scale)
    for (const strictness of strictnesses) {
      x = fit(x, strictness)
      const slice = toSlice(x, scale)
      if (!isFree(slice, fine)) continue
      if (best === undefined || cost(slice) < cost(best)) best = slice
      break
    }
    if (best === undefined) wanted = toSlice(x, scale)
    else if (alone === undefined || cost(best) <= enough) break
  }
  return best === undefined
    ? { slice: drawnBack(anchor, wanted, scale, fine), isDrawnBack: true }
    : { slice: best, isDrawnBack: false }
}
