/** A tick as a quote that an order can cite. */
import { hash } from "node:crypto"
import { quoteId } from "../domain/Identifiers.ts"
import { QuoteTick } from "../domain/Quote.ts"
import { MICROS_PER_MINUTE, MICROS_PER_SECOND, type Timestamp, timestamp } from "../domain/Timestamp.ts"
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
  `${instrumentId}|${tsEvent}|${bid}|${ask}|${last}|${source}`

/**
 * When a tick's prices were last shown. Published ones at their own time. A
 * modelled market shows its prices until its next tick, a minute later at most:
 * they are of the second they are looked at. After the close, and where ticks
 * are missing, they are as old as they are.
 */
const shownAt = (tick: MarketTick, now: Timestamp): Timestamp => {
  const { phase, source, tsEvent } = tick
  if (source === "lean-quote" || phase === "CLOSE" || now - tsEvent >= MICROS_PER_MINUTE) return tsEvent
  return timestamp(Math.max(tsEvent, now - (now % MICROS_PER_SECOND)))
}

/** The fields of a tick's quote. Its id is made of what the market showed and when: asked in the same second, it is the same quote. */
export const quoteFields = (tick: MarketTick, tsInit: Timestamp): Omit<QuoteTick, never> => {
  const { ask, askSize, bid, bidSize, instrumentId, last, source } = tick
  const tsEvent = shownAt(tick, tsInit)
  const text = tsEvent === tick.tsEvent ? quoteText(tick) : quoteText({ ...tick, tsEvent })
  return {
    quoteId: quoteId(`q-${hash("sha256", text).slice(0, 16)}`),
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
  }
}

/** The quote of a tick. */
export const quoteFromTick = (tick: MarketTick, tsInit: Timestamp): QuoteTick =>
  // A tick is made of bars that were checked when they were read, or of chains that were.
  new QuoteTick(quoteFields(tick, tsInit), { disableChecks: true })
