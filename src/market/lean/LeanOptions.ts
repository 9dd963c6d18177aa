/**
 * The options of a LEAN data folder, as chains.
 *
 * A chain is of one session and, where there are minutes or hours, of one
 * instant in it. What it shows was known then: a minute's row at the minute's
 * end, an hour's at its, a day's and a universe's at the session's close. Each
 * quote's age is counted from when its own row was known.
 *
 * Of a session the finest quotes there are are taken: minutes, hours, days;
 * without any, the closing prices of its universe file.
 */
import { Effect, type FileSystem, Option, type Path, Result } from "effect"
import type { Symbol } from "../../domain/Identifiers.ts"
import { MICROS_PER_MINUTE, type SessionDate, type Timestamp, timestamp } from "../../domain/Timestamp.ts"
import { badMarketData } from "../BarRows.ts"
import { type BoundedCache, boundedCache } from "../BoundedCache.ts"
import type { BarSourceError } from "../BarSource.ts"
import { type BadRow, MarketSourceError } from "../MarketData.ts"
import {
  checkDate,
  checkInstant,
  exchangeDate,
  type Session,
  session,
  whyClosed
} from "../TradingCalendar.ts"
import { filesBelow, type FolderFiles, sourceName } from "./LeanFiles.ts"
import type { RateRow } from "./LeanInterestRate.ts"
import { symbolOf } from "./LeanListing.ts"
import { type LeanChain, leanChain, type QuotedParts } from "./LeanOptionChain.ts"
import { indexOptions, type OptionZip, type TickerOptions } from "./LeanOptionIndex.ts"
import type { EntryContract } from "./LeanOptionNames.ts"
import {
  datesOfZip,
  keyOf,
  openInterestIn,
  type OptionBytes,
  quotesIn,
  sessionZip,
  type SessionZip,
  tradesIn
} from "./LeanOptionQuotes.ts"
import { type KnownAt, type KnownQuote, minuteStamps, quotesOf, wideStamps } from "./LeanOptionRows.ts"
import { openUnderlying, type Spot, spotAt, type Underlying } from "./LeanOptionSpot.ts"
import { decodeUniverse } from "./LeanOptionUniverse.ts"
import { readLeanRates } from "./LeanRates.ts"

export type { LeanChain } from "./LeanOptionChain.ts"

export type LeanOptionSource = LeanChain["source"]

export interface LeanOptionsSettings {
  /** The folder that holds `option/usa`. */
  readonly path: string
  /** Leave bad rows out, and list them with the chain, instead of failing. */
  readonly skipBadRows: boolean
}

export interface LeanChainRequest {
  /** Market time; the session's close when it is left out. */
  readonly at?: Timestamp
  /** Quotes where there are some, else the universe, unless one of them is asked for. */
  readonly source?: LeanOptionSource
}

export interface LeanOptions {
  /** How messages call it: "LEAN folder /data". */
  readonly name: string
  /** Symbols with options, in order. */
  readonly underlyings: ReadonlyArray<string>
  /** The sessions a symbol has options of, oldest first; none of a symbol without options. */
  readonly dates: (symbol: string) => Effect.Effect<ReadonlyArray<SessionDate>, BarSourceError>
  /** The chain of a session. Fails where there is none, or nothing of it was known at that time. */
  readonly chain: (
    symbol: string,
    date: SessionDate,
    request?: LeanChainRequest
  ) => Effect.Effect<LeanChain, BarSourceError>
  /** The newest chain that was known at an instant; none where nothing was. */
  readonly newest: (symbol: string, now: Timestamp) => Effect.Effect<Option.Option<LeanChain>, BarSourceError>
  /** What became known of a contract within a session, from minutes and hours. */
  readonly sessionQuotes: (
    symbol: string,
    day: Session,
    contract: EntryContract
  ) => Effect.Effect<SessionQuotes, BarSourceError>
}

/** Quotes of a contract within a session. */
export interface SessionQuotes {
  /** When the first quote of any contract was known; undefined where none was before the close. */
  readonly from: Timestamp | undefined
  /** Oldest first, those known before the close. */
  readonly quotes: ReadonlyArray<KnownQuote>
}

/** Forty times the largest of the files that come with LEAN. */
export const MAX_OPTION_ZIP_BYTES = 256 * 1024 * 1024
/** Asked for again at the same minute, a chain is the same value, and what was made of it can be kept by it. */
const KEPT_CHAINS = 16
/** Zips of minutes or hours, with the session's rows: the next minute's chain is read out of the same ones. */
const KEPT_ZIPS = 6
/** A universe of ten thousand contracts is a megabyte. */
const MAX_UNIVERSE_BYTES = 16 * 1024 * 1024

