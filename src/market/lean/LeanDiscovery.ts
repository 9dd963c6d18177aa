/** Which listings a LEAN folder has: its tickers, their map and factor files, and the days their files cover. */
import { Effect, Option, Result } from "effect"
import type { Resolution } from "../../domain/Quote.ts"
import { type SessionDate, sessionDate, timestamp } from "../../domain/Timestamp.ts"
import type { CorporateAction, SourceListing } from "../BarSeries.ts"
import { BadRow, MarketSourceError } from "../MarketData.ts"
import { checkDate, exchangeDate, isSession, lastDate, nextSession } from "../TradingCalendar.ts"
import { actionsOf, decodeFactorFile } from "./FactorFile.ts"
import { dailyOrHourParts, type TickerTexts, type ZippedText } from "./LeanBars.ts"
import { sessionDateOf } from "./LeanDate.ts"
import type { LeanFiles } from "./LeanFiles.ts"
import { gapsOf, instrumentOf, isTicker, symbolOf } from "./LeanListing.ts"
import { datesOf, type DateSpan } from "./LeanRows.ts"
import { decodeMapFile, type TickerHistory, type TickerSpan } from "./MapFile.ts"

/** More listings than this are opened by name only, because every daily file is read when the folder is opened. */
export const MAX_LISTINGS = 500

/** Tickers by the kind of their files. */
export interface TickerIndex {
  readonly daily: ReadonlySet<string>
  readonly hour: ReadonlySet<string>
  readonly minute: ReadonlySet<string>
}

/** One session's minute files. */
export interface MinuteDay {
  readonly ticker: string
  readonly hasTrades: boolean
  readonly hasQuotes: boolean
}

export interface LeanListing {
  readonly listing: SourceListing
  readonly spans: ReadonlyArray<TickerSpan>
  readonly minutes: ReadonlyMap<SessionDate, MinuteDay>
  readonly actions: ReadonlyArray<CorporateAction>
}

export const ALL_DAYS: DateSpan = { from: sessionDate("1900-01-01"), to: sessionDate("2100-01-01") }

/** The tickers a folder has files of. */
export const indexTickers = Effect.fnUntraced(function* (
  files: LeanFiles
): Effect.fn.Return<TickerIndex, MarketSourceError> {
  const zips = (names: ReadonlyArray<string>) =>
    new Set(names.flatMap((name) => (name.endsWith(".zip") ? [name.slice(0, -4)] : [])).filter(isTicker))
  return {
    daily: zips(yield* files.names("daily")),
    hour: zips(yield* files.names("hour")),
    minute: new Set((yield* files.names("minute")).filter(isTicker))
  }
})

/** The zips of these tickers, as far as the folder has them. */
export const readTexts = Effect.fnUntraced(function* (
  files: LeanFiles,
  folder: "daily" | "hour",
  index: TickerIndex,
  spans: ReadonlyArray<TickerSpan>
): Effect.fn.Return<TickerTexts, MarketSourceError> {
  const texts = new Map<string, Result.Result<ZippedText, BadRow>>()
  for (const { ticker } of spans) {
    if (index[folder].has(ticker) && !texts.has(ticker)) {
      texts.set(ticker, yield* files.zipped(`${folder}/${ticker}.zip`))
    }
  }
  return texts
})

const minuteFile = /^(\d{8})_(trade|quote)\.zip$/

/** The minute files of the days on which the listing had this ticker; a file for a day without a session is bad. */
const minuteDaysOf = Effect.fnUntraced(function* (files: LeanFiles, span: TickerSpan, bad: Array<BadRow>) {
  const days = new Map<SessionDate, MinuteDay>()
  for (const name of yield* files.names(`minute/${span.ticker}`)) {
    const match = minuteFile.exec(name)
    const date = sessionDateOf(match?.[1] ?? "")
    if (match === null || Option.isNone(date) || date.value < span.from || date.value > span.to) continue
    if (!isSessionDate(date.value)) {
      const problem = `${date.value} is no session of the exchange`
      bad.push(new BadRow({ file: `minute/${span.ticker}/${name}`, row: 0, problem }))
      continue
    }
    const known = days.get(date.value)
    days.set(date.value, {
      ticker: span.ticker,
      hasTrades: match[2] === "trade" || known?.hasTrades === true,
      hasQuotes: match[2] === "quote" || known?.hasQuotes === true
    })
  }
  return days
})

