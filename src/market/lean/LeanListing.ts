/** What a LEAN folder has of one listing: pure, from the names of its files and the dates in them. */
import { Option, Schema } from "effect"
import { instrumentId, symbol, Symbol } from "../../domain/Identifiers.ts"
import { Instrument } from "../../domain/Instrument.ts"
import { pricePerShare, shares } from "../../domain/Money.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { SourceListing } from "../BarSeries.ts"
import { missingSessions } from "../SessionGaps.ts"
import { micOf, type TickerHistory, type TickerSpan } from "./MapFile.ts"

/** Tickers as LEAN names files; what is not one ("../x" in a map file) never becomes a path. */
const tickerPattern = /^[a-z0-9][a-z0-9._-]{0,31}$/

export const isTicker = (text: string): boolean => tickerPattern.test(text)

/** "brk.b" → "BRK-B"; none when it cannot be a symbol of ours. */
export const symbolOf = (ticker: string): Option.Option<Symbol> => {
  const text = ticker.toUpperCase().replaceAll(".", "-")
  return Schema.is(Symbol)(text) ? Option.some(symbol(text)) : Option.none()
}

/** Where an instrument is said to be listed when no map file says. */
const DEFAULT_MIC = "XNYS"

export interface ListingFacts {
  readonly symbol: Symbol
  readonly history: Option.Option<TickerHistory>
  readonly hasFactorFile: boolean
  /** Days that the files of its tickers hold outside its own dates. */
  readonly foreignDays: number
  /** Sessions with published minute quotes. */
  readonly quoteDays: number
}

const caveatsOf = (facts: ListingFacts, mic: Option.Option<string>): ReadonlyArray<string> => [
  "prices as traded, from a LEAN data folder; rows outside regular hours are left out",
  facts.hasFactorFile
    ? "splits and dividends as far as its factor file has them"
    : "no factor file: splits and dividends are unknown",
  facts.quoteDays > 0
    ? `bid and ask are published for the minutes of ${facts.quoteDays} sessions, else modelled`
    : "bid and ask are modelled",
  ...(Option.isNone(facts.history)
    ? ["no map file: whether the ticker was always this company's is unknown"]
    : []),
  ...(Option.isNone(mic) ? [`its exchange is unknown and given as ${DEFAULT_MIC}`] : []),
  ...(facts.foreignDays > 0
    ? [
        `${facts.foreignDays} days in the files of its ticker belong to another listing by its map file, and are left out`
      ]
    : [])
]

/** The instrument: an equity in whole shares and cents, at the exchange its map file names. */
export const instrumentOf = (facts: ListingFacts): Instrument => {
  const mic = Option.flatMap(
    Option.flatMap(facts.history, (history) => history.exchange),
    micOf
  )
  return Instrument.cases.Equity.make({
    id: instrumentId(`${facts.symbol}.${Option.getOrElse(mic, () => DEFAULT_MIC)}`),
    symbol: facts.symbol,
    name: facts.symbol,
    currency: "USD",
    priceIncrement: pricePerShare(0.01),
    sizeIncrement: shares(1),
    multiplier: 1,
    paperOnly: false,
    caveats: caveatsOf(facts, mic)
  })
}

const reasonFor = (
  ticker: string,
  spans: ReadonlyArray<TickerSpan>,
  from: SessionDate,
  to: SessionDate
): string => {
  const other = spans.find((span) => span.from <= to && span.to >= from && span.ticker !== ticker)
  return other === undefined
    ? "the folder has no rows of these sessions"
    : `it was ${other.ticker.toUpperCase()} from ${other.from} to ${other.to}, of which the folder has no rows`
}

/** Sessions without rows, and why; `covered` is ascending. */
export const gapsOf = (
  ticker: string,
  covered: ReadonlyArray<SessionDate>,
  spans: ReadonlyArray<TickerSpan>
): SourceListing["gaps"] =>
  missingSessions(covered).map(({ from, to }) => ({ from, to, reason: reasonFor(ticker, spans, from, to) }))
