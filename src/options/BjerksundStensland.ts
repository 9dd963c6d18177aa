/**
 * American options by the closed formulas of Bjerksund and Stensland.
 *
 * Sources: P. Bjerksund and G. Stensland, "Closed-form approximation of
 * American options", Scandinavian Journal of Management 9, 1993, equations 4
 * to 14; the same, "Closed form valuation of American options", discussion
 * paper 2002/9, NHH Bergen, equations 4 to 20 (one flat boundary up to
 * t = ½(√5 − 1)·T and another one after it).
 *
 * Both are the value of a strategy that anyone could follow (exercise at a
 * flat boundary), so they are never above the true value but for rounding;
 * they can be below the European value and below intrinsic. What is priced
 * with is therefore `bjerksundStensland1993` and `…2002`: the greatest of the
 * formula, the European value and the intrinsic value. The `…Formula`
 * functions are the bare formulas.
 *
 * A put is the call with spot and strike, and rate and yield, exchanged.
 * Everything is computed for a strike of one and in logarithms, so that high
 * powers and small probabilities meet before either is rounded away.
 */
import { twelve } from "./BivariateNormal.ts"
import { europeanPrice } from "./BlackScholes.ts"
import { exp } from "./kernels/Exponential.ts"
import { INV_SQRT_2PI, mills, normal } from "./kernels/Mills.ts"

/** Above this Mills' ratio is the continued fraction's first steps to a double's last digit. */
const FAR = 39

/** N(−x)/φ(x) for any x ≥ 0. */
const tailRatio = (x: number): number =>
  x < FAR ? mills(x) : 1 / (x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 5 / x)))))

/** eᴱ·N(x): the power and the tail joined in one exponent. */
const scaledNormal = (exponent: number, x: number): number =>
  x < 0 ? exp(exponent - 0.5 * x * x) * INV_SQRT_2PI * tailRatio(-x) : exp(exponent) * normal(x)

/** Where the second formula's first boundary ends, as a share of the option's life. */
const FIRST_SHARE = (Math.sqrt(5) - 1) / 2

/** The correlation of the share's logarithm there and at expiry. */
const CORRELATION = Math.sqrt(FIRST_SHARE)

/** Gauss–Legendre over the angle from 0 to asin(CORRELATION): twelve points are within 2e-15 at this one correlation. */
const angle = Math.asin(CORRELATION)
const sines = Float64Array.from(twelve, ([node]) => Math.sin((angle * (1 + node)) / 2))
const inverseSquares = sines.map((sine) => 1 / (1 - sine * sine))
const weights = Float64Array.from(twelve, ([, weight]) => (weight * angle) / (4 * Math.PI))

/** Below this exponent a term adds nothing to a value of order one. */
const NEGLIGIBLE_EXPONENT = -42

/**
 * eᴱ times the probability that two normal variables are below x and y, at
 * the correlation ±CORRELATION (`sign`): Genz's equation 3 as in
 * BivariateNormal.ts, with all that depends on the correlation computed once.
 */
const scaledBivariate = (exponent: number, x: number, y: number, sign: 1 | -1): number => {
  const farther = Math.max(x * x, y * y)
  const product =
    x < 0
      ? scaledNormal(exponent - 0.5 * x * x, y) * INV_SQRT_2PI * tailRatio(-x)
      : scaledNormal(exponent, y) * normal(x)
  if (exponent - 0.5 * farther < NEGLIGIBLE_EXPONENT) return product
  const halfSquares = 0.5 * (x * x + y * y)
  const signed = sign * x * y
  let sum = 0
  for (let i = 0; i < sines.length; i++) {
    sum +=
      (weights[i] ?? 0) * exp(exponent + ((sines[i] ?? 0) * signed - halfSquares) * (inverseSquares[i] ?? 0))
  }
  return product + sign * sum
}

/** A call on a share with the strike as unit of money: spot eˣ, strike 1. */
interface UnitCall {
  readonly x: number
  readonly years: number
  readonly rate: number
  /** Cost of carry: rate less yield. */
  readonly carry: number
  readonly variance: number
}

