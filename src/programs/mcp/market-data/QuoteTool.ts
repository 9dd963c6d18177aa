/** `get_quote`. */
import { Effect, Option, Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"
import { QuoteSource, QuoteTick } from "../../../domain/Quote.ts"
import { MICROS_PER_SECOND, toIso } from "../../../domain/Timestamp.ts"
import { CitedQuotes } from "../../../market/CitedQuotes.ts"
import { MarketClock } from "../../../market/MarketClock.ts"
import { MarketData } from "../../../market/MarketData.ts"
import { sessionAt } from "../../../market/TradingCalendar.ts"
import { instrumentSteps, marketSteps, quoteSteps, storageSteps } from "../kit/NextSteps.ts"
import { tool } from "../kit/Tool.ts"
import { AskedSymbol } from "./Asked.ts"

export const getQuote = tool({
  name: "get_quote",
  title: "Quote",
  description:
    'Bid, ask and last of a symbol or an option contract ("AAPL 140613C00090000") now, with the quote_id that an order decided on it has to cite. Ask anew right before an order. Of an option last is the middle of bid and ask, and sizes are not known: 0.',
  // What it keeps is what an order may cite: asking changes nothing anybody sees.
  annotations: { readOnly: true },
  input: Schema.Struct({ symbol: AskedSymbol }),
  output: Schema.Struct({
    quoteId: Schema.String,
    symbol: Schema.String,
    instrumentId: Schema.String,
    bid: Schema.String,
    ask: Schema.String,
    last: Schema.String,
    bidSize: Schema.String,
    askSize: Schema.String,
    /** When the market showed it. */
    asOf: Schema.String,
    marketTime: Schema.String,
    /** Market seconds from then to market time. */
    ageSeconds: Schema.Finite,
    marketOpen: Schema.Boolean,
    source: QuoteSource,
    /** Those of its numbers that a model made. */
    modelled: QuoteTick.fields.modelled
  }),
  next: { ...instrumentSteps, ...quoteSteps, ...marketSteps, ...storageSteps },
  handle: Effect.fnUntraced(function* ({ symbol }) {
    const data = yield* MarketData
    const instrument = yield* data.instrument(symbol)
    const quote = yield* CitedQuotes.use((quotes) => quotes.issue(instrument.id))
    // Read after the quote, so that no quote is of the future.
    const now = yield* MarketClock.use((clock) => clock.now)
    return {
      quoteId: quote.quoteId,
      symbol: instrument.symbol,
      instrumentId: instrument.id,
      bid: formatMicros(quote.bid, 2),
      ask: formatMicros(quote.ask, 2),
      last: formatMicros(quote.last, 2),
      bidSize: formatMicros(quote.bidSize),
      askSize: formatMicros(quote.askSize),
      asOf: toIso(quote.tsEvent),
      marketTime: toIso(now),
      ageSeconds: (now - quote.tsEvent) / MICROS_PER_SECOND,
      marketOpen: Option.isSome(sessionAt(now)),
      source: quote.source,
      modelled: quote.modelled
    }
  }),
  text: ({ ageSeconds, ask, bid, last, marketOpen, quoteId, symbol }) =>
    `${symbol} ${bid} / ${ask}, last ${last}, ${ageSeconds} s old (market ${marketOpen ? "open" : "closed"}): ${quoteId}`
})
