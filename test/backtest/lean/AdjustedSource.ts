/**
 * A price source as LEAN shows it to an algorithm by default: every price times the factor of its day, and volumes
 * by the same factor the other way, so that dividends and splits are in the prices and nothing is paid. To the micro;
 * LEAN keeps all digits.
 */
import { readFileSync } from "node:fs"
import { Effect, Option } from "effect"
import type { Resolution } from "../../../src/domain/Quote.ts"
import { dayOfDate, sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import type { BarSeries, QuoteSeries, SourceListing } from "../../../src/market/BarSeries.ts"
import type { BarSource } from "../../../src/market/BarSource.ts"
import { exchangeDate } from "../../../src/market/TradingCalendar.ts"

interface Factor {
  /** The last day it holds for, as a day since 1970. */
  readonly until: number
  readonly factor: number
}

const factorsOf = (file: string): ReadonlyArray<Factor> =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(","))
    .map(([date = "", price, split]) => ({
      until: dayOfDate(sessionDate(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`)),
      factor: Number(price) * Number(split)
    }))
    .toSorted((a, b) => a.until - b.until)

/** The factor of a day: that of the first row that is not before it. */
export const factorOn = (factors: ReadonlyArray<Factor>, day: number): number =>
  factors.find(({ until }) => until >= day)?.factor ?? 1

/** Listings with these resolutions alone; with all there are where none are named. */
export const only = (
  listings: ReadonlyArray<SourceListing>,
  resolutions: ReadonlyArray<Resolution> | undefined
): ReadonlyArray<SourceListing> =>
  listings.map((listing) => ({
    ...listing,
    resolutions: listing.resolutions.filter((one) => resolutions === undefined || resolutions.includes(one))
  }))

/** `resolutions`: the only ones that are offered; all that there are unless given. */
export const adjustedSource = (
  source: BarSource,
  factorFile: string,
  resolutions?: ReadonlyArray<Resolution>
): BarSource => {
  const factors = factorsOf(factorFile)
  const factorAt = (at = 0): number => factorOn(factors, dayOfDate(exchangeDate(timestamp(at))))
  const scaled = (column: Float64Array, { tsOpen }: BarSeries): Float64Array =>
    column.map((value, row) => Math.round(value * factorAt(tsOpen[row])))
  const bars = (series: BarSeries): BarSeries => ({
    ...series,
    open: scaled(series.open, series),
    high: scaled(series.high, series),
    low: scaled(series.low, series),
    close: scaled(series.close, series),
    volume: series.volume.map((value, row) => Math.round(value / factorAt(series.tsOpen[row])))
  })
  const quotes = (series: QuoteSeries): QuoteSeries => ({
    ...series,
    ...bars(series),
    askOpen: scaled(series.askOpen, series),
    askHigh: scaled(series.askHigh, series),
    askLow: scaled(series.askLow, series),
    askClose: scaled(series.askClose, series),
    bidSize: series.bidSize,
    askSize: series.askSize
  })
  return {
    ...source,
    listings: source.listings.map((listing) => ({
      ...listing,
      resolutions: listing.resolutions.filter((one) => resolutions === undefined || resolutions.includes(one))
    })),
    series: (id, resolution, range) => Effect.map(source.series(id, resolution, range), bars),
    quoteSeries: (id, date) => Effect.map(source.quoteSeries(id, date), Option.map(quotes)),
    corporateActions: () => Effect.succeed([])
  }
}
