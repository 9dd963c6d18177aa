/**
 * How volatility at the forward goes with time.
 *
 * Between expiries total variance σ²T is linear in time, as the surface has
 * it: a constant maturity is a weighted mean of the variances around it (as
 * VIX has it: Cboe, "Volatility Index Methodology", 2023), never of
 * volatilities.
 */
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { SurfaceAnswer, VolatilitySurface } from "./VolatilitySurface.ts"

/** Calendar days of the usual constant maturities. */
export const usualMaturities: ReadonlyArray<number> = [7, 30, 60, 90, 180, 365]

const DAYS_A_YEAR = 365

export interface AtmVolatility {
  readonly expiry: SessionDate
  readonly years: number
  readonly forward: number
  /** At the forward, annual, 1.0 is 100%. */
  readonly volatility: number
  /** volatility² · years */
  readonly totalVariance: number
}

/** A volatility that would have to hold between two times for both to be right. */
export type ForwardVolatility = {
  readonly fromYears: number
  readonly toYears: number
} & (
  | { readonly _tag: "Value"; readonly volatility: number }
  /** Total variance falls: calendar arbitrage, and no real volatility. */
  | { readonly _tag: "Negative"; readonly forwardVariance: number }
)

/** contango: later volatility is higher. backwardation: it is lower. */
export type TermShape = "contango" | "backwardation" | "flat"

export interface TermSlope {
  readonly nearDays: number
  readonly farDays: number
  readonly nearVolatility: number
  readonly farVolatility: number
  /** Far less near, per year between them. */
  readonly perYear: number
  /** Near ÷ far: above 1 is backwardation. */
  readonly ratio: number
  readonly shape: TermShape
}

export interface TermStructure {
  readonly symbol: string
  readonly asOf: string
  /** Of each fitted expiry, earliest first. */
  readonly atm: ReadonlyArray<AtmVolatility>
  readonly constantMaturity: ReadonlyArray<{
    readonly days: number
    /** Outside: the expiries do not reach that far. */
    readonly answer: SurfaceAnswer
  }>
  /** Between each two neighbouring expiries; the first from now. */
  readonly forward: ReadonlyArray<ForwardVolatility>
  /** Undefined where fewer than two constant maturities have an answer. */
  readonly slope: TermSlope | undefined
}

/** A ratio no further from 1 is flat. */
export const FLAT_WITHIN = 0.01

const volatilityOf = (answer: SurfaceAnswer): number | undefined =>
  answer._tag === "Outside" ? undefined : answer.volatility

const forwardVolatility = (
  from: { readonly years: number; readonly totalVariance: number },
  to: { readonly years: number; readonly totalVariance: number }
): ForwardVolatility => {
  const forwardVariance = (to.totalVariance - from.totalVariance) / (to.years - from.years)
  const span = { fromYears: from.years, toYears: to.years }
  return forwardVariance >= 0
    ? { ...span, _tag: "Value", volatility: Math.sqrt(forwardVariance) }
    : { ...span, _tag: "Negative", forwardVariance }
}

/** From 30 to 90 days where both are known, else from the nearest known maturity to the farthest. */
const slopeOf = (known: ReadonlyArray<{ readonly days: number; readonly volatility: number }>) => {
  const at = (days: number) => known.find((maturity) => maturity.days === days)
  const near = at(30)
  const far = at(90)
  const [from, to] =
    near !== undefined && far !== undefined ? [near, far] : [known[0], known[known.length - 1]]
  if (from === undefined || to === undefined || from.days === to.days) return undefined
  const ratio = from.volatility / to.volatility
  const shape: TermShape =
    ratio > 1 + FLAT_WITHIN ? "backwardation" : ratio < 1 - FLAT_WITHIN ? "contango" : "flat"
  return {
    nearDays: from.days,
    farDays: to.days,
    nearVolatility: from.volatility,
    farVolatility: to.volatility,
    perYear: ((to.volatility - from.volatility) * DAYS_A_YEAR) / (to.days - from.days),
    ratio,
    shape
  }
}

/** The term structure of a fitted surface; maturities in calendar days. */
export const termStructure = (
  surface: VolatilitySurface,
  maturities: ReadonlyArray<number> = usualMaturities
): TermStructure => {
  const atm = surface.slices.flatMap(({ expiry, forward, years }) => {
    const volatility = volatilityOf(surface.volatilityAt(forward, years))
    return volatility === undefined
      ? []
      : [{ expiry, years, forward, volatility, totalVariance: volatility * volatility * years }]
  })
  const constantMaturity = maturities.map((days) => {
    const years = days / DAYS_A_YEAR
    return { days, answer: surface.volatilityAt(surface.forwardAt(years), years) }
  })
  return {
    symbol: surface.symbol,
    asOf: surface.asOf,
    atm,
    constantMaturity,
    forward: atm.map((to, i) => forwardVolatility(atm[i - 1] ?? { years: 0, totalVariance: 0 }, to)),
    slope: slopeOf(
      constantMaturity.flatMap(({ answer, days }) => {
        const volatility = volatilityOf(answer)
        return volatility === undefined ? [] : [{ days, volatility }]
      })
    )
  }
}
