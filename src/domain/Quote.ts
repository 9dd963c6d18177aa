/** Quotes and bars. */
import { Schema } from "effect"
import { InstrumentId, QuoteId } from "./Identifiers.ts"
import { Price, Quantity } from "./Money.ts"
import { Timestamp } from "./Timestamp.ts"

export const quoteSources = [
  "replay-path",
  "lean-path",
  "lean-quote",
  "csv-path",
  "option-model",
  "option-quote"
] as const

/**
 * Where a price comes from. `*-path`: interpolated inside a bar by
 * `market/PricePath`, its bid, ask and sizes modelled; `*-quote`: published bid
 * and ask. An option's last price is the middle of its bid and ask;
 * `option-model`: both are the volatility model's.
 */
export const QuoteSource = Schema.Literals(quoteSources)
export type QuoteSource = typeof QuoteSource.Type

export class QuoteTick extends Schema.Class<QuoteTick>("plimsoll/domain/QuoteTick")({
  quoteId: QuoteId,
  instrumentId: InstrumentId,
  bid: Price,
  ask: Price,
  last: Price,
  bidSize: Quantity,
  askSize: Quantity,
  /** When the market showed it. */
  tsEvent: Timestamp,
  /** Market time when the desk took it up; its age is market time now minus `tsEvent`. */
  tsInit: Timestamp,
  source: QuoteSource,
  /** Which of its numbers a model made. */
  modelled: Schema.Array(Schema.Literals(["bid", "ask", "sizes", "last"]))
}) {}

export const Resolution = Schema.Literals(["1m", "5m", "1h", "1d"])
export type Resolution = typeof Resolution.Type

export class Bar extends Schema.Class<Bar>("plimsoll/domain/Bar")({
  instrumentId: InstrumentId,
  resolution: Resolution,
  open: Price,
  high: Price,
  low: Price,
  close: Price,
  /** Whole shares traded, as the source has them; an index's day has passed eleven billion, beyond a `Quantity`. */
  volume: Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0))),
  /** Start of the interval. */
  tsOpen: Timestamp,
  /** End of the interval: when the bar can be known. */
  tsEvent: Timestamp
}) {}
