/**
 * What an engine asks of an options market while it plays a session: it names
 * what it wants, whoever drives it puts the answer in, and it goes on.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { QuoteTick } from "../../domain/Quote.ts"
import type { SessionDate, Timestamp } from "../../domain/Timestamp.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import type { OptionChain } from "../../session/OptionChain.ts"

/** Ticks of contracts in (after, until]. */
export class TicksAsk {
  readonly _tag = "Ticks"
  readonly ids: ReadonlyArray<InstrumentId>
  readonly after: Timestamp
  readonly until: Timestamp
  /** Market time. */
  readonly now: Timestamp
  /** One list for each id. */
  lists: ReadonlyArray<ReadonlyArray<MarketTick>> = []

  constructor(ids: ReadonlyArray<InstrumentId>, after: Timestamp, until: Timestamp, now: Timestamp) {
    this.ids = ids
    this.after = after
    this.until = until
    this.now = now
  }
}

/** Quotes of contracts; those that nobody quotes are left out. */
export class QuotesAsk {
  readonly _tag = "Quotes"
  readonly ids: ReadonlyArray<InstrumentId>
  readonly now: Timestamp
  quotes: ReadonlyMap<InstrumentId, QuoteTick> = new Map()

  constructor(ids: ReadonlyArray<InstrumentId>, now: Timestamp) {
    this.ids = ids
    this.now = now
  }
}

/** Chains of instruments; those that have none are left out. */
export class ChainsAsk {
  readonly _tag = "Chains"
  readonly ids: ReadonlyArray<InstrumentId>
  readonly date: SessionDate
  readonly now: Timestamp
  chains: ReadonlyMap<InstrumentId, OptionChain> = new Map()

  constructor(ids: ReadonlyArray<InstrumentId>, date: SessionDate, now: Timestamp) {
    this.ids = ids
    this.date = date
    this.now = now
  }
}

export type OptionAsk = TicksAsk | QuotesAsk | ChainsAsk
