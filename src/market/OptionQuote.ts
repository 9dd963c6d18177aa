/** A contract's quote in its chain as one that an order can cite, and as a tick. */
import { hash } from "node:crypto"
import { type InstrumentId, type QuoteId, quoteId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { MAX_PRICE_MICROS, MICROS, price, zeroQuantity } from "../domain/Money.ts"
import { type QuoteSource, QuoteTick } from "../domain/Quote.ts"
import { MICROS_PER_SECOND, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import type { RawQuote } from "../options/chain/OptionChain.ts"
import type { MarketTick } from "./MarketTick.ts"
import type { MarketChain } from "./MarketChain.ts"

/** The id an order cites a contract's quote by. */
export const contractQuoteId = (
  snapshotId: string,
  { ask, bid, contract }: Pick<RawQuote, "contract" | "bid" | "ask">
): QuoteId => quoteId(`q-${hash("sha256", [snapshotId, contract, bid, ask].join("|")).slice(0, 16)}`)

/** Bid, ask and their middle, which stands for the last price; micros. */
export type OptionPrices = Pick<MarketTick, "bid" | "ask" | "last">

/**
 * Prices that somebody could trade at: an offer there is, and a bid that is not
 * above it. Without a bid it is zero. Undefined for anything else, and for
 * closing prices, which are no quotes. Dollars a share.
 */
export const optionPrices = (bid: number | undefined, ask: number | undefined): OptionPrices | undefined => {
  const low = Math.round((bid ?? 0) * MICROS)
  const high = Math.round((ask ?? 0) * MICROS)
  if (!(low >= 0 && high > 0 && low <= high && high <= MAX_PRICE_MICROS)) return undefined
  return { bid: price(low), ask: price(high), last: price(Math.max(1, Math.round((low + high) / 2))) }
}

/** Sizes and volume of an option's ticks are zero: nobody knows them. */
export const optionTick = (
  instrumentId: InstrumentId,
  at: Pick<MarketTick, "tsEvent" | "phase">,
  source: QuoteSource,
  { ask, bid, last }: OptionPrices
): MarketTick => ({
  instrumentId,
  tsEvent: at.tsEvent,
  phase: at.phase,
  bid,
  ask,
  last,
  bidSize: zeroQuantity,
  askSize: zeroQuantity,
  volume: zeroQuantity,
  source
})

/** The picture that a quote is of. */
export type ShownChain = Pick<MarketChain, "snapshotId" | "source" | "shownAt" | "askedAt">

/** What of a contract's row makes its quote. */
type ShownQuote = Pick<RawQuote, "contract" | "bid" | "ask" | "ageSeconds">

/** When the market showed a quote of a chain. */
const quotedAt = ({ shownAt }: ShownChain, { ageSeconds }: ShownQuote): Timestamp =>
  timestamp(shownAt - Math.round(ageSeconds * MICROS_PER_SECOND))

/**
 * A contract's quote, to be cited by its `contractQuoteId`; undefined where it
 * has no prices to trade at. Sizes are zero: nobody knows them. The last price
 * is the middle of bid and ask, whoever made those.
 */
export const optionQuoteTick = (
  instrument: Pick<Instrument, "id">,
  chain: ShownChain,
  quote: ShownQuote
): QuoteTick | undefined => {
  const prices = optionPrices(quote.bid, quote.ask)
  if (prices === undefined) return undefined
  const isModelled = chain.source === "model"
  return new QuoteTick({
    quoteId: contractQuoteId(chain.snapshotId, quote),
    instrumentId: instrument.id,
    ...prices,
    bidSize: zeroQuantity,
    askSize: zeroQuantity,
    tsEvent: quotedAt(chain, quote),
    tsInit: chain.askedAt,
    source: isModelled ? "option-model" : "option-quote",
    modelled: isModelled ? ["bid", "ask", "last"] : ["last"]
  })
}
