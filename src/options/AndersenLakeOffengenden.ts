/**
 * American options to about 1e-8 of the strike: L. Andersen, M. Lake and D. Offengenden, "High-performance American
 * option pricing", Journal of Computational Finance 20 (2016).
 *
 * A put is worth its European value and the premium of early exercise, the interest on the strike less the dividends
 * of the share over all the time the share is below the boundary (I. J. Kim, "The analytic valuation of American
 * options", Review of Financial Studies 3, 1990):
 * V = v + ∫₀ᵀ (rK·e^(−rs)·N(−d₋) − qS·e^(−qs)·N(−d₊)) ds, d± = (ln(S/B(T − s)) + (r − q ± σ²/2)s)/(σ√s).
 * The boundary is `ExerciseBoundary`'s. A call is the put with spot and strike, rate and yield exchanged
 * (R. McDonald and M. Schroder, "A parity result for American options", 1998).
 *
 * For a put (for a call exchange r and q):
 * - r ≤ 0 and q ≥ r: exercise before expiry gains nothing, the value is the European one.
 * - r > 0, or r = 0 > q: as above.
 * - q < r < 0: it is exercised between two boundaries, which the method does not know (Andersen and Lake, "Fast American
 *   option pricing: the double-boundary case", 2021): a Leisen–Reimer tree with Richardson's extrapolation, about
 *   1e-5 of the strike.
 * The tree is also the way where the boundary is not found: r above some thousand σ², a rate of 10% with a volatility
 * of 0.5%. Where all that exercise could gain is below 1e-6 of the strike, the European value is taken instead.
 * Without deviation σ√T the share has one path, and the best moment on it is the value.
 */
import { europeanGreeks, europeanPrice } from "./BlackScholes.ts"
import { certainValue } from "./CertainExercise.ts"
import { differenceGreeks, exercisedGreeks } from "./DifferenceGreeks.ts"
import { depthAt, exerciseBoundary, type ExerciseBoundary } from "./ExerciseBoundary.ts"
import type { Greeks } from "./Greeks.ts"
import { exp } from "./kernels/Exponential.ts"
import { density, normal } from "./kernels/Mills.ts"
import { tanhSinh } from "./kernels/Quadrature.ts"
import { leisenReimerPrice } from "./LeisenReimer.ts"

/** The premium's integral, in θ with s = T·cos²θ: its layers at both ends are where this rule's points are. */
const RULE = tanhSinh(0.05)

/** A deviation σ√T below it is none. */
const LEAST_DEVIATION = 1e-5

/** One beyond it changes no digit that counts. */
const GREATEST_DEVIATION = 12

/** Steps towards the moment of the drift over the boundary, which moves little itself. */
const CUT_STEPS = 4

/** σ√s as a share of the drift until then: the width of that moment, relative to it. */
const ABRUPT = 0.25

/** A put whose spot is so many strikes is worth nothing. */
const FARTHEST_SPOT = 1e100

/** As a share of the strike; its derivatives by the spot as a share of the strike. */
interface Premium {
  readonly value: number
  readonly delta: number
  readonly gamma: number
}

/**
 * Where θ is cut: a share with more yield than interest drifts down into exercise at about one moment, and the less it
 * moves otherwise, the more abruptly.
 */
const cutAngle = (boundary: ExerciseBoundary, logDistance: number): number | undefined => {
  const { dividendYield, rate, volatility, years } = boundary
  const drift = dividendYield - rate
  if (!(drift > 0)) return undefined
  let passed = logDistance / drift
  for (let step = 0; step < CUT_STEPS; step++) {
    if (!(passed < years)) return undefined
    passed = (logDistance + depthAt(boundary, Math.sqrt(1 - passed / years))) / drift
  }
  return passed < years && volatility < ABRUPT * drift * Math.sqrt(passed)
    ? Math.acos(Math.sqrt(passed / years))
    : undefined
}

const premium = (boundary: ExerciseBoundary, logSpot: number): Premium => {
  const logDistance = logSpot - Math.log(boundary.limit)
  const cut = cutAngle(boundary, logDistance)
  if (cut === undefined) return premiumBetween(boundary, logSpot, logDistance, 0, Math.PI / 2)
  const late = premiumBetween(boundary, logSpot, logDistance, 0, cut)
  const early = premiumBetween(boundary, logSpot, logDistance, cut, Math.PI / 2)
  return {
    value: late.value + early.value,
    delta: late.delta + early.delta,
    gamma: late.gamma + early.gamma
  }
}