/** λT + γ·ln S of equation 14 for γ = 1: the share's expected value, discounted. */
const shareExponent = ({ carry, rate, x }: UnitCall, t: number): number => x + (carry - rate) * t

/** The same for γ = 0: the discount. */
const cashExponent = ({ rate }: UnitCall, t: number): number => -rate * t

/**
 * φ of equation 14 (1993): the value of S^γ at t where ln S is below h then
 * and did not touch i before. `a` is λt + γ·ln S.
 */
const phi = (call: UnitCall, t: number, gamma: number, a: number, h: number, i: number): number => {
  const { carry, variance, x } = call
  const deviation = Math.sqrt(variance * t)
  const drift = (carry + (gamma - 0.5) * variance) * t
  const kappa = (2 * carry) / variance + 2 * gamma - 1
  const d = -(x - h + drift) / deviation
  return scaledNormal(a, d) - scaledNormal(a + kappa * (i - x), d - (2 * (i - x)) / deviation)
}

/** ψ of equation 20 (2002): as φ to the end of the life, with boundary i2 up to `first` and i1 after it. */
const psi = (
  call: UnitCall,
  first: number,
  gamma: number,
  a: number,
  h: number,
  i2: number,
  i1: number
): number => {
  const { carry, variance, x, years } = call
  const [near, far] = [Math.sqrt(variance * first), Math.sqrt(variance * years)]
  const speed = carry + (gamma - 0.5) * variance
  const [nearDrift, farDrift] = [speed * first, speed * years]
  const kappa = (2 * carry) / variance + 2 * gamma - 1
  const e1 = (x - i1 + nearDrift) / near
  const e2 = (2 * i2 - x - i1 + nearDrift) / near
  const e3 = (x - i1 - nearDrift) / near
  const e4 = (2 * i2 - x - i1 - nearDrift) / near
  const f1 = (x - h + farDrift) / far
  const f2 = (2 * i2 - x - h + farDrift) / far
  const f3 = (2 * i1 - x - h + farDrift) / far
  const f4 = (x + 2 * (i1 - i2) - h + farDrift) / far
  return (
    scaledBivariate(a, -e1, -f1, 1) -
    scaledBivariate(a + kappa * (i2 - x), -e2, -f2, 1) -
    scaledBivariate(a + kappa * (i1 - x), -e3, -f3, -1) +
    scaledBivariate(a + kappa * (i1 - i2), -e4, -f4, -1)
  )
}

/** The boundary's two ends, for a strike of one: at expiry and of an option that never expires. */
const boundaryEnds = (carry: number, rate: number, variance: number) => {
  const dividendYield = rate - carry
  const half = carry / variance + 0.5
  const root = Math.sqrt(half * half + (2 * dividendYield) / variance)
  // β − 1, without the difference of near numbers.
  const above = half > 0 ? (2 * dividendYield) / variance / (half + root) : root - half
  const beta = 1 + above
  return { beta, atExpiry: Math.max(1, rate / dividendYield), perpetual: beta / above }
}

/**
 * The flat boundary for a life of `t`, its excess over the one at expiry
 * decaying by `steepness`. Where bt + 2σ√t is below zero the published
 * exponent is positive and the boundary would fall below the one at expiry,
 * which no boundary does: there it is that one.
 */
const flatBoundary = (
  carry: number,
  variance: number,
  t: number,
  { atExpiry, perpetual }: { readonly atExpiry: number; readonly perpetual: number },
  steepness: number
): number => {
  const drop = -(carry * t + 2 * Math.sqrt(variance * t)) * steepness
  return atExpiry - (perpetual - atExpiry) * Math.expm1(Math.min(0, drop))
}

/** C in equation 4 (1993), the boundary given. α·S^β less its φ is written as its two positive parts. */
const oneBoundary = (call: UnitCall, beta: number, boundary: number): number => {
  const { years } = call
  const i = Math.log(boundary)
  const [share, cash] = [shareExponent(call, years), cashExponent(call, years)]
  return (
    perpetualPart(call, beta, years, boundary, i) +
    phi(call, years, 1, share, i, i) -
    phi(call, years, 1, share, 0, i) -
    phi(call, years, 0, cash, i, i) +
    phi(call, years, 0, cash, 0, i)
  )
}

