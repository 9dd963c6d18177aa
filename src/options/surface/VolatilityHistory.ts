/**
 * A surface in a few numbers a day, at constant maturities, so that days can be
 * compared: expiries come nearer, 30 days do not.
 */
import { skewAt } from "./Skew.ts"
import { termStructure, usualMaturities } from "./TermStructure.ts"
import type { VolatilitySurface } from "./VolatilitySurface.ts"

/**
 * atm: volatility at the forward. risk-reversal, butterfly, normalized-skew:
 * of 25 deltas unless others are given, as `Skew` has them. standard-slope: dσ/dk · √T at the forward.
 * term-ratio: near ÷ far volatility at the forward.
 */
export const measureNames = [
  "atm",
  "risk-reversal",
  "butterfly",
  "normalized-skew",
  "standard-slope",
  "term-ratio"
] as const
export type MeasureName = (typeof measureNames)[number]

export interface Measure {
  readonly name: MeasureName
  /** Calendar days of the maturity; of a term ratio those of its near end. */
  readonly days: number
  readonly value: number
}

/** Where the quotes came from. What is generated says so wherever it goes. */
export type HistorySource = "quotes" | "model" | "generated"

export interface VolatilitySnapshot {
  readonly symbol: string
  /** Market time, ISO 8601 in UTC. */
  readonly asOf: string
  readonly source: HistorySource
  readonly measures: ReadonlyArray<Measure>
}

/** What can be measured of the surface inside its quotes or near them; what cannot is left out. */
export const snapshotOf = (
  surface: VolatilitySurface,
  {
    delta,
    maturities = usualMaturities,
    source
  }: {
    readonly source: HistorySource
    readonly maturities?: ReadonlyArray<number>
    readonly delta?: number
  }
): VolatilitySnapshot => {
  const ofMaturities = maturities.flatMap((days): ReadonlyArray<Measure> => {
    const found = skewAt(surface, days / 365, delta)
    if (found === undefined) return []
    const { atm, measures, standardSlope } = found
    return [
      { name: "atm", days, value: atm },
      ...(measures === undefined
        ? []
        : [
            { name: "risk-reversal", days, value: measures.riskReversal } as const,
            { name: "butterfly", days, value: measures.butterfly } as const,
            { name: "normalized-skew", days, value: measures.normalized } as const
          ]),
      { name: "standard-slope", days, value: standardSlope }
    ]
  })
  const { slope } = termStructure(surface, maturities)
  return {
    symbol: surface.symbol,
    asOf: surface.asOf,
    source,
    measures:
      slope === undefined
        ? ofMaturities
        : [...ofMaturities, { name: "term-ratio", days: slope.nearDays, value: slope.ratio }]
  }
}