const isSessionDate = (date: SessionDate): boolean => Result.isSuccess(checkDate(date)) && isSession(date)

const afterDate = (date: SessionDate): Option.Option<SessionDate> =>
  Result.isSuccess(checkDate(date)) && date < lastDate ? Option.some(nextSession(date).date) : Option.none()

/** Splits and dividends of a factor file; none when there is no such file. */
const corporateActionsOf = Effect.fnUntraced(function* (
  files: LeanFiles,
  ticker: string,
  bad: Array<BadRow>
) {
  const file = `factor_files/${ticker}.csv`
  const text = yield* files.text(file)
  if (Option.isNone(text)) return Option.none<ReadonlyArray<CorporateAction>>()
  const decoded = decodeFactorFile(file, text.value)
  const derived = actionsOf(file, decoded.rows, afterDate)
  bad.push(...decoded.bad, ...derived.bad)
  return Option.some(derived.actions)
})

const historyOf = Effect.fnUntraced(function* (files: LeanFiles, ticker: string, bad: Array<BadRow>) {
  const file = `map_files/${ticker}.csv`
  const text = yield* files.text(file)
  if (Option.isNone(text)) return Option.none<TickerHistory>()
  const decoded = decodeMapFile(file, text.value)
  if (Result.isSuccess(decoded)) return Option.some(decoded.success)
  bad.push(decoded.failure)
  return Option.none<TickerHistory>()
})

const spansOf = (ticker: string, history: Option.Option<TickerHistory>): ReadonlyArray<TickerSpan> =>
  Option.match(history, {
    onNone: () => [{ ticker, ...ALL_DAYS }],
    onSome: ({ spans }) => spans.filter((span) => isTicker(span.ticker))
  })

const isIn = (date: SessionDate, span: DateSpan): boolean => date >= span.from && date <= span.to

/** Days in the files of a listing's tickers that were another listing's. */
const foreignDays = (texts: TickerTexts, spans: ReadonlyArray<TickerSpan>): number => {
  let count = 0
  for (const [ticker, zipped] of texts) {
    if (Result.isFailure(zipped)) continue
    const own = spans.filter((span) => span.ticker === ticker)
    for (const date of datesOf(zipped.success.text, ALL_DAYS)) {
      if (!own.some((span) => isIn(date, span))) count += 1
    }
  }
  return count
}

/** Sessions with hour rows, their prices unread: stands in where there are no daily bars. */
const hourSessions = (texts: TickerTexts, spans: ReadonlyArray<TickerSpan>): ReadonlyArray<SessionDate> =>
  spans.flatMap((span) => {
    const zipped = texts.get(span.ticker)
    return zipped === undefined || Result.isFailure(zipped) ? [] : [...datesOf(zipped.success.text, span)]
  })