const premiumBetween = (
  boundary: ExerciseBoundary,
  logSpot: number,
  logDistance: number,
  from: number,
  to: number
): Premium => {
  const { dividendYield, rate, volatility, years } = boundary
  const carry = rate - dividendYield
  const spot = exp(logSpot)
  const rootYears = Math.sqrt(years)
  const width = to - from
  let value = 0
  let delta = 0
  let gamma = 0
  for (let k = 0; k < RULE.points.length; k++) {
    const sine = Math.sin(from + width * (RULE.points[k] ?? 0))
    const cosine = Math.sin(Math.PI / 2 - to + width * (RULE.complements[k] ?? 0))
    const rootPassed = rootYears * cosine
    const passed = rootPassed * rootPassed
    const spread = volatility * rootPassed
    const distance = logDistance + depthAt(boundary, sine)
    const lower = (distance + carry * passed) / spread - spread / 2
    const upper = lower + spread
    // ds = 2T·sin θ·cos θ dθ.
    const weight = 2 * width * (RULE.weights[k] ?? 0) * years * sine * cosine
    const interest = weight * rate * exp(-rate * passed)
    const dividends = weight * dividendYield * exp(-dividendYield * passed)
    const lowerDensity = density(lower)
    const upperDensity = density(upper)
    value += interest * normal(-lower) - dividends * spot * normal(-upper)
    delta +=
      (dividends * upperDensity - (interest * lowerDensity) / spot) / spread - dividends * normal(-upper)
    gamma +=
      (interest * lowerDensity * (1 + lower / spread)) / (spot * spot * spread) +
      (dividends * upperDensity * (1 - upper / spread)) / (spot * spread)
  }
  return { value, delta, gamma }
}

/** A value and its derivatives by the spot. */
interface Valued {
  readonly price: number
  readonly delta: number
  readonly gamma: number
}

/** How an option is priced. */
type Pricing =
  | { readonly _tag: "European" }
  | { readonly _tag: "Certain" }
  | { readonly _tag: "Tree" }
  | { readonly _tag: "Boundary"; readonly boundary: ExerciseBoundary }

/** What exercise gains over the life, at most, as a share of the strike: less is no premium. */
const LEAST_GAIN = 1e-9

/** Less than this is nearer to nothing than a tree's value is to the truth. */
const SMALL_GAIN = 1e-6

const pricing = (
  sign: 1 | -1,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): Pricing => {
  // Of the put.
  const interest = sign < 0 ? rate : dividendYield
  const dividends = sign < 0 ? dividendYield : rate
  if (interest <= 0 && dividends >= interest) return { _tag: "European" }
  if (!(volatility * Math.sqrt(years) > LEAST_DEVIATION)) return { _tag: "Certain" }
  if (interest < 0) return { _tag: "Tree" }
  const gain = (interest + Math.max(0, -dividends)) * years
  if (gain < LEAST_GAIN) return { _tag: "European" }
  const boundary = exerciseBoundary(years, interest, dividends, volatility)
  if (boundary !== undefined) return { _tag: "Boundary", boundary }
  return gain < SMALL_GAIN ? { _tag: "European" } : { _tag: "Tree" }
}

/** The value by a boundary; undefined where the option is exercised now. */
const valued = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  boundary: ExerciseBoundary
): Valued | undefined => {
  const { depth, dividendYield, limit, rate, volatility, years } = boundary
  // The put in units of its strike; a call's spot is the put's strike.
  const logSpot = sign * (Math.log(strike) - Math.log(spot))
  if (logSpot <= Math.log(limit) - depth) return undefined
  const relative = exp(logSpot)
  if (!(relative < FARTHEST_SPOT)) return { price: 0, delta: 0, gamma: 0 }
  const european = europeanGreeks(-1, relative, 1, years, rate, dividendYield, volatility)
  const early = premium(boundary, logSpot)
  const price = Math.max(european.price, 1 - relative, european.price + early.value)
  const delta = european.delta + early.delta
  const gamma = european.gamma + early.gamma
  return sign < 0
    ? { price: strike * price, delta, gamma: gamma / strike }
    : { price: spot * price, delta: price - relative * delta, gamma: (relative * relative * gamma) / spot }
}

const treePrice = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): number =>
  Math.max(
    sign * (spot - strike),
    europeanPrice(sign, spot, strike, years, rate, dividendYield, volatility),
    leisenReimerPrice({
      style: "american",
      sign,
      spot,
      strike,
      years,
      rate,
      dividendYield,
      volatility,
      dividends: []
    })
  )

/** The value in dollars a share; never below the European value or what exercise now gives. */
export const americanPrice = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): number => {
  const calm = Math.min(volatility, GREATEST_DEVIATION / Math.sqrt(years))
  const way = pricing(sign, years, rate, dividendYield, calm)
  const intrinsic = Math.max(0, sign * (spot - strike))
  switch (way._tag) {
    case "European":
      return Math.max(intrinsic, europeanPrice(sign, spot, strike, years, rate, dividendYield, volatility))
    case "Certain":
      return certainValue("american", sign, spot, strike, years, rate, dividendYield).value
    case "Tree":
      return treePrice(sign, spot, strike, years, rate, dividendYield, calm)
    case "Boundary":
      return valued(sign, spot, strike, way.boundary)?.price ?? intrinsic
  }
}

