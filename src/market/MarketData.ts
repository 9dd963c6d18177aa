/**
 * Prices, bars and instruments, never later than the market clock.
 *
 * Whatever asks (an agent, the paper venue, a strategy) sees the market as of
 * `MarketClock.now`: a replay cannot be read ahead of its own time.
 */
import { Context, type Effect, Schema } from "effect"
import { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { type Bar, type QuoteTick, Resolution } from "../domain/Quote.ts"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import type { CorporateAction, SourceListing } from "./BarSeries.ts"
import type { MarketClockUnavailable } from "./MarketClock.ts"
import type { MarketTick } from "./MarketTick.ts"

/** No source of this desk knows the symbol; `nearest` names those that look like it. */
export class InstrumentNotFound extends Schema.TaggedError<InstrumentNotFound>()("InstrumentNotFound", {
  symbol: Schema.String,
  nearest: Schema.Array(Schema.String),
  message: Schema.String
}) {}

/** The instrument has no price at this market time: before its first session, after its last, or in a gap. */
export class QuoteUnavailable extends Schema.TaggedError<QuoteUnavailable>()("QuoteUnavailable", {
  instrumentId: InstrumentId,
  message: Schema.String
}) {}

/** Asked for bars finer than the source has. */
export class ResolutionUnavailable extends Schema.TaggedError<ResolutionUnavailable>()(
  "ResolutionUnavailable",
  {
    instrumentId: InstrumentId,
    requested: Resolution,
    /** The finest the source has. */
    finest: Resolution,
    message: Schema.String
  }
) {}

/** One row or file of a source that cannot be used. `row` is 1-based as an editor counts; 0 is the file itself. */
export class BadRow extends Schema.Class<BadRow>("plimsoll/market/BadRow")({
  file: Schema.String,
  row: Schema.Int,
  problem: Schema.String
}) {}

/** A source has rows that cannot be used; nothing runs on it unless told to skip them. */
export class BadMarketData extends Schema.TaggedError<BadMarketData>()("BadMarketData", {
  rows: Schema.Array(BadRow),
  message: Schema.String
}) {}

/** A source's folder or file is missing or unreadable, or an option about it makes no sense. */
export class MarketSourceError extends Schema.TaggedError<MarketSourceError>()("MarketSourceError", {
  source: Schema.String,
  message: Schema.String
}) {}

/** raw: as traded. split-adjusted: splits taken out. adjusted: splits and dividends taken out. Both as of market time: actions still to come take nothing out. */
export const PriceAdjustment = Schema.Literals(["raw", "split-adjusted", "adjusted"])
export type PriceAdjustment = typeof PriceAdjustment.Type

export type MarketDataError = BadMarketData | MarketSourceError | MarketClockUnavailable

export class MarketData extends Context.Service<
  MarketData,
  {
    readonly listings: ReadonlyArray<SourceListing>
    /** Rows left out because `--skip-bad-rows` said so. */
    readonly skipped: ReadonlyArray<BadRow>
    /** By symbol or by instrument id, case-insensitive; an option contract, listed now, by any way its name is written. */
    readonly instrument: (symbol: string) => Effect.Effect<Instrument, InstrumentNotFound>
    /** Of this id, contracts on the instruments listed included; undefined where no source has it. */
    readonly instrumentOf: (id: InstrumentId) => Instrument | undefined
    /** Best match first; by symbol, then by name. */
    readonly search: (query: string, options: { readonly limit: number }) => ReadonlyArray<Instrument>
    /** The last quote at or before market time now; between sessions that is the closing quote. */
    readonly quote: (
      id: InstrumentId
    ) => Effect.Effect<QuoteTick, InstrumentNotFound | QuoteUnavailable | MarketDataError>
    /** Bars whose end lies in (from, until] and not after market time now, oldest first; none of options. */
    readonly bars: (options: {
      readonly instrumentId: InstrumentId
      readonly resolution: Resolution
      readonly from: Timestamp
      readonly until: Timestamp
      readonly adjustment?: PriceAdjustment
    }) => Effect.Effect<ReadonlyArray<Bar>, InstrumentNotFound | ResolutionUnavailable | MarketDataError>
    /**
     * Every tick of these instruments in (after, until], not after market time
     * now, in time order (ties in the order asked). The same ticks whatever
     * the calls they are fetched by: asking in two halves gives the whole.
     */
    readonly ticks: (options: {
      readonly instrumentIds: ReadonlyArray<InstrumentId>
      readonly after: Timestamp
      readonly until: Timestamp
    }) => Effect.Effect<ReadonlyArray<MarketTick>, InstrumentNotFound | MarketDataError>
    /** Actions in force from the open of `date`; none for sources whose prices are adjusted already, and none of options. */
    readonly corporateActions: (
      id: InstrumentId,
      date: SessionDate
    ) => Effect.Effect<ReadonlyArray<CorporateAction>, InstrumentNotFound | MarketDataError>
  }
>()("plimsoll/market/MarketData") {}
