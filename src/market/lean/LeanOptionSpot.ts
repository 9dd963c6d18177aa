/** What an underlying was worth at an instant, by the equity files of a LEAN folder. */
import { Effect, type FileSystem, Option, type Path } from "effect"
import type { Symbol } from "../../domain/Identifiers.ts"
import { MICROS } from "../../domain/Money.ts"
import { MICROS_PER_MINUTE, type Timestamp } from "../../domain/Timestamp.ts"
import type { BarSeries, CorporateAction, SourceListing } from "../BarSeries.ts"
import type { BarSource, BarSourceError } from "../BarSource.ts"
import type { Session } from "../TradingCalendar.ts"
import { filesBelow } from "./LeanFiles.ts"
import { makeLeanFolder } from "./LeanFolder.ts"

export interface Underlying {
  readonly listing: SourceListing
  readonly source: BarSource
  readonly actions: ReadonlyArray<CorporateAction>
}

/** The folder's equity of this symbol; none where it has none. Rows of other days are not this chain's matter. */
export const openUnderlying = Effect.fnUntraced(function* (
  path: string,
  symbol: Symbol
): Effect.fn.Return<Option.Option<Underlying>, BarSourceError, FileSystem.FileSystem | Path.Path> {
  const equities = yield* filesBelow(path, "equity", "usa")
  if ((yield* equities.names("")).length === 0) return Option.none()
  const source = yield* makeLeanFolder({ path, symbols: [symbol], skipBadRows: true })
  const listing = source.listings.find(({ instrument }) => instrument.symbol === symbol)
  if (listing === undefined) return Option.none()
  const actions = yield* source.corporateActions(listing.instrument.id)
  return Option.some({ listing, source, actions })
})

export interface Spot {
  /** Dollars. */
  readonly price: number
  /** In words. */
  readonly from: string
}

/** An equity's minute that is older than this is another moment's price. */
const MAX_SPOT_AGE_MICROS = 5 * MICROS_PER_MINUTE

/** The place of the newest bar that has ended by `asOf` and is not too old. */
const newestBar = (bars: BarSeries, asOf: Timestamp): number | undefined => {
  const at = bars.tsEvent.findLastIndex((end) => end <= asOf)
  return at >= 0 && asOf - (bars.tsEvent[at] ?? 0) <= MAX_SPOT_AGE_MICROS ? at : undefined
}

/**
 * The price at `asOf`: the middle of the newest minute's bid and ask, else its
 * last trade, else of the hour or the day that has just ended. None where no
 * file has one.
 */
export const spotAt = Effect.fnUntraced(function* (
  { listing, source }: Underlying,
  { date }: Session,
  asOf: Timestamp
): Effect.fn.Return<Option.Option<Spot>, BarSourceError> {
  const { id } = listing.instrument
  if (listing.resolutions.includes("1m")) {
    const quotes = yield* source.quoteSeries(id, date)
    const at = Option.isSome(quotes) ? newestBar(quotes.value, asOf) : undefined
    if (Option.isSome(quotes) && at !== undefined) {
      const middle = ((quotes.value.close[at] ?? 0) + (quotes.value.askClose[at] ?? 0)) / 2
      return Option.some({
        price: middle / MICROS,
        from: "the equity's minute quotes, middle of bid and ask"
      })
    }
  }
  const trades = [
    ["1m", "the equity's minute trades"],
    ["1h", "the equity's hourly closes"],
    ["1d", "the equity's daily close"]
  ] as const
  for (const [resolution, from] of trades) {
    if (!listing.resolutions.includes(resolution)) continue
    const bars = yield* source.series(id, resolution, { from: date, to: date })
    const at = newestBar(bars, asOf)
    if (at !== undefined) return Option.some({ price: (bars.close[at] ?? 0) / MICROS, from })
  }
  return Option.none()
})
