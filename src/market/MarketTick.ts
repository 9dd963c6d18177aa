/** What the paper venue and the breaker see of a market, one moment of one instrument. */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Price, Quantity } from "../domain/Money.ts"
import type { QuoteSource } from "../domain/Quote.ts"
import type { Timestamp } from "../domain/Timestamp.ts"

export interface MarketTick {
  readonly instrumentId: InstrumentId
  readonly tsEvent: Timestamp
  /** OPEN: the session's first print, where AT_THE_OPEN orders fill. CLOSE: its last, for AT_THE_CLOSE. */
  readonly phase: "OPEN" | "CONTINUOUS" | "CLOSE"
  readonly bid: Price
  readonly ask: Price
  readonly last: Price
  readonly bidSize: Quantity
  readonly askSize: Quantity
  /** Shares that changed hands since this instrument's previous tick; partial fills take a share of it. */
  readonly volume: Quantity
  readonly source: QuoteSource
}
