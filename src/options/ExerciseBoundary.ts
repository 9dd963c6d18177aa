/**
 * The price below which an American put is exercised, at each time before expiry: L. Andersen, M. Lake and
 * D. Offengenden, "High-performance American option pricing", Journal of Computational Finance 20 (2016), "ALO".
 *
 * The strike is 1. With τ the time to expiry, B(τ) the boundary and X = B(0+) its limit, the function
 * H(√τ) = ln²(B(τ)/X) is nearly a polynomial: it is held by its values at the Chebyshev points of √τ (ALO, section 5).
 * At each of them B = N(B)/D(B), ALO's fixed point A, from smooth pasting: with d± of B(τ) over the strike or B(u),
 * N = e^(−rτ)·φ(d₋)/(σ√τ) + r∫₀ᵗ e^(−r(τ−u))·φ(d₋)/(σ√(τ−u)) du,
 * D = e^(−qτ)·(φ(d₊)/(σ√τ) + N(d₊)) + q∫₀ᵗ e^(−q(τ−u))·(φ(d₊)/(σ√(τ−u)) + N(d₊)) du.
 * ALO iterate it, with Jacobi–Newton steps that leave out how B at one time depends on B at others; that circles
 * where r is many times σ². Here all of it is kept and each step is Newton's on ln N/D − ln B, which settles in two
 * to four from the boundary of M. Li, "Analytical approximations for the critical stock prices of American options",
 * Review of Derivatives Research 13 (2010), "QD+".
 *
 * The integrals over u are taken in θ with u = τ·sin²θ: √u and √(τ − u) are then both smooth, where ALO's substitution
 * smooths the second only, and Gauss and Legendre's rule converges as fast as H allows.
 *
 * One boundary exists where r > 0, or r = 0 and q < 0. These functions are for nothing else, and check nothing.
 */
import { europeanGreeks } from "./BlackScholes.ts"
import { exp } from "./kernels/Exponential.ts"
import { density, INV_SQRT_2PI, mills, normal } from "./kernels/Mills.ts"
import { gaussLegendre } from "./kernels/Quadrature.ts"

export interface ExerciseBoundary {
  readonly years: number
  readonly rate: number
  readonly dividendYield: number
  readonly volatility: number
  /** X: where the boundary starts as expiry is near. */
  readonly limit: number
  /** ln(X/B) at `years`: zero or more. */
  readonly depth: number
  /** Chebyshev coefficients of H over √τ from 0 to √years. */
  readonly coefficients: Float64Array
}

/** Chebyshev points besides the one at expiry. */
const NODES = 16
/** Points of the integrals in the fixed point. */
const QUADRATURE = 32
/** Newton's steps at most: two to four are usual, seven where σ√T is about 3. */
const STEPS = 24
/** No value of ln B moved by more: Newton's next step would be below rounding. */
const SETTLED = 1e-9

interface Grid {
  /** √(τᵢ/T) of the Chebyshev points, from 0 to 1. */
  readonly roots: Float64Array
  readonly sines: Float64Array
  readonly cosines: Float64Array
  readonly weights: Float64Array
  /** H at √τᵢ·sin θₖ from the values of H at all points: [i][k][j]. */
  readonly interpolation: Float64Array
}

/** Lagrange's j-th polynomials of the Chebyshev points at x, by the barycentric formula, into `out` from `at` on. */
const cardinals = (x: number, out: Float64Array, at: number): void => {
  let sum = 0
  for (let j = 0; j <= NODES; j++) {
    const gap = x + Math.cos((j * Math.PI) / NODES)
    if (gap === 0) {
      out.fill(0, at, at + NODES + 1)
      out[at + j] = 1
      return
    }
    const weight = ((j % 2 === 0 ? 1 : -1) * (j === 0 || j === NODES ? 0.5 : 1)) / gap
    out[at + j] = weight
    sum += weight
  }
  for (let j = 0; j <= NODES; j++) out[at + j] = (out[at + j] ?? 0) / sum
}

const makeGrid = (): Grid => {
  const { points, weights } = gaussLegendre(QUADRATURE, 0, Math.PI / 2)
  const roots = Float64Array.from({ length: NODES + 1 }, (_, i) => (1 - Math.cos((i * Math.PI) / NODES)) / 2)
  const sines = points.map(Math.sin)
  const interpolation = new Float64Array((NODES + 1) * QUADRATURE * (NODES + 1))
  for (let i = 0; i <= NODES; i++) {
    for (let k = 0; k < QUADRATURE; k++) {
      const x = 2 * (roots[i] ?? 0) * (sines[k] ?? 0) - 1
      cardinals(x, interpolation, (i * QUADRATURE + k) * (NODES + 1))
    }
  }
  return { roots, sines, cosines: points.map(Math.cos), weights, interpolation }
}

