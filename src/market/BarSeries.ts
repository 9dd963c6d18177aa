/**
 * One instrument's history at one resolution, in columns.
 *
 * Every source (embedded, LEAN folder, CSV) decodes into this, so that reading,
 * aggregating and walking a path are the same plain loops whatever the source.
 */
import type { Instrument } from "../domain/Instrument.ts"
import type { QuoteSource, Resolution } from "../domain/Quote.ts"
import type { SessionDate } from "../domain/Timestamp.ts"

export interface BarSeries {
  readonly instrument: Instrument
  readonly resolution: Resolution
  readonly length: number
  /** UTC microseconds: start and end of each bar; both ascending. */
  readonly tsOpen: Float64Array
  readonly tsEvent: Float64Array
  /** Micros of a dollar. */
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  /** Whole shares: an index's day passes eleven billion, more than micros of a share could hold exactly. */
  readonly volume: Float64Array
}

/**
 * Published bid and ask of each bar's interval, where a source has them (LEAN
 * minute quotes): open, high, low and close are the bid's, volume is zero.
 */
export interface QuoteSeries extends BarSeries {
  readonly askOpen: Float64Array
  readonly askHigh: Float64Array
  readonly askLow: Float64Array
  readonly askClose: Float64Array
  /** Whole shares. */
  readonly bidSize: Float64Array
  readonly askSize: Float64Array
}

/** In force from the open of `date`. */
export type CorporateAction =
  /** `ratio` new shares for one old: `numerator / denominator`. */
  | {
      readonly _tag: "Split"
      readonly date: SessionDate
      readonly numerator: number
      readonly denominator: number
    }
  /** Micros of a dollar per share held at the previous close. */
  | { readonly _tag: "Dividend"; readonly date: SessionDate; readonly amountPerShare: number }

/** What one source knows of one instrument. */
export interface SourceListing {
  readonly instrument: Instrument
  /** Finest first. */
  readonly resolutions: ReadonlyArray<Resolution>
  readonly firstSession: SessionDate
  readonly lastSession: SessionDate
  /** Spans inside first..last without data, and why. */
  readonly gaps: ReadonlyArray<{
    readonly from: SessionDate
    readonly to: SessionDate
    readonly reason: string
  }>
  readonly quoteSource: QuoteSource
}
