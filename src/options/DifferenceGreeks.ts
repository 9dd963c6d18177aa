/**
 * Greeks of a price that has no closed derivatives, by differences.
 *
 * The price is a smooth function where it is differentiated: its callers give
 * the branch that makes the price (a formula past its own boundary, never the
 * greater of two), and values at intrinsic have `exercisedGreeks` instead.
 */
import type { Greeks } from "./Greeks.ts"

/** An unchecked price. */
export type PriceAt = (spot: number, years: number, rate: number, volatility: number) => number

/** What is exercised now: it moves with the share, and nothing else moves it. */
export const exercisedGreeks = (sign: 1 | -1, spot: number, strike: number): Greeks => ({
  price: sign * (spot - strike),
  delta: sign,
  gamma: 0,
  vega: 0,
  theta: 0,
  rho: 0,
  vanna: 0,
  volga: 0,
  charm: 0,
  speed: 0
})

/** Values of a function about a point, and its derivatives there. */
interface Stencil {
  readonly first: number
  readonly second: number
  readonly third: number
}

/** From values at −2h … 2h: errors of h⁴, h⁴ and h². */
export const centred = (h: number, [a, b, c, d, e]: readonly [number, number, number, number, number]) => ({
  first: (8 * (d - b) - (e - a)) / (12 * h),
  second: (16 * (d + b) - (e + a) - 30 * c) / (12 * h * h),
  third: (e - a - 2 * (d - b)) / (2 * h ** 3)
})

/** From values at 0 … 4h: errors of h⁴, h³ and h². */
const oneSided = (
  h: number,
  [a, b, c, d, e]: readonly [number, number, number, number, number]
): Stencil => ({
  first: (-25 * a + 48 * b - 36 * c + 16 * d - 3 * e) / (12 * h),
  second: (35 * a - 104 * b + 114 * c - 56 * d + 11 * e) / (12 * h * h),
  third: (-5 * a + 18 * b - 24 * c + 14 * d - 3 * e) / (2 * h ** 3)
})

/** Derivatives of `f` at zero; to the side of the sign of `side` only, or to both of 0. */
const derivatives = (f: (x: number) => number, h: number, side: number): Stencil =>
  side === 0
    ? centred(h, [f(-2 * h), f(-h), f(0), f(h), f(2 * h)])
    : oneSided(side * h, [f(0), f(side * h), f(2 * side * h), f(3 * side * h), f(4 * side * h)])

/** Where the differences are taken. */
export interface DifferencePoint {
  readonly spot: number
  readonly years: number
  readonly rate: number
  readonly volatility: number
}

/** How far apart. */
export interface Steps {
  /** In deviations σ√T of the logarithm of the spot. */
  readonly spot: number
  /** As a share of the volatility and of the time. */
  readonly relative: number
  /** Added to the rate. */
  readonly rate: number
  /** To which side of the spot there is no boundary, or 0 where none is near. */
  readonly side: -1 | 0 | 1
  /** 1 where no lower rate may be tried. */
  readonly rateSide: 0 | 1
}

/** By spot: from derivatives to its logarithm. */
export const bySpot = ({ first, second, third }: Stencil, spot: number) => ({
  delta: first / spot,
  gamma: (second - first) / spot ** 2,
  speed: (third - 3 * second + 2 * first) / spot ** 3
})

/** The Greeks of `price` at a point with time and volatility. */
export const differenceGreeks = (
  price: PriceAt,
  { rate, spot, volatility, years }: DifferencePoint,
  steps: Steps
): Greeks => {
  const h = steps.spot * volatility * Math.sqrt(years)
  const byLog = (t: number, v: number) =>
    derivatives((x) => price(spot * Math.exp(x), t, rate, v), h, steps.side)
  const here = bySpot(byLog(years, volatility), spot)
  const vol = volatility * steps.relative
  const time = years * steps.relative
  const byVolatility = derivatives((x) => price(spot, years, rate, volatility + x), vol, 0)
  const byTime = derivatives((x) => price(spot, years + x, rate, volatility), time, 0)
  const byRate = derivatives((x) => price(spot, years, rate + x, volatility), steps.rate, steps.rateSide)
  // The mixed ones: the second differences need no more than their first order, so half the step is enough.
  const deltaAt = (t: number, v: number) => byLog(t, v).first / spot
  return {
    price: price(spot, years, rate, volatility),
    ...here,
    vega: byVolatility.first,
    volga: byVolatility.second,
    theta: -byTime.first,
    rho: byRate.first,
    vanna: (deltaAt(years, volatility + vol / 2) - deltaAt(years, volatility - vol / 2)) / vol,
    charm: -(deltaAt(years + time / 2, volatility) - deltaAt(years - time / 2, volatility)) / time
  }
}
