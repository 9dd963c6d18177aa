/**
 * SVI fitted to one expiry's quotes without butterfly arbitrage, and without
 * calendar arbitrage against the expiry before it.
 *
 * Three steps. (1) A first guess by the quasi-explicit method (De Marco and
 * Martini, "Quasi-explicit calibration of Gatheral's SVI model", Zeliade 2009):
 * for a centre and a width the other three parameters are linear. (2) Least
 * squares in coordinates that cannot leave the valid slices: the wings' slopes
 * between those of the expiry before and 2, the least variance and the width
 * above zero. Durrleman's function below its margin, and variance below that
 * of the expiry before, are further residuals. (3) The result is looked at on a
 * finer and wider grid; where it fails the residuals of step 2 weigh more, and
 * in the end the slice is drawn towards one that is known to be free of both.
 */
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
/** What Durrleman's function has to stay above in a fit, so that its rounding never matters. */
const MARGIN = 1e-3
/** Share of the variance before that a later one has to stay above it by. */
const CALENDAR_MARGIN = 1e-6

const GRID = 48

/** k from far left to far right, densest about the quotes. */
const gridOf = (low: number, high: number, count: number): Float64Array => {
  const centre = (low + high) / 2
  const half = Math.max((high - low) / 2, 1e-3)
  // sinh: the middle two thirds are near even, the ends reach four times as far as the quotes.
  const reach = 2.5
  return Float64Array.from({ length: count }, (_, i) => {
    const u = -reach + (2 * reach * i) / (count - 1)
    return centre + (half * 4 * Math.sinh(u)) / Math.sinh(reach)
  })
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x))
const logit = (p: number): number => {
  const bounded = Math.min(Math.max(p, 1e-12), 1 - 1e-12)
  return Math.log(bounded / (1 - bounded))
}

interface Floor {
  readonly left: number
  readonly right: number
}

/** Unknowns (any real numbers) to a slice whose wings are no flatter than the floor's. */
const toSlice = (x: Float64Array, floor: Floor): SviSlice => {
  const wing = (from: number, u: number) => from + (STEEPEST - from) * logistic(u)
  return fromWings(wing(floor.left, x[0] ?? 0), wing(floor.right, x[1] ?? 0), {
    width: Math.exp(Math.min(Math.max(x[2] ?? 0, -9), 3)),
    m: x[3] ?? 0,
    least: LEAST_VARIANCE + Math.exp(x[4] ?? 0)
  })
}

