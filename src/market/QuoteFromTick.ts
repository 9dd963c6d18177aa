/** A tick as a quote that an order can cite. */
import { hash } from "node:crypto"
import { quoteId } from "../domain/Identifiers.ts"
import { QuoteTick } from "../domain/Quote.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { MarketTick } from "./MarketTick.ts"

/**
 * Of a path, bid, ask and sizes are modelled, and the last price too but for
 * the session's first and last, which are the bar's own open and close.
 */
export const modelledIn = (tick: MarketTick): QuoteTick["modelled"] => {
  if (tick.source === "lean-quote") return []
  return tick.phase === "CONTINUOUS" ? ["bid", "ask", "sizes", "last"] : ["bid", "ask", "sizes"]
}

/** What the id of a tick's quote is made of. */
export const quoteText = ({ ask, bid, instrumentId, last, source, tsEvent }: MarketTick): string =>
  [instrumentId, tsEvent, bid, ask, last, source].join("|")

/** The quote of a tick. Its id is made of what the market showed: the same tick is the same quote, whoever asks and when. */
export const quoteFromTick = (tick: MarketTick, tsInit: Timestamp): QuoteTick => {
  const { ask, askSize, bid, bidSize, instrumentId, last, source, tsEvent } = tick
  const digest = hash("sha256", quoteText(tick))
  return new QuoteTick({
    quoteId: quoteId(`q-${digest.slice(0, 16)}`),
    instrumentId,
    bid,
    ask,
    last,
    bidSize,
    askSize,
    tsEvent,
    tsInit,
    source,
    modelled: modelledIn(tick)
  })
}
