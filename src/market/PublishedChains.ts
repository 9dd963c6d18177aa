/** Option chains that were read of a source's files. */
import type { Effect, Option } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import type { RawQuote } from "../options/chain/OptionChain.ts"
import { strikesOfOtherBasis } from "../options/chain/SplitBasis.ts"
import type { KnownQuote } from "./lean/LeanOptionRows.ts"
import type { MarketDataError } from "./MarketData.ts"
import type { NamedContract } from "./NamedContract.ts"
import type { MarketChain, OptionSource } from "./MarketChain.ts"
import type { Session } from "./TradingCalendar.ts"

/** A chain as it was read. */
export interface PublishedChain extends Pick<MarketChain, "snapshotId" | "shownAt" | "raw" | "notes"> {
  readonly source: Exclude<OptionSource, "model">
  /** In words. */
  readonly spotFrom: string
  readonly rateFrom: string
}

/** Where options are read from besides the model: the newest chain known at an instant, or why there is none. */
export interface PublishedOptions {
  readonly chainAt: (
    instrument: Instrument,
    now: Timestamp
  ) => Effect.Effect<
    { readonly chain: Option.Option<PublishedChain>; readonly why: string | undefined },
    MarketDataError
  >
  /** What becomes known of a contract within a session. */
  readonly within: (
    instrument: Instrument,
    day: Session,
    contract: Pick<RawQuote, "right" | "strike"> & { readonly expiry: SessionDate }
  ) => Effect.Effect<PublishedSession, MarketDataError>
}

/** Published quotes of a contract within a session, up to its close. */
export interface PublishedSession {
  /** From when on what is published is shown, and not the model; undefined where that is not before the close. */
  readonly from: Timestamp | undefined
  /** Those that became known before the close, oldest first. */
  readonly quotes: ReadonlyArray<KnownQuote>
}

/** Where a chain's dividend yield is from. */
export const YIELD_ORIGIN = "dividends of the 365 days before, as the desk's source has them"

/** A chain that was read, with what the desk knows besides. */
export const publishedChain = (
  instrument: Instrument,
  { notes, rateFrom, raw, shownAt, snapshotId, source, spotFrom }: PublishedChain,
  dividendYield: number,
  now: Timestamp
): MarketChain => ({
  snapshotId,
  underlying: instrument,
  source,
  modelled: [],
  shownAt,
  askedAt: now,
  raw,
  dividendYield,
  origins: { spot: spotFrom, rate: rateFrom, dividendYield: YIELD_ORIGIN, model: undefined },
  notes
})

/** A contract's row in a chain that was read; undefined where it has none, and where its strike is of the other side of a split. */
export const publishedIn = (
  { raw }: Pick<PublishedChain, "raw">,
  contract: Pick<NamedContract, "symbol" | "expiry">
): RawQuote | undefined => {
  const quotes = raw.expiries.find(({ expiry }) => expiry === contract.expiry)?.quotes ?? []
  const found = quotes.find((one) => one.contract === contract.symbol)
  return found === undefined || strikesOfOtherBasis(quotes, raw.spot, raw.splits ?? []).has(found.strike)
    ? undefined
    : found
}
