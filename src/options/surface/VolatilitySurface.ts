/** What every fitted surface answers, whatever it is made of. */
import { Schema } from "effect"
import type { SessionDate } from "../../domain/Timestamp.ts"

/** Too few usable quotes for what was asked. */
export class InsufficientQuotes extends Schema.TaggedError<InsufficientQuotes>()("InsufficientQuotes", {
  symbol: Schema.String,
  /** What could not be made: "a surface", "a smile of 2014-06-13", "the term structure". */
  wanted: Schema.String,
  found: Schema.Int,
  needed: Schema.Int,
  message: Schema.String
}) {}

/**
 * A volatility with how far it may be trusted. inside: between quoted strikes
 * and expiries. near: a little beyond them, by the model's own wings. outside:
 * there is no number, only where the surface ends.
 */
export type SurfaceAnswer =
  | { readonly _tag: "Inside"; readonly volatility: number }
  | { readonly _tag: "Near"; readonly volatility: number; readonly why: string }
  | {
      readonly _tag: "Outside"
      readonly why: string
      /** The closest place that has an answer. */
      readonly nearest: {
        readonly strike: number
        readonly years: number
        readonly volatility: number
      }
    }

export type InterpolationModel =
  | "ssvi"
  | "svi"
  | "multiquadric"
  | "inverse"
  | "gaussian"
  | "linear"
  | "cubic"
  | "thin-plate"

/** Places where prices of the surface would allow a profit without risk. */
export interface ArbitrageReport {
  /** Density below zero: Durrleman's g(k) < 0; `density` is g, which is 1 where the smile is flat. */
  readonly butterfly: ReadonlyArray<{
    readonly expiry: SessionDate | undefined
    readonly years: number
    readonly strike: number
    readonly density: number
  }>
  /** Total variance that falls with time at the same moneyness. */
  readonly calendar: ReadonlyArray<{
    readonly years: number
    readonly laterYears: number
    readonly logMoneyness: number
    readonly fall: number
  }>
}

export interface SliceFit {
  readonly expiry: SessionDate
  readonly years: number
  readonly forward: number
  readonly points: number
  /** Root mean square and largest error of volatility, per 1.00. */
  readonly rmsError: number
  readonly maxError: number
  /** Share of points between their own bid's and ask's volatility. */
  readonly insideSpread: number
}

export interface VolatilitySurface {
  readonly symbol: string
  readonly spot: number
  readonly asOf: string
  readonly model: InterpolationModel
  /** Parameters by name, for those who want to rebuild it. */
  readonly parameters: ReadonlyArray<{ readonly name: string; readonly value: number }>
  readonly slices: ReadonlyArray<SliceFit>
  /** Expiries with too few strikes to be fitted. */
  readonly leftOut: ReadonlyArray<{ readonly expiry: SessionDate; readonly points: number }>
  readonly rmsError: number
  /** Of the quotes as they are (mids), and of the fitted surface. */
  readonly before: ArbitrageReport
  readonly after: ArbitrageReport
  /** Volatility at a strike in dollars and a time in years. */
  readonly volatilityAt: (strike: number, years: number) => SurfaceAnswer
  /** The forward at a time, from those of the expiries around it. */
  readonly forwardAt: (years: number) => number
}