let kept: Grid | undefined
const grid = (): Grid => (kept ??= makeGrid())

/** B(0+): I. J. Kim (1990), the strike or where the interest on it is less than the dividends. */
export const boundaryLimit = (rate: number, dividendYield: number): number =>
  dividendYield > rate ? rate / dividendYield : 1

/** The boundary of an option without expiry: B is never below it. R. C. Merton (1973). */
const perpetualBoundary = (rate: number, dividendYield: number, volatility: number): number => {
  const variance = volatility * volatility
  const middle = (rate - dividendYield) / variance - 0.5
  const root = -middle - Math.sqrt(middle * middle + (2 * rate) / variance)
  return root / (root - 1)
}

/** QD+'s equation at a price: zero at the boundary; and BAW's, without the correction. */
const qdPlus = (
  spot: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number,
  corrected: boolean
): number => {
  const variance = volatility * volatility
  const european = europeanGreeks(-1, spot, 1, years, rate, dividendYield, volatility)
  // α/h, which has a limit where r is zero.
  const perHorizon = (rate === 0 ? 1 / years : rate / -Math.expm1(-rate * years)) * (2 / variance)
  const slope = (2 * (rate - dividendYield)) / variance - 1
  const root = Math.sqrt(slope * slope + 4 * perHorizon)
  const premium = 1 - spot - european.price
  const correction = corrected
    ? (exp(-rate * years) / root) *
      (perHorizon -
        ((2 / variance) * european.theta * exp(rate * years)) / premium -
        (perHorizon * perHorizon) / (root * root))
    : 0
  return (1 + european.delta) * spot + (-(slope + root) / 2 + correction) * premium
}

/** A zero between `low` and `high` by Ridders' method (1979); undefined without a change of sign. */
const zero = (f: (x: number) => number, low: number, high: number): number | undefined => {
  let fLow = f(low)
  let fHigh = f(high)
  if (!(fLow * fHigh < 0)) return undefined
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2
    const fMiddle = f(middle)
    const scale = Math.sqrt(fMiddle * fMiddle - fLow * fHigh)
    const next = middle + ((middle - low) * Math.sign(fLow - fHigh) * fMiddle) / scale
    const fNext = f(next)
    if (!Number.isFinite(fNext)) return undefined
    if (fNext === 0 || Math.abs(high - low) < 1e-6 * high) return next
    if (fMiddle * fNext < 0) {
      low = Math.min(middle, next)
      high = Math.max(middle, next)
      fLow = next > middle ? fMiddle : fNext
      fHigh = next > middle ? fNext : fMiddle
    } else if (fLow * fNext < 0) {
      high = next
      fHigh = fNext
    } else {
      low = next
      fLow = fNext
    }
  }
  return (low + high) / 2
}

/** ln(X/B) of QD+ at a time to expiry; of BAW's boundary where QD+ has none near it. */
const firstDepth = (
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number,
  limit: number,
  lowest: number
): number => {
  const of = (corrected: boolean) => (spot: number) =>
    qdPlus(spot, years, rate, dividendYield, volatility, corrected)
  // BAW's equation rises with the price; after a long time its zero is the perpetual boundary itself.
  const plain = zero(of(false), lowest, 1) ?? (of(false)(lowest) >= 0 ? lowest : limit)
  const boundary = zero(of(true), plain - 0.1 * (plain - lowest), plain + 0.5 * (1 - plain)) ?? plain
  return Math.max(0, -Math.log(Math.min(boundary, limit) / limit))
}

/** What of a boundary's equations stays the same from step to step. */
interface Equations {
  readonly years: number
  readonly rate: number
  readonly dividendYield: number
  readonly volatility: number
  readonly logLimit: number
  /** e^(−r(τ − u)) and e^(−q(τ − u)), by Chebyshev point and quadrature point. */
  readonly rateDiscounts: Float64Array
  readonly yieldDiscounts: Float64Array
}