type Requirements = FileSystem.FileSystem | Path.Path

/** What the folder is read with. */
interface Folder {
  readonly name: string
  readonly settings: LeanOptionsSettings
  readonly options: FolderFiles
  readonly index: ReadonlyMap<string, TickerOptions>
  readonly rates: ReadonlyArray<RateRow>
  readonly badRates: ReadonlyArray<BadRow>
  readonly zips: BoundedCache<string, SessionZip>
}

const refusal = (source: string, message: string): MarketSourceError =>
  new MarketSourceError({ source, message })

/** A zip's bytes; that it is gone since the folder was opened is an error. */
const bytesOf = Effect.fnUntraced(function* (
  { name, options }: Folder,
  path: string,
  maxBytes: number
): Effect.fn.Return<OptionBytes, MarketSourceError> {
  const file = `option/usa/${path}`
  const bytes = yield* options.bytes(path, maxBytes)
  if (Option.isNone(bytes)) return yield* refusal(name, `${name} has no ${file} any more`)
  return { file, bytes: bytes.value }
})

/** A session's zips of one resolution. */
interface Zips {
  readonly resolution: QuotedParts["resolution"]
  readonly zips: ReadonlyArray<OptionZip>
  readonly knownAt: KnownAt
  /** Nothing in them is known before. */
  readonly from: Timestamp
}

/** The zips of a session, finest first. */
const zipsOf = (of: TickerOptions, day: Session): ReadonlyArray<Zips> => {
  const year = day.date.slice(0, 4)
  const { close, open: from } = day
  return [
    { resolution: "1m", zips: of.minute.get(day.date) ?? [], knownAt: minuteStamps(day), from },
    { resolution: "1h", zips: of.hour.get(year) ?? [], knownAt: wideStamps(day, "hour"), from },
    { resolution: "1d", zips: of.daily.get(year) ?? [], knownAt: wideStamps(day, "daily"), from: close }
  ]
}

const NO_ROWS: SessionZip = { entries: [], bad: [] }

/** A zip of one kind. A ticker has one style; of two zips the first counts. */
const zipOf = Effect.fnUntraced(function* (
  folder: Folder,
  { knownAt, resolution, zips }: Zips,
  what: OptionZip["what"],
  { date }: Session
): Effect.fn.Return<SessionZip, MarketSourceError> {
  const zip = zips.find((one) => one.what === what)
  if (zip === undefined) return NO_ROWS
  const key = `${zip.path} ${date}`
  const known = folder.zips.get(key)
  if (known !== undefined) return known
  const read = sessionZip(yield* bytesOf(folder, zip.path, MAX_OPTION_ZIP_BYTES), date, knownAt)
  // A year's days are asked for once, at the close, and their chain is kept.
  if (resolution !== "1d") folder.zips.set(key, read)
  return read
})

interface Quoted {
  /** Undefined where no file has a quote of the session that was known. */
  readonly quoted: QuotedParts | undefined
  readonly bad: ReadonlyArray<BadRow>
}

/** The quotes of a session at an instant. */
const quotedOn = Effect.fnUntraced(function* (
  folder: Folder,
  of: TickerOptions,
  day: Session,
  asOf: Timestamp
): Effect.fn.Return<Quoted, MarketSourceError> {
  const bad: Array<BadRow> = []
  for (const part of zipsOf(of, day)) {
    if (asOf < part.from) continue
    const quotes = quotesIn(yield* zipOf(folder, part, "quote", day), asOf)
    bad.push(...quotes.bad)
    if (quotes.known.size === 0) continue
    const trades = tradesIn(yield* zipOf(folder, part, "trade", day), asOf)
    const interest = openInterestIn(yield* zipOf(folder, part, "openinterest", day), asOf)
    bad.push(...trades.bad, ...interest.bad)
    const { resolution, zips } = part
    const style = zips.find(({ what }) => what === "quote")?.style ?? "AMERICAN"
    return {
      quoted: { resolution, style, quotes: quotes.known, trades: trades.known, openInterest: interest.known },
      bad
    }
  }
  return { quoted: undefined, bad }
})

