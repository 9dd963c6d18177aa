/** The market at one decision point, as orders look at it; quotes are made once. */
import { type InstrumentId, isOptionId } from "../../domain/Identifiers.ts"
import type { QuoteTick } from "../../domain/Quote.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import { quoteFields } from "../../market/QuoteFromTick.ts"
import type { Session } from "../../market/TradingCalendar.ts"
import type { SessionPhase } from "../../risk/RiskSnapshot.ts"
import type { EngineLook } from "./OrderPath.ts"
import type { TrackReader } from "./TrackReader.ts"

export class PointLook implements EngineLook {
  readonly now: Timestamp
  readonly phase: SessionPhase
  readonly instrumentOf: EngineLook["instrumentOf"]
  readonly #readers: ReadonlyMap<InstrumentId, TrackReader>
  readonly #quotes = new Map<InstrumentId, QuoteTick | undefined>()
  /** Made when there is one. */
  #optionTicks: Map<InstrumentId, MarketTick | undefined> | undefined

  constructor(
    readers: ReadonlyMap<InstrumentId, TrackReader>,
    instrumentOf: EngineLook["instrumentOf"],
    { close, open }: Session,
    now: Timestamp
  ) {
    this.#readers = readers
    this.instrumentOf = instrumentOf
    this.now = now
    this.phase = now >= open && now < close ? { open: true } : { open: false, lastClose: close }
  }

  readonly quoteOf = (id: InstrumentId): QuoteTick | undefined => {
    if (this.#quotes.has(id)) return this.#quotes.get(id)
    const tick = this.#readers.get(id)?.shownAt(this.now)
    const quote = tick === undefined ? undefined : quoteFields(tick, this.now)
    this.#quotes.set(id, quote)
    return quote
  }

  readonly tickOf = (id: InstrumentId): MarketTick | undefined =>
    isOptionId(id) ? this.#optionTicks?.get(id) : this.#readers.get(id)?.tickAt(this.now)

  /** Prices of those that have any. */
  shown(readers: ReadonlyArray<TrackReader>): ReadonlyMap<InstrumentId, MarketTick> {
    const shown = new Map<InstrumentId, MarketTick>()
    for (const reader of readers) {
      const tick = reader.shownAt(this.now)
      if (tick !== undefined) shown.set(reader.id, tick)
    }
    return shown
  }

  /** Takes up what an options market has answered; undefined for what it has not. */
  takeQuote(id: InstrumentId, quote: QuoteTick | undefined): void {
    this.#quotes.set(id, quote)
  }

  takeTick(id: InstrumentId, tick: MarketTick | undefined): void {
    this.#optionTicks ??= new Map()
    this.#optionTicks.set(id, tick)
  }

  /** True of what has been asked about. */
  knowsQuote(id: InstrumentId): boolean {
    return this.#quotes.has(id)
  }

  knowsTick(id: InstrumentId): boolean {
    return this.#optionTicks?.has(id) === true
  }
}
