/** Bars of a listing out of the texts of its tickers' files: pure. */
import { Option, Result } from "effect"
import type { Instrument } from "../../domain/Instrument.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { badMarketData, type ReadBars, readBars } from "../BarRows.ts"
import type { BarSeries, QuoteSeries } from "../BarSeries.ts"
import type { BadMarketData, BadRow } from "../MarketData.ts"
import { dailyOrHourRows, type DateSpan, leanMicros, minuteQuoteRows, minuteTradeRows } from "./LeanRows.ts"
import { quotesOf } from "./LeanSeries.ts"
import type { TickerSpan } from "./MapFile.ts"

/** A CSV out of a zip, and how messages call it: "daily/spy.zip/spy.csv". */
export interface ZippedText {
  readonly file: string
  readonly text: string
}

/** Files that were read, by ticker; a damaged zip is the bad row that stands for it. */
export type TickerTexts = ReadonlyMap<string, Result.Result<ZippedText, BadRow>>

/** What was read, in the order of time, and the rows that cannot be used. */
export interface Parts {
  readonly parts: ReadonlyArray<BarSeries>
  readonly bad: ReadonlyArray<BadRow>
}

export const overlap = (span: DateSpan, range: DateSpan): DateSpan => ({
  from: span.from > range.from ? span.from : range.from,
  to: span.to < range.to ? span.to : range.to
})

/** Daily or hour bars inside the range, each ticker's rows cut to the days it was this listing's. */
export const dailyOrHourParts = (
  texts: TickerTexts,
  instrument: Instrument,
  spans: ReadonlyArray<TickerSpan>,
  resolution: "1d" | "1h",
  range: DateSpan
): Parts => {
  const parts: Array<BarSeries> = []
  const bad = new Set<BadRow>()
  for (const span of spans) {
    const days = overlap(span, range)
    const zipped = texts.get(span.ticker)
    if (days.from > days.to || zipped === undefined) continue
    if (Result.isFailure(zipped)) {
      bad.add(zipped.failure)
      continue
    }
    const { file, text } = zipped.success
    const rows = dailyOrHourRows(file, text, days)
    const read = readBars({ file, instrument, resolution, rows, parsePrice: leanMicros })
    parts.push(read.series)
    for (const row of read.bad) bad.add(row)
  }
  return { parts, bad: [...bad] }
}

/** Bars of one session's minute trades. */
export const minuteBars = ({ file, text }: ZippedText, instrument: Instrument, date: SessionDate): ReadBars =>
  readBars({
    file,
    instrument,
    resolution: "1m",
    rows: minuteTradeRows(file, text, date),
    parsePrice: leanMicros
  })

/** One session's minute quotes, and the rows that cannot be used. */
export const minuteQuotes = (
  { file, text }: ZippedText,
  instrument: Instrument,
  date: SessionDate
): { readonly quotes: Option.Option<QuoteSeries>; readonly bad: ReadonlyArray<BadRow> } => {
  const rows = minuteQuoteRows(file, text, date)
  const read = (side: typeof rows.bid) =>
    readBars({ file, instrument, resolution: "1m", rows: side, parsePrice: leanMicros })
  const bid = read(rows.bid)
  const ask = read(rows.ask)
  return { quotes: Option.some(quotesOf(bid.series, ask.series)), bad: [...bid.bad, ...ask.bad] }
}

/** The value when there are no bad rows or they are to be skipped, else the error that lists them. */
export const unlessBad = <A>(
  value: A,
  bad: ReadonlyArray<BadRow>,
  skipBadRows: boolean
): Result.Result<A, BadMarketData> =>
  bad.length === 0 || skipBadRows ? Result.succeed(value) : Result.fail(badMarketData(bad))