/** Writes ln(N/D) − ln B at the i-th point into `misses`, and its derivatives by ln(X/B) at all points into row i. */
const equation = (
  equations: Equations,
  i: number,
  depths: Float64Array,
  squares: Float64Array,
  misses: Float64Array,
  jacobian: Float64Array
): void => {
  const { dividendYield, logLimit, rate, rateDiscounts, volatility, yieldDiscounts, years } = equations
  const { cosines, interpolation, roots, sines, weights } = grid()
  const carry = rate - dividendYield
  const depth = depths[i] ?? 0
  const root = Math.sqrt(years) * (roots[i] ?? 0)
  const time = root * root

  const deviation = volatility * root
  const lower = (logLimit - depth + carry * time) / deviation - deviation / 2
  const upper = lower + deviation
  const rateDiscount = exp(-rate * time)
  const yieldDiscount = exp(-dividendYield * time)
  const lowerTerm = (rateDiscount * density(lower)) / deviation
  const upperTerm = (yieldDiscount * density(upper)) / deviation
  let cash = lowerTerm
  let share = upperTerm + yieldDiscount * normal(upper)

  // Each integrand depends on the boundary at its own u: their derivatives are summed when N and D are known.
  const cashSlopes = new Float64Array(QUADRATURE)
  const shareSlopes = new Float64Array(QUADRATURE)
  const depthsThere = new Float64Array(QUADRATURE)
  for (let k = 0; k < QUADRATURE; k++) {
    const at = i * QUADRATURE + k
    let square = 0
    for (let j = 1; j <= NODES; j++) {
      square += (interpolation[at * (NODES + 1) + j] ?? 0) * (squares[j] ?? 0)
    }
    const depthThere = square > 0 ? Math.sqrt(square) : 0
    const rootPassed = root * (cosines[k] ?? 0)
    const spread = volatility * rootPassed
    const lowerThere = (depthThere - depth + carry * rootPassed * rootPassed) / spread - spread / 2
    const upperThere = lowerThere + spread
    const weight = ((weights[k] ?? 0) * 2 * root * (sines[k] ?? 0)) / volatility
    const upperDensity = INV_SQRT_2PI * exp(-0.5 * upperThere * upperThere)
    const tail = upperDensity * mills(Math.abs(upperThere))
    const cashWeight = rate * weight * (rateDiscounts[at] ?? 0) * density(lowerThere)
    const shareWeight = dividendYield * weight * (yieldDiscounts[at] ?? 0)
    cash += cashWeight
    share += shareWeight * (upperDensity + spread * (upperThere > 0 ? 1 - tail : tail))
    cashSlopes[k] = (-cashWeight * lowerThere) / spread
    shareSlopes[k] = (-shareWeight * upperDensity * lowerThere) / spread
    depthsThere[k] = depthThere
  }

  // ln N/D − ln B, or N − B·D where D is not positive yet.
  const boundary = exp(logLimit - depth)
  const ratio = share > 0
  const cashUnit = ratio ? 1 / cash : 1
  const shareUnit = ratio ? 1 / share : boundary
  misses[i - 1] = ratio ? Math.log(cash / share) - (logLimit - depth) : cash - boundary * share
  let own =
    (ratio ? 1 : boundary * share) + (lower / deviation) * (lowerTerm * cashUnit - upperTerm * shareUnit)
  const row = (i - 1) * NODES
  jacobian.fill(0, row, row + NODES)
  for (let k = 0; k < QUADRATURE; k++) {
    const slope = (cashSlopes[k] ?? 0) * cashUnit - (shareSlopes[k] ?? 0) * shareUnit
    own -= slope
    const depthThere = depthsThere[k] ?? 0
    if (depthThere === 0) continue
    const at = (i * QUADRATURE + k) * (NODES + 1)
    for (let j = 1; j <= NODES; j++) {
      jacobian[row + j - 1] =
        (jacobian[row + j - 1] ?? 0) + (slope * (interpolation[at + j] ?? 0) * (depths[j] ?? 0)) / depthThere
    }
  }
  jacobian[row + i - 1] = (jacobian[row + i - 1] ?? 0) + own
}

/** Solves a·x = b in place by elimination with row pivots: x is left in b. False where a is singular. */
const solve = (a: Float64Array, b: Float64Array): boolean => {
  const n = b.length
  for (let column = 0; column < n; column++) {
    let pivot = column
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(a[row * n + column] ?? 0) > Math.abs(a[pivot * n + column] ?? 0)) pivot = row
    }
    const head = a[pivot * n + column] ?? 0
    if (!(Math.abs(head) > 0 && Math.abs(head) < Infinity)) return false
    for (let k = 0; k < n; k++) {
      const kept = a[column * n + k] ?? 0
      a[column * n + k] = a[pivot * n + k] ?? 0
      a[pivot * n + k] = kept
    }
    const kept = b[column] ?? 0
    b[column] = b[pivot] ?? 0
    b[pivot] = kept
    for (let row = column + 1; row < n; row++) {
      const factor = (a[row * n + column] ?? 0) / head
      for (let k = column; k < n; k++) {
        a[row * n + k] = (a[row * n + k] ?? 0) - factor * (a[column * n + k] ?? 0)
      }
      b[row] = (b[row] ?? 0) - factor * (b[column] ?? 0)
    }
  }
  for (let row = n - 1; row >= 0; row--) {
    let rest = b[row] ?? 0
    for (let k = row + 1; k < n; k++) rest -= (a[row * n + k] ?? 0) * (b[k] ?? 0)
    b[row] = rest / (a[row * n + row] ?? 0)
  }
  return true
}

