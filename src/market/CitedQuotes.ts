/**
 * Quotes that orders may cite.
 *
 * A quote handed out is kept, so that an order can name the prices it was
 * decided on and an invented quote is told from a real one. What is older than
 * any order may cite is dropped; an order's own journal line holds its quote whole.
 */
import { Context, Effect, Layer, type Option } from "effect"
import type { InstrumentId, QuoteId } from "../domain/Identifiers.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { StorageError } from "../domain/StorageError.ts"
import { type Timestamp, timestamp } from "../domain/Timestamp.ts"
import {
  type InstrumentNotFound,
  MarketData,
  type MarketDataError,
  type QuoteUnavailable
} from "./MarketData.ts"
import { QuoteStore } from "./QuoteStore.ts"

/** Nine days of market time: a closing quote stays citable over the longest closure since 1998 (2001-09-11 to 17). */
const KEPT_MICROS = 9 * 86_400_000_000

/** Quotes held in memory, so that the order path does not read them back. */
const REMEMBERED = 512

/** A process drops old quotes with its first new one, for it may not live to a second, and with every one of so many. */
const DROPPED_EVERY = 512

export class CitedQuotes extends Context.Service<
  CitedQuotes,
  {
    /** The quote now, kept so that an order may cite it; with that of an option the one of what it is on. */
    readonly issue: (
      id: InstrumentId
    ) => Effect.Effect<QuoteTick, InstrumentNotFound | QuoteUnavailable | MarketDataError | StorageError>
    /** Keeps quotes that are about to be told, such as the rows of a chain, so that an order may cite them; with those of options those of what they are on. */
    readonly keep: (quotes: ReadonlyArray<QuoteTick>) => Effect.Effect<void, MarketDataError | StorageError>
    /** None for an id nobody was ever given, or one too old to cite. */
    readonly find: (id: QuoteId) => Effect.Effect<Option.Option<QuoteTick>, StorageError>
  }
>()("plimsoll/market/CitedQuotes") {
  static readonly layer: Layer.Layer<CitedQuotes, never, MarketData | QuoteStore> = Layer.effect(
    CitedQuotes,
    Effect.gen(function* () {
      const market = yield* MarketData
      const store = yield* QuoteStore
      const remembered = new Map<QuoteId, QuoteTick>()
      const remember = (quote: QuoteTick) => {
        remembered.set(quote.quoteId, quote)
        if (remembered.size <= REMEMBERED) return
        for (const oldest of remembered.keys()) {
          remembered.delete(oldest)
          return
        }
      }
      let dropAt = 0
      let issued = 0
      const dropOld = Effect.fnUntraced(function* (now: Timestamp, count: number) {
        const isTime = issued >= dropAt
        issued += count
        if (!isTime) return
        dropAt += DROPPED_EVERY
        // The quotes are kept: what keeps the old ones from being dropped now is met again at the next time.
        yield* Effect.catch(store.prune(timestamp(now - KEPT_MICROS)), (error) =>
          Effect.logDebug("old quotes were not dropped", error)
        )
      })
      /** An option is judged by the price of what it is on, and the hook knows only prices that were handed out. */
      const ofUnderlyings = (quotes: ReadonlyArray<QuoteTick>) => {
        const ids = new Set<InstrumentId>()
        for (const { instrumentId } of quotes) {
          const instrument = market.instrumentOf(instrumentId)
          if (instrument?._tag === "Option") ids.add(instrument.contract.underlying)
        }
        return Effect.forEach(ids, (id) =>
          market.quote(id).pipe(
            Effect.map((quote) => [quote]),
            Effect.catchTag(["QuoteUnavailable", "InstrumentNotFound"], () => Effect.succeed([]))
          )
        )
      }
      const keep = Effect.fn("CitedQuotes.keep")(function* (quotes: ReadonlyArray<QuoteTick>) {
        const underlyings = yield* ofUnderlyings(quotes)
        const unknown = [...quotes, ...underlyings.flat()].filter(({ quoteId }) => !remembered.has(quoteId))
        const [newest] = unknown
        if (newest === undefined) return
        yield* unknown.length === 1 ? store.put(newest) : store.putAll(unknown)
        for (const quote of unknown) remember(quote)
        yield* dropOld(newest.tsInit, unknown.length)
      })
      const issue = Effect.fn("CitedQuotes.issue")(function* (id: InstrumentId) {
        const quote = yield* market.quote(id)
        yield* keep([quote])
        return quote
      })
      const find = (id: QuoteId) =>
        Effect.suspend(() => {
          const known = remembered.get(id)
          return known === undefined ? store.find(id) : Effect.succeedSome(known)
        })
      return CitedQuotes.of({ issue, keep, find })
    })
  )
}