const fromSlice = (slice: SviSlice, floor: Floor): Float64Array => {
  const { left, right } = wings(slice)
  const share = (value: number, from: number) => logit((value - from) / (STEEPEST - from))
  return Float64Array.of(
    share(left, floor.left),
    share(right, floor.right),
    Math.log(slice.width),
    slice.m,
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

/** The least of Durrleman's function, of the slice and of the means between it and the one before; negative is arbitrage. */
const worst = (slice: SviSlice, before: SviSlice | undefined, grid: Float64Array) => {
  let density = Infinity
  let calendar = Infinity
  for (const k of grid) {
    const { curvature, slope, variance } = sviCurve(slice, k)
    if (!(variance > 0)) return { density: -Infinity, calendar: -Infinity }
    density = Math.min(density, durrleman(k, variance, slope, curvature))
    if (before !== undefined) {
      const earlier = sviCurve(before, k)
      calendar = Math.min(calendar, variance / earlier.variance - 1)
      for (const share of [0.25, 0.5, 0.75]) {
        density = Math.min(
          density,
          durrleman(
            k,
            earlier.variance + share * (variance - earlier.variance),
            earlier.slope + share * (slope - earlier.slope),
            earlier.curvature + share * (curvature - earlier.curvature)
          )
        )
      }
    }
  }
  return { density, calendar }
}

const isFree = (slice: SviSlice, before: SviSlice | undefined, grid: Float64Array): boolean => {
  const { calendar, density } = worst(slice, before, grid)
  return density >= 0 && calendar >= 0
}

/** Residuals of quotes, of the density and of the calendar, in this order. */
const residualsOf = (
  { moneyness, volatility, weight, years }: SmileColumns,
  {
    before,
    floor,
    grid,
    penalty
  }: {
    readonly before: SviSlice | undefined
    readonly floor: Floor
    readonly grid: Float64Array
    readonly penalty: number
  }
) => {
  const n = moneyness.length
  const earlier = before === undefined ? [] : Array.from(grid, (k) => sviCurve(before, k))
  const short = (value: number) => (value < MARGIN ? penalty * (MARGIN - value) : 0)
  return (x: Float64Array, out: Float64Array): void => {
    const slice = toSlice(x, floor)
    const { a, b, m, rho, width } = slice
    for (let i = 0; i < n; i++) {
      const z = (moneyness[i] ?? 0) - m
      const variance = a + b * (rho * z + Math.sqrt(z * z + width * width))
      out[i] = (weight[i] ?? 0) * (Math.sqrt(Math.max(variance, 0) / years) - (volatility[i] ?? 0))
    }
    for (let j = 0; j < grid.length; j++) {
      const k = grid[j] ?? 0
      const z = k - m
      const root = Math.sqrt(z * z + width * width)
      const variance = a + b * (rho * z + root)
      const slope = b * (rho + z / root)
      const curvature = (b * width * width) / (root * root * root)
      out[n + 3 * j] = short(durrleman(k, variance, slope, curvature))
      const was = earlier[j]
      if (was === undefined) {
        out[n + 3 * j + 1] = 0
        out[n + 3 * j + 2] = 0
        continue
      }
      const needed = was.variance * (1 + 10 * CALENDAR_MARGIN)
      out[n + 3 * j + 1] =
        variance < needed ? (penalty * (needed - variance)) / Math.sqrt(years * was.variance) : 0
      out[n + 3 * j + 2] = short(
        durrleman(k, (variance + was.variance) / 2, (slope + was.slope) / 2, (curvature + was.curvature) / 2)
      )
    }
  }
}

/** Between a slice that is free of arbitrage and one that is not: the closest to the second that is. */
const drawnBack = (
  free: SviSlice,
  wanted: SviSlice,
  {
    before,
    floor,
    grid
  }: {
    readonly before: SviSlice | undefined
    readonly floor: Floor
    readonly grid: Float64Array
  }
): SviSlice => {
  const from = fromSlice(free, floor)
  const to = fromSlice(wanted, floor)
  const between = (share: number) =>
    toSlice(
      from.map((value, i) => value + share * ((to[i] ?? 0) - value)),
      floor
    )
  let low = 0
  let high = 1
  let best = free
  for (let turn = 0; turn < 30; turn++) {
    const share = (low + high) / 2
    const slice = between(share)
    if (isFree(slice, before, grid)) {
      low = share
      best = slice
    } else high = share
  }
  return best
}

/**
 * The slice, and whether it is the fit itself or was drawn back to one that is
 * free of arbitrage.
 *
 * `before` is the slice of the expiry before, itself without butterfly
 * arbitrage; `range` the log-moneyness on which calendar arbitrage must not
 * be, beyond the quotes themselves.
 */
export const fitSvi = (
  columns: SmileColumns,
  {
    before,
    range
  }: {
    readonly before: SviSlice | undefined
    readonly range: { readonly low: number; readonly high: number }
  }
): { readonly slice: SviSlice; readonly isDrawnBack: boolean } => {
  const floor = before === undefined ? { left: FLATTEST, right: FLATTEST } : wings(before)
  const grid = gridOf(range.low, range.high, GRID)
  const fine = gridOf(range.low, range.high, 6 * GRID + 1)
  let x = fromSlice(firstGuess(columns), floor)
  for (const penalty of [1, 10, 100, 1000]) {
    x = leastSquares(residualsOf(columns, { before, floor, grid, penalty }), x, {
      count: columns.moneyness.length + 3 * grid.length,
      iterations: 60,
      tolerance: 1e-6
    }).x
    const slice = toSlice(x, floor)
    if (isFree(slice, before, fine)) return { slice, isDrawnBack: false }
  }
  const free = before ?? flat(columns)
  return {
    slice: drawnBack(free, toSlice(x, floor), { before, floor, grid: fine }),
    isDrawnBack: true
  }
}

/** A smile that is hardly one, at the weighted mean of the volatilities: never an arbitrage. */
const flat = ({ volatility, weight, years }: SmileColumns): SviSlice => {
  let mean = 0
  for (let i = 0; i < volatility.length; i++) mean += (weight[i] ?? 0) ** 2 * (volatility[i] ?? 0)
  return { a: mean * mean * years, b: 2 * FLATTEST, rho: 0, m: 0, width: 0.1 }
}
