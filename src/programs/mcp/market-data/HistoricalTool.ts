/** `get_historical`: every bar of a period where they are few, else a summary and pages. */
import { Effect, Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"
import { type Bar, Resolution } from "../../../domain/Quote.ts"
import { type Timestamp, toIso } from "../../../domain/Timestamp.ts"
import type { SourceListing } from "../../../market/BarSeries.ts"
import { MarketClock } from "../../../market/MarketClock.ts"
import { InstrumentNotFound, MarketData, PriceAdjustment } from "../../../market/MarketData.ts"
import { parsePeriod, type Span, spanAt } from "../../../market/Period.ts"
import {
  type HistorySummary,
  joinBars,
  MAX_BARS,
  MAX_SUMMARY_BARS,
  type PagePosition,
  positionOf,
  positionText,
  readHistory,
  readPage,
  sessionCount,
  summarise
} from "../../../market/PriceHistory.ts"
import { exchangeDate, sessionsBetween, toExchangeTime } from "../../../market/TradingCalendar.ts"
import { cursorSteps, instrumentSteps, marketSteps } from "../kit/NextSteps.ts"
import * as Pages from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"
import { AskedSymbol } from "./Asked.ts"
import { toldCaveats } from "./SearchTool.ts"

/** Characters that rows of bars may take of an answer. */
const MAX_ROWS_LENGTH = 16_000
/** In an hour each intraday resolution has a bar that has ended. */
const HOUR = 3_600_000_000
/** Gaps of a source that are told. */
const MAX_GAPS = 3

const Row = Schema.Array(Schema.String)

const Summary = Schema.Struct({
  first: Row,
  last: Row,
  high: Schema.String,
  highAt: Schema.String,
  low: Schema.String,
  lowAt: Schema.String,
  totalVolume: Schema.String,
  /** Last close over first open, less one. */
  return: Schema.NullOr(Schema.Finite)
})

type Stamped = Pick<Bar, "open" | "high" | "low" | "close" | "volume" | "tsOpen" | "tsEvent">

/** The session of a daily bar; when the bar ended, of a finer one. */
const stampOf = (resolution: Resolution, { tsEvent }: Pick<Bar, "tsEvent">): string =>
  // Bars end at whole seconds.
  resolution === "1d" ? exchangeDate(tsEvent) : toIso(tsEvent).replace(".000000", "")

const rowOf =
  (resolution: Resolution) =>
  (bar: Stamped): typeof Row.Type => [
    stampOf(resolution, bar),
    formatMicros(bar.open),
    formatMicros(bar.high),
    formatMicros(bar.low),
    formatMicros(bar.close),
    String(bar.volume)
  ]

const columnsOf = (resolution: Resolution): ReadonlyArray<string> => [
  resolution === "1d" ? "session" : "end",
  "open",
  "high",
  "low",
  "close",
  "volume"
]

const summaryOf = (resolution: Resolution, summary: HistorySummary): typeof Summary.Type => ({
  first: rowOf(resolution)(summary.first),
  last: rowOf(resolution)(summary.last),
  high: formatMicros(summary.high.price),
  highAt: stampOf(resolution, summary.high.bar),
  low: formatMicros(summary.low.price),
  lowAt: stampOf(resolution, summary.low.bar),
  totalVolume: String(summary.totalVolume),
  return: summary.return === undefined ? null : Number(summary.return.toFixed(6))
})

/** Why a period has no bars, where the ends of the prices do not say it. */
const whyEmpty = (
  { listing, now, resolution }: Pick<Question, "listing" | "now" | "resolution">,
  span: Span
): ReadonlyArray<string> => {
  const { firstSession, instrument, lastSession } = listing
  if (sessionCount(span) === 0) return [`the exchange was closed from ${span.from} to ${span.to}`]
  if (span.to < firstSession || span.from > lastSession) return []
  const first = sessionsBetween(span.from, span.to)[0]
  const due = first !== undefined && (resolution === "1d" ? first.close <= now : first.open + HOUR <= now)
  if (!due) return ["no bar of this period has ended; a bar is known at its end, a day's at the close"]
  return [
    `the source has no ${resolution} bars of ${instrument.symbol} in this period` +
      (resolution === "1d" ? "" : ": ask for a coarser resolution, or another period")
  ]
}

/** What has to be known about the part of the period that is not there. */
const notesOn = (
  { listing, now, resolution }: Question,
  span: Span,
  count: number
): ReadonlyArray<string> => {
  const { firstSession, gaps, instrument, lastSession } = listing
  const missing = gaps.filter(({ from, to }) => from <= span.to && to >= span.from)
  return [
    ...(span.isCut ? [`nothing later than market time ${toExchangeTime(now)} can be seen`] : []),
    ...(span.from < firstSession ? [`the prices of ${instrument.symbol} begin on ${firstSession}`] : []),
    ...(span.to > lastSession ? [`the prices of ${instrument.symbol} end on ${lastSession}`] : []),
    ...missing
      .slice(0, MAX_GAPS)
      .map(({ from, reason, to }) => `none from ${from} to ${to}: ${reason.slice(0, 200)}`),
    ...(missing.length > MAX_GAPS ? [`and ${missing.length - MAX_GAPS} more gaps`] : []),
    ...(count === 0 ? whyEmpty({ listing, now, resolution }, span) : [])
  ]
}

const Input = Schema.Struct({
  symbol: AskedSymbol,
  period: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(60)))),
  resolution: Schema.optionalKey(Resolution),
  adjustment: Schema.optionalKey(PriceAdjustment),
  cursor: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200))))
})