/** What became known of a contract before the close: hours until there are minutes. */
const quotesWithin = Effect.fnUntraced(function* (
  folder: Folder,
  of: TickerOptions,
  day: Session,
  contract: EntryContract
): Effect.fn.Return<SessionQuotes & { readonly bad: ReadonlyArray<BadRow> }, MarketSourceError> {
  const quotes: Array<KnownQuote> = []
  const bad: Array<BadRow> = []
  let from: number = day.close
  for (const part of zipsOf(of, day)) {
    if (part.resolution === "1d") continue
    const zip = yield* zipOf(folder, part, "quote", day)
    const wanted = zip.entries.find((one) => keyOf(one.contract) === keyOf(contract))
    const read = wanted === undefined ? [] : quotesOf(wanted.rows)
    bad.push(...zip.bad, ...read.flatMap((row) => (Result.isFailure(row) ? [row.failure] : [])))
    const known = read.flatMap((row) => (Result.isSuccess(row) ? [row.success] : []))
    const coarser = from
    quotes.unshift(...known.filter(({ knownAt }) => knownAt < coarser))
    from = zip.entries.reduce((first, { rows }) => Math.min(first, rows.knownAt[0] ?? first), from)
  }
  return { from: from < day.close ? timestamp(from) : undefined, quotes, bad }
})

const universeOn = Effect.fnUntraced(function* (
  folder: Folder,
  of: TickerOptions,
  day: Session,
  asOf: Timestamp
) {
  const path = of.universes.get(day.date)
  if (path === undefined || asOf < day.close) return undefined
  const { bytes, file } = yield* bytesOf(folder, path, MAX_UNIVERSE_BYTES)
  return decodeUniverse(file, new TextDecoder("latin1").decode(bytes))
})

const noChain = (folder: Folder, symbol: string, date: SessionDate, dates: ReadonlyArray<SessionDate>) =>
  refusal(
    folder.name,
    dates.length === 0
      ? `${folder.name} has no options of ${symbol}; it has those of ${[...folder.index.keys()].map((ticker) => ticker.toUpperCase()).join(", ") || "nothing"}`
      : `${folder.name} has no options of ${symbol} on ${date}; it has those of ${dates.slice(0, 5).join(", ")}${dates.length > 5 ? ` … ${dates.at(-1) ?? ""} (${dates.length} sessions)` : ""}`
  )

/** The dates in the rows of a symbol's hours and days: every entry of the zips is unpacked. */
const wideDates = Effect.fnUntraced(function* (folder: Folder, of: TickerOptions) {
  const dates = new Set<SessionDate>()
  for (const zips of [...of.hour.values(), ...of.daily.values()].flat()) {
    if (zips.what !== "quote") continue
    for (const date of datesOfZip(yield* bytesOf(folder, zips.path, MAX_OPTION_ZIP_BYTES))) dates.add(date)
  }
  return dates
})

const isSessionDate = (date: SessionDate): boolean =>
  Result.isSuccess(checkDate(date)) && Option.isSome(session(date))

const datesOf = Effect.fnUntraced(function* (folder: Folder, of: TickerOptions) {
  const dates = new Set<SessionDate>([...of.universes.keys(), ...(yield* wideDates(folder, of))])
  for (const [date, zips] of of.minute) if (zips.some(({ what }) => what === "quote")) dates.add(date)
  return [...dates].filter(isSessionDate).toSorted()
})

const open = Effect.fnUntraced(function* (
  settings: LeanOptionsSettings
): Effect.fn.Return<Folder, BarSourceError, Requirements> {
  const { path } = settings
  const name = sourceName(path)
  const options = yield* filesBelow(path, "option", "usa")
  const index = yield* indexOptions(options)
  if (index.size === 0) {
    return yield* refusal(
      name,
      `${name} has no US options that can be used: expected files such as ${path}/option/usa/daily/aapl_2014_quote_american.zip`
    )
  }
  const { bad, rows } = yield* readLeanRates(settings)
  return { name, settings, options, index, rates: rows, badRates: bad, zips: boundedCache(KEPT_ZIPS) }
})

/**
 * Opens the options of a LEAN data folder: only names are read, and the file of
 * interest rates.
 *
 * Fails with `MarketSourceError` when the folder is missing or has no options,
 * and with `BadMarketData` when the rates have a bad row and those are not to
 * be skipped.
 */
