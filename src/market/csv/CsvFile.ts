/**
 * The user's own prices out of a CSV (`--csv SYMBOL=FILE`).
 *
 * One file is one symbol at one resolution, held in memory. Columns, dates and
 * numbers are recognised as far as they can be without guessing, and what was
 * recognised is part of the source (`mapping`), to be shown before anything runs
 * on it. Prices are taken as they are: no splits, no dividends, an "Adj Close"
 * column is not used.
 */
import { Effect, type FileSystem, Option, Result, Schema } from "effect"
import { instrumentId, symbol as markSymbol, Symbol } from "../../domain/Identifiers.ts"
import { Instrument } from "../../domain/Instrument.ts"
import { pricePerShare, shares } from "../../domain/Money.ts"
import type { Resolution } from "../../domain/Quote.ts"
import { type SessionDate, timestamp } from "../../domain/Timestamp.ts"
import { accept } from "../BarRows.ts"
import type { BarSeries, SourceListing } from "../BarSeries.ts"
import type { BarSource, BarSourceError, SessionRange } from "../BarSource.ts"
import { MarketSourceError } from "../MarketData.ts"
import { readRegularFile } from "../RegularFile.ts"
import { missingSessions } from "../SessionGaps.ts"
import { exchangeDate } from "../TradingCalendar.ts"
import { type CsvBars, type CsvMapping, readCsv } from "./CsvBars.ts"
import { columnNames } from "./CsvColumns.ts"
import { decodeText } from "./CsvTable.ts"

/** Twenty years of minutes of one symbol are half of it. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024

export interface CsvFileOptions {
  /** What the file's prices are to be called. */
  readonly symbol: string
  readonly file: string
  /** Leave bad rows out instead of failing. */
  readonly skipBadRows: boolean
}

export interface CsvFile extends BarSource {
  readonly mapping: CsvMapping
  /** Good rows, bars of regular hours. */
  readonly rows: number
}

const failure = (file: string, problem: string): MarketSourceError =>
  new MarketSourceError({ source: `CSV ${file}`, message: `${file}: ${problem}` })

const readBytes = (file: string): Effect.Effect<Uint8Array, MarketSourceError, FileSystem.FileSystem> =>
  readRegularFile(file, MAX_FILE_BYTES).pipe(
    Effect.mapError((error) =>
      failure(
        file,
        error._tag === "PlatformError" && error.reason._tag === "NotFound"
          ? "there is no such file; expected --csv SYMBOL=FILE"
          : `the file cannot be read (${error.message}); give each symbol a file of its own`
      )
    )
  )

const equity = (symbol: Symbol, caveats: ReadonlyArray<string>): Instrument =>
  Instrument.cases.Equity.make({
    id: instrumentId(`${symbol}.XNYS`),
    symbol,
    name: symbol,
    currency: "USD",
    priceIncrement: pricePerShare(0.01),
    sizeIncrement: shares(1),
    multiplier: 1,
    paperOnly: true,
    caveats
  })

const caveatsOf = (file: string, { hasVolume, mapping, read }: CsvBars): ReadonlyArray<string> => [
  `from ${file}, as the user gave it; splits and dividends are unknown`,
  ...(hasVolume ? [] : ["the file has no volume: it counts as 0"]),
  ...(read.outsideHours > 0 ? [`${read.outsideHours} rows outside regular hours are left out`] : []),
  ...(mapping.ignored.length > 0 ? [`columns not used: ${columnNames(mapping.ignored)}`] : []),
  "bid and ask are modelled"
]

const sessionsOf = (series: BarSeries): ReadonlyArray<SessionDate> => {
  const dates = new Set<SessionDate>()
  for (const at of series.tsOpen) dates.add(exchangeDate(timestamp(at)))
  return [...dates]
}

/** How many bars come before the first whose exchange date is `isPast`; the dates are ascending. */
const countBefore = (series: BarSeries, isPast: (date: SessionDate) => boolean): number => {
  let low = 0
  let high = series.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isPast(exchangeDate(timestamp(series.tsOpen[middle] ?? 0)))) high = middle
    else low = middle + 1
  }
  return low
}