/** α·S^β − α·φ(β, I, I): what is got at the boundary before `t`. */
const perpetualPart = (call: UnitCall, beta: number, t: number, boundary: number, i: number): number => {
  const { carry, variance, x } = call
  const deviation = Math.sqrt(variance * t)
  const drift = (carry + (beta - 0.5) * variance) * t
  const kappa = (2 * carry) / variance + 2 * beta - 1
  const a = beta * (x - i)
  const d = (x - i + drift) / deviation
  return (
    (boundary - 1) * (scaledNormal(a, d) + scaledNormal(a + kappa * (i - x), -d - (2 * (i - x)) / deviation))
  )
}

/** C in equation 4 (2002): boundary `later` (I₂) to `first`, then `sooner` (I₁). */
const twoBoundaries = (
  call: UnitCall,
  beta: number,
  first: number,
  sooner: number,
  later: number
): number => {
  const [i1, i2] = [Math.log(sooner), Math.log(later)]
  const [share, cash] = [shareExponent(call, first), cashExponent(call, first)]
  const [shareToEnd, cashToEnd] = [shareExponent(call, call.years), cashExponent(call, call.years)]
  // The β's own exponent is zero at any time: that is what makes it the perpetual option's power.
  const power = beta * (call.x - i1)
  return (
    perpetualPart(call, beta, first, later, i2) +
    phi(call, first, 1, share, i2, i2) -
    phi(call, first, 1, share, i1, i2) -
    phi(call, first, 0, cash, i2, i2) +
    phi(call, first, 0, cash, i1, i2) +
    (sooner - 1) * (phi(call, first, beta, power, i1, i2) - psi(call, first, beta, power, i1, i2, i1)) +
    psi(call, first, 1, shareToEnd, i1, i2, i1) -
    psi(call, first, 1, shareToEnd, 0, i2, i1) -
    psi(call, first, 0, cashToEnd, i1, i2, i1) +
    psi(call, first, 0, cashToEnd, 0, i2, i1)
  )
}

/** A deviation σ√T below this is none: there is one path, and the best time on it. */
const LEAST_DEVIATION = 1e-8

/** A boundary so many strikes away is never reached. */
const FARTHEST_BOUNDARY = 1e30

/** The year of the formula. */
export type FormulaYear = 1993 | 2002

/** The flat boundaries of a unit call: equal where there is one. NaN where exercise is never early. */
interface Boundaries {
  readonly beta: number
  /** From `FIRST_SHARE` of the life on. */
  readonly sooner: number
  /** Before it: the one a share of today is compared with. */
  readonly later: number
}

const never: Boundaries = { beta: NaN, sooner: NaN, later: NaN }

const boundariesOf = (year: FormulaYear, { carry, rate, variance, years }: UnitCall): Boundaries => {
  // Without a yield the exercise gains nothing, and without time or variance there is nothing to wait for.
  if (carry >= rate || !(variance * years > LEAST_DEVIATION * LEAST_DEVIATION)) return never
  const ends = boundaryEnds(carry, rate, variance)
  const { atExpiry, beta, perpetual } = ends
  if (!(perpetual < FARTHEST_BOUNDARY && perpetual > atExpiry)) return never
  if (year === 1993) {
    const only = flatBoundary(carry, variance, years, ends, atExpiry / (perpetual - atExpiry))
    return { beta, sooner: only, later: only }
  }
  const steepness = 1 / ((perpetual - atExpiry) * atExpiry)
  return {
    beta,
    sooner: flatBoundary(carry, variance, FIRST_SHARE * years, ends, steepness),
    later: flatBoundary(carry, variance, years, ends, steepness)
  }
}

/** The option as a call with the strike as unit: a put is the call with everything exchanged. */
const unitCall = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): UnitCall => ({
  x: sign * Math.log(spot / strike),
  years,
  rate: sign > 0 ? rate : dividendYield,
  carry: sign * (rate - dividendYield),
  variance: volatility * volatility
})

