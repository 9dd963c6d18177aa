/**
 * The smile of an expiry in a few numbers that can be compared between expiries
 * and days.
 *
 * Deltas are of the forward: N(d₁) of a call, N(d₁) − 1 of a put, so that rates
 * and dividends do not move the strikes (the spot's delta is e^(−qT) times it).
 * Each leg's volatility is the smile's own at its strike.
 */
import type { SessionDate } from "../../domain/Timestamp.ts"
import { normal } from "../kernels/Mills.ts"
import type { VolatilitySurface } from "./VolatilitySurface.ts"

/** One wing of a risk reversal. */
export type SkewLeg =
  | {
      readonly _tag: "Found"
      readonly strike: number
      readonly volatility: number
      /** Whether it lies between quoted strikes and expiries, or a little beyond. */
      readonly trust: "inside" | "near"
    }
  /** The strike with that delta lies beyond what the surface answers. */
  | { readonly _tag: "Outside"; readonly why: string }

export interface SkewMeasures {
  /** Call's volatility less the put's, at the delta: negative where puts cost more. */
  readonly riskReversal: number
  /** Mean of the two less that at the forward. */
  readonly butterfly: number
  /** (Put's − call's) ÷ that at the forward (Mixon, "What does implied volatility skew measure?", 2011). */
  readonly normalized: number
}

export interface ExpirySkew {
  /** Undefined for a time between expiries. */
  readonly expiry: SessionDate | undefined
  readonly years: number
  readonly forward: number
  /** At the forward. */
  readonly atm: number
  readonly put: SkewLeg
  readonly call: SkewLeg
  /** dσ/dk at the forward, k = ln(strike ÷ forward): per 1.00 of log-moneyness. */
  readonly slope: number
  /** slope · √T, comparable between expiries. */
  readonly standardSlope: number
  /** Undefined where a leg is outside. */
  readonly measures: SkewMeasures | undefined
}

export interface SkewReport {
  readonly symbol: string
  readonly asOf: string
  /** 0.25: that of the call; the put's is its negative. */
  readonly delta: number
  /** Earliest first; expiries without a volatility at the forward are left out. */
  readonly expiries: ReadonlyArray<ExpirySkew>
}

/** Steps of a quarter of a deviation in search of a strike; twenty deviations at the most. */
const STEP_DEVIATIONS = 0.25
const FARTHEST_STEPS = 80

interface Smile {
  readonly years: number
  readonly forward: number
  readonly atm: number
  readonly at: (k: number) => ReturnType<VolatilitySurface["volatilityAt"]>
}

/** N(d₁) at log-moneyness k. */
const callDelta = (k: number, volatility: number, years: number): number => {
  const deviation = volatility * Math.sqrt(years)
  return normal(deviation / 2 - k / deviation)
}

/** The strike of a wing whose call delta is `target`: above the forward for a call, below it for a put. */
const legOf = ({ at, atm, forward, years }: Smile, side: 1 | -1, target: number): SkewLeg => {
  const step = side * STEP_DEVIATIONS * atm * Math.sqrt(years)
  const isReached = (k: number, volatility: number) => side * (callDelta(k, volatility, years) - target) <= 0
  let near = 0
  let far = 0
  // A put's strike of a long expiry may be above the forward's middle: the search begins at the middle itself.
  for (let i = 0; ; i++) {
    if (i > FARTHEST_STEPS) return { _tag: "Outside", why: "no strike has that delta" }
    far = i * step
    const answer = at(far)
    if (answer._tag === "Outside") return { _tag: "Outside", why: answer.why }
    if (isReached(far, answer.volatility)) break
    near = far
  }
  for (let i = 0; i < 60; i++) {
    const middle = (near + far) / 2
    const answer = at(middle)
    if (answer._tag === "Outside") return { _tag: "Outside", why: answer.why }
    if (isReached(middle, answer.volatility)) far = middle
    else near = middle
  }
  const answer = at(far)
  return answer._tag === "Outside"
    ? { _tag: "Outside", why: answer.why }
    : {
        _tag: "Found",
        strike: forward * Math.exp(far),
        volatility: answer.volatility,
        trust: answer._tag === "Inside" ? "inside" : "near"
      }
}

/** The skew at a time in years; undefined where the surface has no volatility at the forward. */
export const skewAt = (surface: VolatilitySurface, years: number, delta = 0.25): ExpirySkew | undefined => {
  const forward = surface.forwardAt(years)
  const at = (k: number) => surface.volatilityAt(forward * Math.exp(k), years)
  const middle = at(0)
  if (middle._tag === "Outside") return undefined
  const atm = middle.volatility
  const smile = { years, forward, atm, at }
  const call = legOf(smile, 1, delta)
  const put = legOf(smile, -1, 1 - delta)
  const step = 0.02 * atm * Math.sqrt(years)
  const [below, above] = [at(-step), at(step)]
  const slope =
    ((above._tag === "Outside" ? atm : above.volatility) -
      (below._tag === "Outside" ? atm : below.volatility)) /
    ((above._tag === "Outside" ? 0 : step) + (below._tag === "Outside" ? 0 : step))
  return {
    expiry: surface.slices.find((slice) => slice.years === years)?.expiry,
    years,
    forward,
    atm,
    put,
    call,
    slope: Number.isFinite(slope) ? slope : 0,
    standardSlope: Number.isFinite(slope) ? slope * Math.sqrt(years) : 0,
    measures:
      call._tag === "Found" && put._tag === "Found"
        ? {
            riskReversal: call.volatility - put.volatility,
            butterfly: (call.volatility + put.volatility) / 2 - atm,
            normalized: (put.volatility - call.volatility) / atm
          }
        : undefined
  }
}

/** The skew of each fitted expiry. */
export const skew = (surface: VolatilitySurface, delta = 0.25): SkewReport => ({
  symbol: surface.symbol,
  asOf: surface.asOf,
  delta,
  expiries: surface.slices.flatMap(({ years }) => {
    const found = skewAt(surface, years, delta)
    return found === undefined ? [] : [found]
  })
})
