/**
 * The market that comes with the program: daily history in two data packages.
 *
 * The S&P 500 index, 2000 to 2020 (package vega-datasets), as SPX-REPLAY, and
 * Apple, 2013 to 2018 (@observablehq/sample-datasets). Prices are kept to the
 * last printed digit. The packages are pinned, so what they list is written
 * here and checked when a file is first read; nothing is read before.
 */
import { parse } from "csv-parse/sync"
import { Effect, FileSystem, Option, Path, Result, Schema } from "effect"
import { type InstrumentId, instrumentId, symbol } from "../../domain/Identifiers.ts"
import { Instrument } from "../../domain/Instrument.ts"
import { parseMicros, pricePerShare, shares } from "../../domain/Money.ts"
import { sessionDate, SessionDate, timestamp } from "../../domain/Timestamp.ts"
import { accept, type BarRow, readBars } from "../BarRows.ts"
import type { BarSeries, SourceListing } from "../BarSeries.ts"
import type { BarSource, BarSourceError, SessionRange } from "../BarSource.ts"
import { BadRow, MarketSourceError } from "../MarketData.ts"
import { lowerBound } from "../PricePath.ts"
import { exchangeDate, fromExchangeTime } from "../TradingCalendar.ts"

const NAME = "embedded replay"

export const spxReplayId: InstrumentId = instrumentId("SPX-REPLAY.XNYS")
export const aaplId: InstrumentId = instrumentId("AAPL.XNAS")

interface EmbeddedFile {
  readonly listing: SourceListing
  /** Below a `node_modules` folder. */
  readonly path: string
  /** The file's columns, in order. */
  readonly columns: ReadonlyArray<string>
}

const common = {
  currency: "USD",
  priceIncrement: pricePerShare(0.01),
  sizeIncrement: shares(1),
  multiplier: 1
} as const

const embedded: ReadonlyArray<EmbeddedFile> = [
  {
    path: "vega-datasets/data/sp500-2000.csv",
    columns: ["date", "open", "high", "low", "close", "adjclose", "volume"],
    listing: {
      instrument: Instrument.cases.Index.make({
        ...common,
        id: spxReplayId,
        symbol: symbol("SPX-REPLAY"),
        name: "S&P 500 index, daily history replayed",
        paperOnly: true,
        caveats: [
          "an index: nobody can buy it",
          "price index without dividends",
          "open equals the prior close on about a third of the days, on nearly all before 2006"
        ]
      }),
      resolutions: ["1d"],
      firstSession: sessionDate("2000-01-03"),
      lastSession: sessionDate("2020-04-17"),
      gaps: [],
      quoteSource: "replay-path"
    }
  },
  {
    path: "@observablehq/sample-datasets/aapl.csv",
    columns: ["Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"],
    listing: {
      instrument: Instrument.cases.Equity.make({
        ...common,
        id: aaplId,
        symbol: symbol("AAPL"),
        name: "Apple Inc., daily history replayed",
        paperOnly: false,
        caveats: [
          "already split-adjusted: prices before 2014-06-09 are a seventh of what was paid",
          "cash dividends are absent"
        ]
      }),
      resolutions: ["1d"],
      firstSession: sessionDate("2013-05-13"),
      lastSession: sessionDate("2018-05-11"),
      gaps: [],
      quoteSource: "replay-path"
    }
  }
]

/**
 * The embedded market as a source.
 *
 * @param options.from the folder where the search for `node_modules` begins,
 *   going up: by default the program's own, wherever it is called from.
 */
export const make = Effect.fn("EmbeddedReplay.make")(function* (options?: {
  readonly from?: string
}): Effect.fn.Return<BarSource, never, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const from = options?.from ?? import.meta.dirname
  const loaded = new Map<InstrumentId, Effect.Effect<BarSeries, BarSourceError>>()
  for (const file of embedded) {
    loaded.set(file.listing.instrument.id, yield* Effect.cached(load(fs, path, from, file)))
  }
  const whole = (id: InstrumentId): Effect.Effect<BarSeries, BarSourceError> =>
    loaded.get(id) ??
    Effect.fail(new MarketSourceError({ source: NAME, message: `${id} is not in the ${NAME}` }))

  return {
    name: NAME,
    listings: embedded.map((file) => file.listing),
    skipped: [],
    series: (id, resolution, range) =>
      resolution === "1d"
        ? Effect.map(whole(id), (bars) => sessionsOf(bars, range))
        : Effect.fail(new MarketSourceError({ source: NAME, message: `the ${NAME} has daily bars only` })),
    quoteSeries: () => Effect.succeed(Option.none()),
    corporateActions: () => Effect.succeed([])
  }
})

