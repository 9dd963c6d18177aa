/**
 * What a run's journal says: counts, curve, events. A fold over journal lines,
 * so that a run that was interrupted and one that was not are told alike.
 */
import { createHash, type Hash } from "node:crypto"
import canonicalize from "canonicalize"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent, JournalEventOf } from "../domain/JournalEvent.ts"
import { notional, toFloat } from "../domain/Money.ts"
import type { SessionDate } from "../domain/Timestamp.ts"
import type { JournalEntry } from "../execution/OrderJournal.ts"

export interface Denial {
  readonly rule: string
  readonly count: number
  /** The message of the first of them. */
  readonly example: string
}

/** One book's journal, told. Curves in dollars, one point a session. */
export interface BookSummary {
  /** SHA-256, hex, over the canonical events in journal order, without wall times, reconciliation and unknown outcomes. */
  readonly journalHash: string
  readonly sessions: number
  readonly orders: number
  /** Of orders: options that are exercised, assigned or expire are not traded. */
  readonly fills: number
  readonly denied: number
  readonly denials: ReadonlyArray<Denial>
  readonly dates: ReadonlyArray<SessionDate>
  readonly equity: ReadonlyArray<number>
  readonly grossExposure: ReadonlyArray<number>
  /** Bought and sold since the point before. */
  readonly traded: ReadonlyArray<number>
  readonly stateChanges: ReadonlyArray<{
    readonly date: SessionDate
    readonly event: JournalEventOf<"TradingStateChanged">
  }>
}

/** Folds a book's journal. */
export class RunSummary {
  readonly #hash: Hash = createHash("sha256")
  #orders = 0
  #fills = 0
  #denied = 0
  #traded = 0
  #session: SessionDate | undefined
  readonly #exits = new Set<ClientOrderId>()
  readonly #denials = new Map<string, { count: number; readonly example: string }>()
  readonly #dates: Array<SessionDate> = []
  readonly #equity: Array<number> = []
  readonly #gross: Array<number> = []
  readonly #tradedBySession: Array<number> = []
  readonly #changes: Array<BookSummary["stateChanges"][number]> = []

  /** The next line of the journal. */
  add({ actor, event }: JournalEntry): void {
    // What became of an order is told by the venue's events, not by how long the desk did not know.
    if (actor.name !== "reconciliation" && event._tag !== "OrderUnknown") {
      this.#hash.update(canonicalize(event) ?? "").update("\n")
    }
    this.#count(event)
  }

  #count(event: JournalEvent): void {
    switch (event._tag) {
      case "OrderInitialized":
        if (event.role === "ENTRY") this.#orders += 1
        else this.#exits.add(event.clientOrderId)
        break
      case "OrderDenied": {
        // A bracket that was not sent is one order that was not sent.
        if (this.#exits.has(event.clientOrderId)) break
        this.#denied += 1
        const known = this.#denials.get(event.rule)
        if (known === undefined) this.#denials.set(event.rule, { count: 1, example: event.reason })
        else known.count += 1
        break
      }
      case "OrderFilled":
        this.#fills += 1
        this.#traded += toFloat(notional(event.price, event.quantity, event.multiplier))
        break
      case "SessionOpened":
        this.#session = event.date
        break
      case "SessionClosed":
        this.#dates.push(event.date)
        this.#equity.push(toFloat(event.equity))
        this.#gross.push(toFloat(event.grossExposure))
        this.#tradedBySession.push(this.#traded)
        this.#traded = 0
        break
      case "TradingStateChanged":
        if (this.#session !== undefined) this.#changes.push({ date: this.#session, event })
        break
      default:
        break
    }
  }

  /** What the lines so far say. */
  result(): BookSummary {
    return {
      journalHash: this.#hash.copy().digest("hex"),
      sessions: this.#dates.length,
      orders: this.#orders,
      fills: this.#fills,
      denied: this.#denied,
      denials: Array.from(this.#denials, ([rule, { count, example }]) => ({ rule, count, example })),
      dates: this.#dates,
      equity: this.#equity,
      grossExposure: this.#gross,
      traded: this.#tradedBySession,
      stateChanges: this.#changes
    }
  }
}