/** Everything the folder has of one ticker's listing; none when that is not one session. */
const listingOf = Effect.fnUntraced(function* (
  files: LeanFiles,
  index: TickerIndex,
  ticker: string,
  history: Option.Option<TickerHistory>,
  bad: Array<BadRow>
) {
  const symbol = symbolOf(ticker)
  if (Option.isNone(symbol)) return Option.none<LeanListing>()
  const spans = spansOf(ticker, history)
  const minutes = new Map<SessionDate, MinuteDay>()
  for (const span of spans) {
    if (!index.minute.has(span.ticker)) continue
    for (const [date, day] of yield* minuteDaysOf(files, span, bad)) minutes.set(date, day)
  }
  const days = [...minutes.values()]
  const texts = yield* readTexts(files, "daily", index, spans)
  const actions = yield* corporateActionsOf(files, ticker, bad)
  const instrument = instrumentOf({
    symbol: symbol.value,
    history,
    hasFactorFile: Option.isSome(actions),
    foreignDays: foreignDays(texts, spans),
    quoteDays: days.filter((day) => day.hasQuotes).length
  })
  const daily = dailyOrHourParts(texts, instrument, spans, "1d", ALL_DAYS)
  bad.push(...daily.bad)
  const covered = new Set<SessionDate>()
  for (const part of daily.parts) for (const at of part.tsOpen) covered.add(exchangeDate(timestamp(at)))
  const hasDaily = covered.size > 0
  const hours = hasDaily ? [] : hourSessions(yield* readTexts(files, "hour", index, spans), spans)
  for (const date of hours) if (isSessionDate(date)) covered.add(date)
  for (const [date, day] of minutes) if (day.hasTrades) covered.add(date)
  const sessions = [...covered].toSorted()
  const [firstSession] = sessions
  const lastSession = sessions.at(-1)
  if (firstSession === undefined || lastSession === undefined) return Option.none<LeanListing>()
  const resolutions: ReadonlyArray<readonly [Resolution, boolean]> = [
    ["1m", days.some((day) => day.hasTrades)],
    ["1h", spans.some((span) => index.hour.has(span.ticker))],
    ["1d", hasDaily]
  ]
  return Option.some<LeanListing>({
    listing: {
      instrument,
      resolutions: resolutions.flatMap(([resolution, has]) => (has ? [resolution] : [])),
      firstSession,
      lastSession,
      gaps: gapsOf(ticker, sessions, spans),
      quoteSource: "lean-path"
    },
    spans,
    minutes,
    actions: Option.getOrElse(actions, () => []).filter(
      ({ date }) => date > firstSession && date <= lastSession
    )
  })
})

/** Tickers to open: those asked for, or all; a listing's former tickers are no listings of their own. */
const wanted = (index: TickerIndex, symbols: ReadonlyArray<string> | undefined): ReadonlyArray<string> => {
  const tickers = [...new Set([...index.daily, ...index.hour, ...index.minute])].toSorted()
  if (symbols === undefined) return tickers
  const asked = new Set(symbols.map((symbol) => symbol.toUpperCase()))
  return tickers.filter((ticker) => Option.exists(symbolOf(ticker), (symbol) => asked.has(symbol)))
}

export interface Discovered {
  readonly index: TickerIndex
  readonly listings: ReadonlyArray<LeanListing>
  readonly bad: ReadonlyArray<BadRow>
}

/** Finds the listings, by symbol in order; checks every daily row and both kinds of side files on the way. */
export const discover = Effect.fnUntraced(function* (
  files: LeanFiles,
  source: string,
  symbols: ReadonlyArray<string> | undefined
): Effect.fn.Return<Discovered, MarketSourceError> {
  const index = yield* indexTickers(files)
  const tickers = wanted(index, symbols)
  if (tickers.length > MAX_LISTINGS) {
    return yield* new MarketSourceError({
      source,
      message: `${source} has files of ${tickers.length} tickers, and at most ${MAX_LISTINGS} are opened at once: name the ones to use with --symbols`
    })
  }
  const bad: Array<BadRow> = []
  const histories = new Map<string, Option.Option<TickerHistory>>()
  const former = new Set<string>()
  for (const ticker of tickers) {
    const history = yield* historyOf(files, ticker, bad)
    histories.set(ticker, history)
    for (const span of spansOf(ticker, history)) if (span.ticker !== ticker) former.add(span.ticker)
  }
  const listings: Array<LeanListing> = []
  for (const [ticker, history] of histories) {
    if (Option.isNone(history) && former.has(ticker)) continue
    const listing = yield* listingOf(files, index, ticker, history, bad)
    if (Option.isSome(listing)) listings.push(listing.value)
  }
  return { index, listings, bad }
})