/** The daily bars of these sessions: views of the same numbers. */
const sessionsOf = (bars: BarSeries, range: SessionRange): BarSeries => {
  const from = lowerBound(bars.tsOpen, fromExchangeTime(range.from, 0))
  const until = Math.max(from, lowerBound(bars.tsEvent, fromExchangeTime(range.to, 0) + MICROS_PER_DAY))
  if (from === 0 && until === bars.length) return bars
  const cut = (column: Float64Array): Float64Array => column.subarray(from, until)
  return {
    instrument: bars.instrument,
    resolution: bars.resolution,
    length: until - from,
    tsOpen: cut(bars.tsOpen),
    tsEvent: cut(bars.tsEvent),
    open: cut(bars.open),
    high: cut(bars.high),
    low: cut(bars.low),
    close: cut(bars.close),
    volume: cut(bars.volume)
  }
}

const MICROS_PER_DAY = 86_400_000_000

/** The first `node_modules/<path>` from a folder upwards. */
const locate = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  path: Path.Path,
  from: string,
  file: string
): Effect.fn.Return<string, MarketSourceError> {
  let folder = path.resolve(from)
  for (;;) {
    const candidate = path.join(folder, "node_modules", file)
    if (yield* Effect.orElseSucceed(fs.exists(candidate), () => false)) return candidate
    const parent = path.dirname(folder)
    if (parent === folder) {
      return yield* new MarketSourceError({
        source: NAME,
        message: `node_modules/${file} was not found in ${from} or any folder above it: run npm ci`
      })
    }
    folder = parent
  }
})

const Line = Schema.Struct({
  record: Schema.Array(Schema.String),
  info: Schema.Struct({ lines: Schema.Int })
})

const readLines = (
  file: string,
  text: string
): Result.Result<ReadonlyArray<typeof Line.Type>, MarketSourceError> =>
  Result.mapError(
    Result.try(() =>
      Schema.decodeUnknownSync(Schema.Array(Line))(
        parse(text, { bom: true, info: true, relax_column_count: true, skip_empty_lines: true })
      )
    ),
    (cause) => new MarketSourceError({ source: NAME, message: `${file} is not a CSV file: ${String(cause)}` })
  )

const isDate = Schema.is(SessionDate)

const rowOf = (file: string, { info, record }: typeof Line.Type, width: number): BarRow | BadRow => {
  const [date = "", open, high, low, close, , volume] = record
  if (!isDate(date))
    return new BadRow({ file, row: info.lines, problem: `"${date}" is not a date (YYYY-MM-DD)` })
  if (record.length !== width) {
    return new BadRow({ file, row: info.lines, problem: `${record.length} fields instead of ${width}` })
  }
  return { row: info.lines, date, startsAt: 0, open, high, low, close, volume }
}

const load = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  path: Path.Path,
  from: string,
  { columns, listing, path: file }: EmbeddedFile
): Effect.fn.Return<BarSeries, BarSourceError> {
  const found = yield* locate(fs, path, from, file)
  const text = yield* Effect.mapError(
    fs.readFileString(found),
    (error) => new MarketSourceError({ source: NAME, message: `${found} cannot be read: ${error.message}` })
  )
  const [header, ...lines] = yield* Effect.fromResult(readLines(file, text))
  if (header === undefined || header.record.join() !== columns.join()) {
    return yield* new MarketSourceError({
      source: NAME,
      message: `${found} begins with "${header?.record.join() ?? ""}" instead of "${columns.join()}": another version of the package?`
    })
  }
  const read = readBars({
    file,
    instrument: listing.instrument,
    resolution: "1d",
    rows: lines.map((line) => rowOf(file, line, columns.length)),
    parsePrice: parseMicros
  })
  // Nobody can mend a package's file, and this one is known to be good.
  const { series } = yield* accept(read, { skipBadRows: false })
  const dates = [series.tsOpen[0], series.tsOpen.at(-1)].map((ts) =>
    ts === undefined ? "nothing" : exchangeDate(timestamp(ts))
  )
  if (dates[0] !== listing.firstSession || dates[1] !== listing.lastSession) {
    return yield* new MarketSourceError({
      source: NAME,
      message: `${found} runs from ${dates.join(" to ")} instead of ${listing.firstSession} to ${listing.lastSession}: another version of the package?`
    })
  }
  return series
})