const Output = Schema.Struct({
  symbol: Schema.String,
  resolution: Resolution,
  adjustment: PriceAdjustment,
  /** Dates in New York, both included, as far as can be seen. */
  from: Schema.String,
  to: Schema.String,
  /** Market time: nothing later is in the answer. */
  asOf: Schema.String,
  /** all: every bar. joined: each stands for several. page: some of them, in order. */
  barsAre: Schema.Literals(["all", "joined", "page"]),
  /** Bars in the whole period; null on a page. */
  count: Schema.NullOr(Schema.Int),
  /** What stands in each row of `bars`, `first` and `last`. */
  columns: Schema.Array(Schema.String),
  bars: Schema.Array(Row),
  summary: Schema.NullOr(Summary),
  notes: Schema.Array(Schema.String),
  nextCursor: Schema.NullOr(Schema.String)
})

/** The rows that an answer has room for. */
const fitted = (rows: ReadonlyArray<typeof Row.Type>) => Pages.fitting(rows, MAX_ROWS_LENGTH)

const positionIn = Effect.fnUntraced(function* (question: unknown, cursor: string) {
  const text = yield* Pages.positionOf(question, cursor)
  return yield* Effect.fromOption(positionOf(text ?? "")).pipe(
    Effect.mapError(
      () => new Pages.CursorInvalid({ message: "the cursor is damaged: leave it out to start anew" })
    )
  )
})

/** A question with everything said, and the cursors that belong to it. */
interface Question {
  readonly listing: SourceListing
  readonly period: string
  readonly resolution: Resolution
  readonly adjustment: PriceAdjustment
  readonly now: Timestamp
}

/** What makes a cursor this question's own. */
const identityOf = ({ adjustment, listing, period, resolution }: Question) => [
  listing.instrument.id,
  period.trim().toLowerCase(),
  resolution,
  adjustment
]

const cursorAt = (question: Question, position: PagePosition): string =>
  Pages.cursorOf(identityOf(question), positionText(position))

const aboutOf = ({ adjustment, listing, now, resolution }: Question) => ({
  symbol: String(listing.instrument.symbol),
  resolution,
  adjustment,
  asOf: toIso(now),
  columns: columnsOf(resolution)
})

