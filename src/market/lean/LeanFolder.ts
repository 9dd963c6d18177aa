/**
 * A LEAN data folder as a source of prices (`--data PATH`).
 *
 * A listing is a ticker with price files under `equity/usa/{daily,hour,minute}`.
 * Its map file says under which tickers it traded, and when: its history is put
 * together from those tickers' files, each cut to its own days, and sessions that
 * no file has are listed as gaps. Its factor file gives splits and dividends.
 * Prices are as traded; whoever wants them adjusted asks `MarketData`.
 *
 * Daily rows, map and factor files are checked when the folder is opened; hours
 * and minutes when they are asked for. Only names and dates are kept in memory.
 */
import { Effect, type FileSystem, Option, type Path, Result } from "effect"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { Resolution } from "../../domain/Quote.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { BarSeries, QuoteSeries } from "../BarSeries.ts"
import type { BarSource, BarSourceError, SessionRange } from "../BarSource.ts"
import { type BadRow, MarketSourceError } from "../MarketData.ts"
import { dailyOrHourParts, minuteBars, minuteQuotes, type Parts, unlessBad } from "./LeanBars.ts"
import { eightDigits } from "./LeanDate.ts"
import { discover, type LeanListing, readTexts, type TickerIndex } from "./LeanDiscovery.ts"
import { type LeanFiles, openLeanFiles, sourceName } from "./LeanFiles.ts"
import { concatenated } from "./LeanSeries.ts"

export interface LeanFolderOptions {
  /** The folder that holds `equity/usa`. */
  readonly path: string
  /** Open only these symbols; those the folder does not have are passed over. Default: every ticker. */
  readonly symbols?: ReadonlyArray<string>
  /** Leave bad rows out instead of failing. */
  readonly skipBadRows: boolean
}

/** Rows left out after the folder was opened are in nobody's list: they go to the log. */
const tellOf = (bad: ReadonlyArray<BadRow>, skipBadRows: boolean): Effect.Effect<void> =>
  skipBadRows && bad.length > 0
    ? Effect.logWarning(
        "bad rows left out",
        bad.map(({ file, problem, row }) => ({ file, row, problem }))
      )
    : Effect.void

const minuteParts = Effect.fnUntraced(function* (
  files: LeanFiles,
  { listing, minutes }: LeanListing,
  range: SessionRange
): Effect.fn.Return<Parts, MarketSourceError> {
  const parts: Array<BarSeries> = []
  const bad: Array<BadRow> = []
  const dates = [...minutes.keys()].filter((date) => date >= range.from && date <= range.to).toSorted()
  for (const date of dates) {
    const day = minutes.get(date)
    if (day?.hasTrades !== true) continue
    const zipped = yield* files.zipped(`minute/${day.ticker}/${eightDigits(date)}_trade.zip`)
    if (Result.isFailure(zipped)) {
      bad.push(zipped.failure)
      continue
    }
    const read = minuteBars(zipped.success, listing.instrument, date)
    parts.push(read.series)
    bad.push(...read.bad)
  }
  return { parts, bad }
})

const partsOf = Effect.fnUntraced(function* (
  files: LeanFiles,
  index: TickerIndex,
  of: LeanListing,
  resolution: "1m" | "1h" | "1d",
  range: SessionRange
): Effect.fn.Return<Parts, MarketSourceError> {
  if (resolution === "1m") return yield* minuteParts(files, of, range)
  const texts = yield* readTexts(files, resolution === "1d" ? "daily" : "hour", index, of.spans)
  return dailyOrHourParts(texts, of.listing.instrument, of.spans, resolution, range)
})

const quotesOn = Effect.fnUntraced(function* (
  files: LeanFiles,
  { listing, minutes }: LeanListing,
  date: SessionDate,
  skipBadRows: boolean
): Effect.fn.Return<Option.Option<QuoteSeries>, BarSourceError> {
  const day = minutes.get(date)
  if (day?.hasQuotes !== true) return Option.none()
  const zipped = yield* files.zipped(`minute/${day.ticker}/${eightDigits(date)}_quote.zip`)
  const { quotes, bad } = Result.isFailure(zipped)
    ? { quotes: Option.none<QuoteSeries>(), bad: [zipped.failure] }
    : minuteQuotes(zipped.success, listing.instrument, date)
  yield* tellOf(bad, skipBadRows)
  return yield* Effect.fromResult(unlessBad(quotes, bad, skipBadRows))
})

const emptyFolder = (source: string, path: string): MarketSourceError =>
  new MarketSourceError({
    source,
    message: `${source} has no US equity prices that can be used: expected files such as ${path}/equity/usa/daily/spy.zip`
  })

/**
 * Opens a LEAN data folder.
 *
 * Fails with `MarketSourceError` when the folder is missing, is not LEAN's or has no prices, and with
 * `BadMarketData` when a daily row, a map or a factor file is bad and bad rows are not to be skipped.
 */
export const makeLeanFolder = Effect.fn("LeanFolder.make")(function* (
  options: LeanFolderOptions
): Effect.fn.Return<BarSource, BarSourceError, FileSystem.FileSystem | Path.Path> {
  const { path, skipBadRows, symbols } = options
  const name = sourceName(path)
  const files = yield* openLeanFiles(path)
  const found = yield* discover(files, name, symbols)
  yield* Effect.fromResult(unlessBad(undefined, found.bad, skipBadRows))
  if (found.listings.length === 0 && symbols === undefined) return yield* emptyFolder(name, path)
  const byId = new Map(found.listings.map((of) => [of.listing.instrument.id, of]))
  const listed = (id: InstrumentId): Effect.Effect<LeanListing, MarketSourceError> =>
    Effect.fromOption(Option.fromUndefinedOr(byId.get(id))).pipe(
      Effect.mapError(
        () => new MarketSourceError({ source: name, message: `${name} has no instrument ${id}` })
      )
    )
  const series = Effect.fnUntraced(function* (
    id: InstrumentId,
    resolution: Resolution,
    range: SessionRange
  ): Effect.fn.Return<BarSeries, BarSourceError> {
    const of = yield* listed(id)
    if (resolution === "5m") {
      return yield* new MarketSourceError({
        source: name,
        message: `${name} holds no 5m bars: LEAN has 1m, 1h and 1d`
      })
    }
    const { parts, bad } = yield* partsOf(files, found.index, of, resolution, range)
    if (resolution !== "1d") yield* tellOf(bad, skipBadRows)
    return yield* Effect.fromResult(
      unlessBad(concatenated(of.listing.instrument, resolution, parts), bad, skipBadRows)
    )
  })
  return {
    name,
    listings: found.listings.map((of) => of.listing),
    skipped: found.bad,
    series,
    quoteSeries: (id, date) => Effect.flatMap(listed(id), (of) => quotesOn(files, of, date, skipBadRows)),
    corporateActions: (id) => Effect.map(listed(id), (of) => of.actions)
  }
})
