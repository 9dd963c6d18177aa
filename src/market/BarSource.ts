/**
 * The port every source of prices implements: embedded replay, LEAN folder, CSV file.
 *
 * A source says at construction what it has (`listings`, and the rows it left
 * out), and hands over bars on request. It knows nothing of market time:
 * `MarketData` stands in front of it and never shows what lies ahead.
 */
import type { Effect, Option } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Resolution } from "../domain/Quote.ts"
import type { SessionDate } from "../domain/Timestamp.ts"
import type { BarSeries, CorporateAction, QuoteSeries, SourceListing } from "./BarSeries.ts"
import type { BadMarketData, BadRow, MarketSourceError } from "./MarketData.ts"

/** What reading a source can fail with, once it stands. */
export type BarSourceError = BadMarketData | MarketSourceError

/** Whole sessions, both ends included. */
export interface SessionRange {
  readonly from: SessionDate
  readonly to: SessionDate
}

export interface BarSource {
  /** How messages call it: "embedded replay", "LEAN folder /data", "CSV prices.csv". */
  readonly name: string
  readonly listings: ReadonlyArray<SourceListing>
  /** Rows left out so far because `--skip-bad-rows` said so; a getter where files are read later. */
  readonly skipped: ReadonlyArray<BadRow>
  /**
   * The bars of these sessions, regular hours only, ascending, stamped as
   * `BarRows.readBars` stamps them.
   *
   * `resolution` is one that the instrument's listing names. A session
   * without rows at this resolution simply contributes none (so a folder with
   * minute files for three days answers length 0 for the others, cheaply: the
   * names of the files are known beforehand). `MarketData` asks for daily and
   * hourly bars once, over the whole listing, and for finer ones session by
   * session, and keeps a bounded number of them; a source that reads a file
   * per session needs no cache of its own.
   */
  readonly series: (
    id: InstrumentId,
    resolution: Resolution,
    range: SessionRange
  ) => Effect.Effect<BarSeries, BarSourceError>
  /** Published minute quotes of one session; none where the source has only trades. */
  readonly quoteSeries: (
    id: InstrumentId,
    date: SessionDate
  ) => Effect.Effect<Option.Option<QuoteSeries>, BarSourceError>
  /**
   * Every split and dividend of the instrument, oldest first; empty for
   * sources whose prices are adjusted already. `MarketData` adjusts bars by
   * them when asked, so a source hands over its prices as they are.
   */
  readonly corporateActions: (
    id: InstrumentId
  ) => Effect.Effect<ReadonlyArray<CorporateAction>, BarSourceError>
}