/** The value of the strategy below its boundary, in strikes; smooth past it. NaN where there is none. */
const unitContinuation = (year: FormulaYear, call: UnitCall, { beta, later, sooner }: Boundaries): number =>
  year === 1993
    ? oneBoundary(call, beta, later)
    : twoBoundaries(call, beta, FIRST_SHARE * call.years, sooner, later)

/** What the strike of the unit call is in dollars. */
const unitOf = (sign: 1 | -1, spot: number, strike: number): number => (sign > 0 ? strike : spot)

/** A formula as it was published: intrinsic at and beyond the boundary, European where exercise is never early. */
const formula =
  (year: FormulaYear) =>
  (
    sign: 1 | -1,
    spot: number,
    strike: number,
    years: number,
    rate: number,
    dividendYield: number,
    volatility: number
  ): number => {
    const call = unitCall(sign, spot, strike, years, rate, dividendYield, volatility)
    const boundaries = boundariesOf(year, call)
    if (Math.exp(call.x) >= boundaries.later) return sign * (spot - strike)
    const value = unitOf(sign, spot, strike) * unitContinuation(year, call, boundaries)
    return Number.isFinite(value)
      ? value
      : europeanPrice(sign, spot, strike, years, rate, dividendYield, volatility)
  }

/** The bare formula of 1993; it can be below the European value and below intrinsic. */
export const bjerksundStensland1993Formula = formula(1993)

/** The bare formula of 2002; it can be below the European value, below intrinsic and below that of 1993. */
export const bjerksundStensland2002Formula = formula(2002)

/** What makes an American price: a formula, or one of the values that it may not be below. */
export type Branch = "formula" | "european" | "intrinsic"

/**
 * The formula of a year where it is used, whatever its floor and past its own
 * boundary: the smooth function to take derivatives of. NaN where exercise is
 * never early, or as good as never.
 */
export const continuationValue = (
  year: FormulaYear,
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): number => {
  const call = unitCall(sign, spot, strike, years, rate, dividendYield, volatility)
  return unitOf(sign, spot, strike) * unitContinuation(year, call, boundariesOf(year, call))
}

/**
 * How far off the formula bends, as a share of the volatility: where bt + 2σ√t is zero a flat boundary begins to be the
 * one at expiry, and slopes on its two sides differ.
 */
export const bendDistance = (
  year: FormulaYear,
  sign: 1 | -1,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): number => {
  const carry = sign * (rate - dividendYield)
  const distance = (t: number): number => Math.abs(1 + (carry * Math.sqrt(t)) / (2 * volatility))
  return year === 1993 ? distance(years) : Math.min(distance(years), distance(FIRST_SHARE * years))
}

/**
 * The formula of a year with its floor, the greatest of it, the European and
 * the intrinsic value; and which of them it is. The formula is passed over
 * where rounding lifts it above the spot (calls) or the strike (puts).
 */
export const flooredValue = (
  year: FormulaYear,
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): { readonly branch: Branch; readonly price: number } => {
  const call = unitCall(sign, spot, strike, years, rate, dividendYield, volatility)
  const boundaries = boundariesOf(year, call)
  const intrinsic = sign * (spot - strike)
  const european = europeanPrice(sign, spot, strike, years, rate, dividendYield, volatility)
  if (!(Math.exp(call.x) >= boundaries.later)) {
    const value = unitOf(sign, spot, strike) * unitContinuation(year, call, boundaries)
    if (value > european && value > intrinsic && value <= (sign > 0 ? spot : strike)) {
      return { branch: "formula", price: value }
    }
  }
  return intrinsic >= european && intrinsic > 0
    ? { branch: "intrinsic", price: intrinsic }
    : { branch: "european", price: european }
}

/** An American option by the formula of 1993 and its floor, in dollars a share. */
export const bjerksundStensland1993 = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): number => flooredValue(1993, sign, spot, strike, years, rate, dividendYield, volatility).price

/** An American option by the formula of 2002 and its floor, in dollars a share. */
export const bjerksundStensland2002 = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): number => flooredValue(2002, sign, spot, strike, years, rate, dividendYield, volatility).price