const answerPage = Effect.fnUntraced(function* (question: Question, cursor: string) {
  const { adjustment, listing, resolution } = question
  const position = yield* positionIn(identityOf(question), cursor)
  const request = { instrumentId: listing.instrument.id, resolution, adjustment }
  const { bars, next } = yield* readPage(request, position, MAX_BARS)
  const rows = fitted(bars.map(rowOf(resolution)))
  const last = bars[rows.length - 1]
  const follows =
    last !== undefined && rows.length < bars.length ? { ...position, after: last.tsEvent } : next
  return {
    ...aboutOf(question),
    from: exchangeDate(bars[0]?.tsEvent ?? position.after),
    to: exchangeDate(last?.tsEvent ?? position.after),
    barsAre: "page" as const,
    count: null,
    bars: rows,
    summary: null,
    notes: [],
    nextCursor: follows === undefined ? null : cursorAt(question, follows)
  }
})

const answerPeriod = Effect.fnUntraced(function* (question: Question) {
  const { adjustment, listing, now, period, resolution } = question
  const said = yield* Effect.fromResult(parsePeriod(period, exchangeDate(now)))
  const span = yield* Effect.fromResult(spanAt(said, now))
  const bars = yield* readHistory({ instrumentId: listing.instrument.id, resolution, adjustment, span })
  const summary = summarise(bars)
  const rows = bars.length > MAX_BARS ? [] : fitted(bars.map(rowOf(resolution)))
  const isWhole = rows.length === bars.length
  const joined = isWhole ? [] : joinBars(bars, MAX_SUMMARY_BARS)
  return {
    ...aboutOf(question),
    from: span.from,
    to: span.to,
    barsAre: isWhole ? ("all" as const) : ("joined" as const),
    count: bars.length,
    bars: isWhole ? rows : joined.map(rowOf(resolution)),
    summary: summary === undefined ? null : summaryOf(resolution, summary),
    notes: [
      ...(isWhole
        ? []
        : [
            `these ${joined.length} bars stand for ${bars.length}, each for up to ${joined[0]?.joined ?? 0}; next_cursor gives every one, in pages`
          ]),
      ...notesOn(question, span, bars.length),
      ...toldCaveats(listing.instrument.caveats)
    ],
    nextCursor: isWhole ? null : cursorAt(question, { after: span.after, until: span.until, asOf: now })
  }
})

export const getHistorical = tool({
  name: "get_historical",
  title: "Price history",
  description:
    'Bars of a symbol up to market time. period: "30d" (default), "1w", "6m", "2y", "ytd", "max", or dates "2015-01-01..2015-06-30"; resolution 1d by default; adjustment "adjusted" (splits and dividends) by default. Over 200 bars: a summary, at most 50 joined bars, and next_cursor for every bar in pages (repeat the other arguments).',
  annotations: { readOnly: true },
  input: Input,
  output: Output,
  next: {
    ...instrumentSteps,
    ...marketSteps,
    ...cursorSteps,
    InvalidPeriod: "say the period in one of these ways.",
    PeriodAhead: "ask for a period that begins by then; no tool shows later prices.",
    ResolutionUnavailable: "ask for that resolution or a coarser one.",
    HistoryTooLong: "ask for less at once.",
    HistoryChanged: "call it without a cursor."
  },
  handle: Effect.fnUntraced(function* ({
    adjustment = "adjusted",
    cursor,
    period = "30d",
    resolution = "1d",
    symbol
  }) {
    const data = yield* MarketData
    const { id } = yield* data.instrument(symbol)
    const listing = data.listings.find(({ instrument }) => instrument.id === id)
    if (listing === undefined) {
      return yield* new InstrumentNotFound({ symbol, nearest: [], message: `no source has ${id}` })
    }
    const now = yield* MarketClock.use((clock) => clock.now)
    const question = { listing, period, resolution, adjustment, now }
    return yield* cursor === undefined ? answerPeriod(question) : answerPage(question, cursor)
  }),
  text: ({ bars, barsAre, count, from, resolution, summary, symbol, to }) => {
    const what = `${symbol} ${resolution} ${from} to ${to}`
    if (barsAre === "page") return `${what}: a page of ${bars.length} bars`
    if (summary === null) return `${what}: no bars`
    const gain = summary.return === null ? "" : `, return ${(100 * summary.return).toFixed(2)}%`
    return `${what}: ${count ?? 0} bars, low ${summary.low}, high ${summary.high}${gain}`
  }
})