export const openLeanOptions = Effect.fn("LeanOptions.open")(function* (
  settings: LeanOptionsSettings
): Effect.fn.Return<LeanOptions, BarSourceError, Requirements> {
  const folder = yield* open(settings)
  const context = yield* Effect.context<Requirements>()
  const bySymbol = new Map<string, { readonly symbol: Symbol; readonly of: TickerOptions }>()
  for (const [ticker, of] of folder.index) {
    const symbol = symbolOf(ticker)
    if (Option.isSome(symbol)) bySymbol.set(symbol.value, { symbol: symbol.value, of })
  }
  const listed = (text: string) => bySymbol.get(text.trim().toUpperCase())
  const underlyings = new Map<Symbol, Option.Option<Underlying>>()
  const chains = boundedCache<string, Option.Option<LeanChain>>(KEPT_CHAINS)
  const knownDates = new Map<Symbol, ReadonlyArray<SessionDate>>()

  const underlyingOf = Effect.fnUntraced(function* (symbol: Symbol) {
    const known = underlyings.get(symbol)
    if (known !== undefined) return known
    const opened = yield* openUnderlying(settings.path, symbol).pipe(Effect.provideContext(context))
    underlyings.set(symbol, opened)
    return opened
  })

  const dates = Effect.fn("LeanOptions.dates")(function* (
    text: string
  ): Effect.fn.Return<ReadonlyArray<SessionDate>, BarSourceError> {
    const found = listed(text)
    if (found === undefined) return []
    const known = knownDates.get(found.symbol) ?? (yield* datesOf(folder, found.of))
    knownDates.set(found.symbol, known)
    return known
  })

  /** The chain at an instant of a session; none where nothing of it was known. */
  const chainAt = Effect.fnUntraced(function* (
    symbol: Symbol,
    of: TickerOptions,
    day: Session,
    { at = day.close, source }: LeanChainRequest
  ): Effect.fn.Return<Option.Option<LeanChain>, BarSourceError> {
    const asOf = at >= day.close ? day.close : timestamp(at - (at % MICROS_PER_MINUTE))
    if (asOf < day.open) return Option.none()
    const key = `${symbol} ${asOf} ${source ?? ""}`
    const before = chains.get(key)
    if (before !== undefined) return before
    const { bad: badQuotes, quoted } =
      source === "lean-universe" ? { quoted: undefined, bad: [] } : yield* quotedOn(folder, of, day, asOf)
    const universe =
      quoted !== undefined || source === "lean-quote" ? undefined : yield* universeOn(folder, of, day, asOf)
    const bad = [...folder.badRates, ...badQuotes, ...(universe?.bad ?? [])]
    if (bad.length > 0 && !settings.skipBadRows) return yield* badMarketData(bad)
    const underlying = yield* underlyingOf(symbol)
    const known = Option.isSome(underlying)
      ? { spot: yield* spotAt(underlying.value, day, asOf), actions: underlying.value.actions }
      : { spot: Option.none<Spot>(), actions: [] }
    const made = leanChain({ symbol, day, asOf, quoted, universe, rates: folder.rates, bad, ...known })
    chains.set(key, made)
    return made
  })

  const chain = Effect.fn("LeanOptions.chain")(function* (
    text: string,
    date: SessionDate,
    request: LeanChainRequest = {}
  ): Effect.fn.Return<LeanChain, BarSourceError> {
    const found = listed(text)
    if (found === undefined) return yield* noChain(folder, text, date, [])
    if (Result.isFailure(checkDate(date))) {
      return yield* refusal(folder.name, `${date} is outside the exchange's calendar`)
    }
    const day = session(date)
    if (Option.isNone(day)) {
      const why = Option.getOrElse(whyClosed(date), () => "it is closed")
      return yield* refusal(folder.name, `${date} is no session of the exchange: ${why}`)
    }
    const made = yield* chainAt(found.symbol, found.of, day.value, request)
    if (Option.isSome(made)) return made.value
    const all = yield* dates(text)
    return yield* all.includes(date)
      ? refusal(
          folder.name,
          `${folder.name} has options of ${found.symbol} on ${date}, but none that was known at the time asked for, or no price of ${found.symbol} then`
        )
      : noChain(folder, text, date, all)
  })

  const newest = Effect.fn("LeanOptions.newest")(function* (
    text: string,
    now: Timestamp
  ): Effect.fn.Return<Option.Option<LeanChain>, BarSourceError> {
    const found = listed(text)
    if (found === undefined || Result.isFailure(checkInstant(now))) return Option.none()
    const today = exchangeDate(now)
    for (const date of (yield* dates(text)).filter((one) => one <= today).toReversed()) {
      const day = session(date)
      if (Option.isNone(day)) continue
      const made = yield* chainAt(found.symbol, found.of, day.value, { at: now })
      if (Option.isSome(made)) return made
    }
    return Option.none()
  })

  const sessionQuotes = Effect.fn("LeanOptions.sessionQuotes")(function* (
    text: string,
    day: Session,
    contract: EntryContract
  ): Effect.fn.Return<SessionQuotes, BarSourceError> {
    const found = listed(text)
    if (found === undefined) return { from: undefined, quotes: [] }
    const { bad, from, quotes } = yield* quotesWithin(folder, found.of, day, contract)
    if (bad.length > 0 && !settings.skipBadRows) return yield* badMarketData(bad)
    return { from, quotes }
  })

  return {
    name: folder.name,
    sessionQuotes,
    underlyings: [...bySymbol.keys()].toSorted(),
    dates,
    chain,
    newest
  }
})