/** The boundary; undefined where Newton's steps do not settle: r thousands of times σ², or next to no r. */
export const exerciseBoundary = (
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): ExerciseBoundary | undefined => {
  const { cosines, roots } = grid()
  const limit = boundaryLimit(rate, dividendYield)
  const lowest = perpetualBoundary(rate, dividendYield, volatility)
  const deepest = Math.log(limit / lowest)
  const rateDiscounts = new Float64Array((NODES + 1) * QUADRATURE)
  const yieldDiscounts = new Float64Array((NODES + 1) * QUADRATURE)
  const depths = new Float64Array(NODES + 1)
  for (let i = 1; i <= NODES; i++) {
    const time = years * (roots[i] ?? 0) ** 2
    const guess = firstDepth(time, rate, dividendYield, volatility, limit, lowest)
    depths[i] = Math.min(deepest, Math.max(guess, depths[i - 1] ?? 0))
    for (let k = 0; k < QUADRATURE; k++) {
      const passed = time * (cosines[k] ?? 0) ** 2
      rateDiscounts[i * QUADRATURE + k] = exp(-rate * passed)
      yieldDiscounts[i * QUADRATURE + k] = exp(-dividendYield * passed)
    }
  }
  const equations: Equations = {
    years,
    rate,
    dividendYield,
    volatility,
    logLimit: Math.log(limit),
    rateDiscounts,
    yieldDiscounts
  }
  const squares = new Float64Array(NODES + 1)
  const misses = new Float64Array(NODES)
  const jacobian = new Float64Array(NODES * NODES)
  let settled = false
  let movedBefore = Infinity
  let share = 1
  for (let step = 0; step < STEPS && !settled; step++) {
    for (let j = 1; j <= NODES; j++) squares[j] = (depths[j] ?? 0) ** 2
    for (let i = 1; i <= NODES; i++) equation(equations, i, depths, squares, misses, jacobian)
    if (!solve(jacobian, misses)) return undefined
    let moved = 0
    for (let j = 1; j <= NODES; j++) {
      const before = depths[j] ?? 0
      const depth = Math.max(before / 4, Math.min(before - share * (misses[j - 1] ?? 0), 1.05 * deepest))
      depths[j] = depth
      moved = Math.max(moved, Math.abs(depth - before))
    }
    settled = moved < SETTLED
    // Where H is next to zero its root has a corner, and whole steps may go to and fro across it.
    share = step > 2 && moved > movedBefore / 2 ? 0.5 : 1
    movedBefore = moved
  }
  if (!settled) return undefined
  for (let j = 1; j <= NODES; j++) squares[j] = (depths[j] ?? 0) ** 2
  return {
    years,
    rate,
    dividendYield,
    volatility,
    limit,
    depth: depths[NODES] ?? 0,
    coefficients: chebyshev(squares)
  }
}

/** The coefficients of the polynomial with these values at the Chebyshev points. */
const chebyshev = (values: Float64Array): Float64Array => {
  const n = values.length - 1
  return Float64Array.from({ length: n + 1 }, (_, k) => {
    let sum = 0
    for (let j = 0; j <= n; j++) {
      const end = j === 0 || j === n ? 0.5 : 1
      // The points run from −1 to 1: xⱼ = −cos(jπ/n).
      sum += end * (values[j] ?? 0) * Math.cos(k * (Math.PI - (j * Math.PI) / n))
    }
    return ((k === 0 || k === n ? 1 : 2) * sum) / n
  })
}

/** ln(X/B) at a time to expiry whose root is `fraction` of √years. */
export const depthAt = ({ coefficients }: ExerciseBoundary, fraction: number): number => {
  const x = 4 * fraction - 2
  let after = 0
  let now = 0
  for (let k = coefficients.length - 1; k > 0; k--) {
    const before = x * now - after + (coefficients[k] ?? 0)
    after = now
    now = before
  }
  const square = (x * now) / 2 - after + (coefficients[0] ?? 0)
  return square > 0 ? Math.sqrt(square) : 0
}