/** The bars whose session lies in the range; columns are views of the whole. */
const within = (series: BarSeries, { from, to }: SessionRange): BarSeries => {
  const start = countBefore(series, (date) => date >= from)
  const end = Math.max(
    start,
    countBefore(series, (date) => date > to)
  )
  return {
    instrument: series.instrument,
    resolution: series.resolution,
    length: end - start,
    tsOpen: series.tsOpen.subarray(start, end),
    tsEvent: series.tsEvent.subarray(start, end),
    open: series.open.subarray(start, end),
    high: series.high.subarray(start, end),
    low: series.low.subarray(start, end),
    close: series.close.subarray(start, end),
    volume: series.volume.subarray(start, end)
  }
}

const listingOf = (
  file: string,
  series: BarSeries,
  instrument: Instrument
): Result.Result<SourceListing, MarketSourceError> => {
  const sessions = sessionsOf(series)
  const firstSession = sessions[0]
  const lastSession = sessions.at(-1)
  if (firstSession === undefined || lastSession === undefined) {
    return Result.fail(failure(file, "the file has no row that can be used"))
  }
  return Result.succeed({
    instrument,
    resolutions: [series.resolution],
    firstSession,
    lastSession,
    gaps: missingSessions(sessions).map((gap) => ({
      ...gap,
      reason: `${file} has no rows of these sessions`
    })),
    quoteSource: "csv-path"
  })
}

/**
 * Reads a file of bars.
 *
 * Fails with `MarketSourceError` when the file is missing, is not such a file, or can be read in two ways (the
 * message says what to change), and with `BadMarketData` when a row is bad and bad rows are not to be skipped.
 */
export const makeCsvFile = Effect.fn("CsvFile.make")(function* (
  options: CsvFileOptions
): Effect.fn.Return<CsvFile, BarSourceError, FileSystem.FileSystem> {
  const { file } = options
  const text = options.symbol.toUpperCase()
  if (!Schema.is(Symbol)(text)) {
    return yield* failure(
      file,
      `"${options.symbol.slice(0, 40)}" cannot be its symbol; expected letters and digits, such as MYFUND`
    )
  }
  const symbol = markSymbol(text)
  const bytes = yield* readBytes(file)
  const bars = yield* Effect.fromResult(
    Result.flatMap(decodeText(bytes), (content) => readCsv(file, content, equity(symbol, []))).pipe(
      Result.mapError((problem) => failure(file, problem))
    )
  )
  const accepted = yield* accept(bars.read, options)
  const instrument = equity(symbol, caveatsOf(file, bars))
  const series = { ...accepted.series, instrument }
  const listing = yield* Effect.fromResult(listingOf(file, series, instrument))
  const name = `CSV ${file}`
  const known = <A>(id: string, value: A): Effect.Effect<A, MarketSourceError> =>
    id === instrument.id
      ? Effect.succeed(value)
      : Effect.fail(failure(file, `the file holds ${instrument.id}, not ${id}`))
  const seriesOf = (id: string, resolution: Resolution, range: SessionRange) =>
    resolution === series.resolution
      ? known(id, within(series, range))
      : Effect.fail(failure(file, `the file holds ${series.resolution} bars, not ${resolution}`))
  return {
    name,
    listings: [listing],
    skipped: accepted.skipped,
    mapping: bars.mapping,
    rows: series.length,
    series: seriesOf,
    quoteSeries: (id) => known(id, Option.none()),
    corporateActions: (id) => known(id, [])
  }
})

const delimiterNames = { ",": "comma", ";": "semicolon", "\t": "tab" } as const

/** The mapping as lines for a person to look over before a run. */
export const mappingLines = ({ listings, mapping, name, rows }: CsvFile): ReadonlyArray<string> => {
  const listing = listings[0]
  const span = listing === undefined ? "" : `, ${listing.firstSession} to ${listing.lastSession}`
  return [
    `${name}: ${rows} bars of ${mapping.resolution}${span}`,
    `columns (${delimiterNames[mapping.delimiter]}): ${mapping.columns.map(([role, header]) => `${role} = "${header}"`).join(", ")}`,
    ...(mapping.ignored.length > 0 ? [`not used: ${columnNames(mapping.ignored)}`] : []),
    `dates: ${mapping.dateFormat}, ${mapping.zone}; ${mapping.order}${mapping.resolution === "1d" ? "" : `; a stamp is the ${mapping.stampedAt} of its bar`}`,
    `numbers: decimal ${mapping.decimalSign === "." ? "point" : "comma"}`
  ]
}