/** How far apart differences by volatility are taken, as a share of it. */
const VOLATILITY_STEP = 2e-3
/** By the rate: added to it. */
const RATE_STEP = 1e-4
/** By the logarithm of the spot, in deviations σ√T: for speed. */
const SPOT_STEP = 2e-3

/** On the share's one path: it is exercised at a moment that is the best already, so that moving it changes nothing. */
const certainGreeks = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number
): Greeks => {
  const { exerciseYears, value } = certainValue("american", sign, spot, strike, years, rate, dividendYield)
  if (exerciseYears === 0 && value > 0) return exercisedGreeks(sign, spot, strike)
  const at = europeanGreeks(sign, spot, strike, exerciseYears, rate, dividendYield, 0)
  return exerciseYears < years ? { ...at, theta: 0, charm: 0 } : at
}

/** The value and its Greeks, per year and per 1.00. */
export const americanGreeks = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): Greeks => {
  const calm = Math.min(volatility, GREATEST_DEVIATION / Math.sqrt(years))
  const way = pricing(sign, years, rate, dividendYield, calm)
  switch (way._tag) {
    case "European":
      return europeanGreeks(sign, spot, strike, years, rate, dividendYield, volatility)
    case "Certain":
      return certainGreeks(sign, spot, strike, years, rate, dividendYield)
    case "Tree":
      return treeGreeks(sign, spot, strike, years, rate, dividendYield, calm)
    case "Boundary":
      return boundaryGreeks(sign, spot, strike, rate, dividendYield, way.boundary)
  }
}

/** Exercised now, or by differences of the tree. */
const treeGreeks = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): Greeks => {
  const price = treePrice(sign, spot, strike, years, rate, dividendYield, volatility)
  if (price <= sign * (spot - strike)) return exercisedGreeks(sign, spot, strike)
  return {
    ...differenceGreeks(
      (s, t, r, v) => treePrice(sign, s, strike, t, r, dividendYield, v),
      { spot, years, rate, volatility },
      { spot: 0.1, relative: 0.02, rate: RATE_STEP, side: 0, rateSide: 0 }
    ),
    price
  }
}

const boundaryGreeks = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  rate: number,
  dividendYield: number,
  boundary: ExerciseBoundary
): Greeks => {
  const { volatility, years } = boundary
  const here = valued(sign, spot, strike, boundary)
  if (here === undefined) return exercisedGreeks(sign, spot, strike)
  const intrinsic = exercisedGreeks(sign, spot, strike)
  const solved = (r: number, v: number): Valued => {
    const way = pricing(sign, years, r, dividendYield, v)
    return way._tag === "Boundary"
      ? (valued(sign, spot, strike, way.boundary) ?? intrinsic)
      : way._tag === "European"
        ? europeanGreeks(sign, spot, strike, years, r, dividendYield, v)
        : { ...here, price: treePrice(sign, spot, strike, years, r, dividendYield, v) }
  }
  // By the volatility, both sides.
  const h = volatility * VOLATILITY_STEP
  const [calmer, wilder] = [solved(rate, volatility - h), solved(rate, volatility + h)]
  // A put has no boundary of this kind below a rate of zero.
  const k = sign < 0 ? Math.min(RATE_STEP, rate / 4) : RATE_STEP
  const up = solved(rate + (k > 0 ? k : RATE_STEP), volatility)
  const down = k > 0 ? solved(rate - k, volatility) : here
  // By the spot, the boundary kept.
  const x = SPOT_STEP * Math.min(1, volatility * Math.sqrt(years))
  const gammaAt = (s: number) => valued(sign, s, strike, boundary)?.gamma ?? 0
  const above = spot * Math.exp(x)
  const below = spot * Math.exp(-x)
  const speed = (gammaAt(above) - gammaAt(below)) / (above - below)
  // Black and Scholes' equation, and its derivative by the spot, hold wherever the option lives.
  const { delta, gamma, price } = here
  const carry = rate - dividendYield
  const variance = volatility * volatility
  return {
    price,
    delta,
    gamma,
    vega: (wilder.price - calmer.price) / (2 * h),
    theta: rate * price - carry * spot * delta - 0.5 * variance * spot * spot * gamma,
    rho: (up.price - down.price) / (k > 0 ? 2 * k : RATE_STEP),
    vanna: (wilder.delta - calmer.delta) / (2 * h),
    volga: (wilder.price - 2 * price + calmer.price) / (h * h),
    charm: dividendYield * delta - (carry + variance) * spot * gamma - 0.5 * variance * spot * spot * speed,
    speed
  }
}
