/**
 * How the crank moves the paper venue: within one transaction its state is
 * opened, worked on and saved; what was opened is only kept in memory once
 * that transaction has committed.
 */
import { Context, type Effect, Schema } from "effect"
import { InstrumentId } from "../../domain/Identifiers.ts"
import type { VenueEvent } from "../../domain/JournalEvent.ts"
import { Money, Price } from "../../domain/Money.ts"
import type { StorageError } from "../../domain/StorageError.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import { VenueAccount } from "../VenueAccount.ts"
import type { MatchingCore } from "./MatchingCore.ts"

/** How far the market has been played, and what was seen on the way. */
export const Progress = Schema.Struct({
  advancedTo: Timestamp,
  /** The highest equity seen since the last session closed; the book has the one before. */
  highWater: Money,
  /** Last price of each instrument held. */
  marks: Schema.Record(InstrumentId, Price),
  /** Cash and positions as this venue keeps them, from what it executed itself. */
  account: VenueAccount
})
export type Progress = typeof Progress.Type

/** The venue inside a transaction. */
export interface OpenVenue {
  /** Grows with every save. */
  readonly version: number
  readonly core: MatchingCore
  readonly progress: Progress
}

export class PaperMarket extends Context.Service<
  PaperMarket,
  {
    /** The venue as stored, to be looked at and not worked on; to be had outside a transaction. */
    readonly look: Effect.Effect<OpenVenue, StorageError>
    /** How far the venue has come; to be had outside a transaction. */
    readonly progress: Effect.Effect<Progress, StorageError>
    /** The venue as stored; call inside a transaction, and `adopt` after its commit. */
    readonly open: Effect.Effect<OpenVenue, StorageError>
    /** Saves in the transaction at hand; gives the record's last position. */
    readonly save: (
      venue: OpenVenue,
      events: ReadonlyArray<VenueEvent>
    ) => Effect.Effect<number, StorageError>
    /** Keeps a saved venue in memory, its transaction having committed. */
    readonly adopt: (venue: OpenVenue) => void
  }
>()("plimsoll/execution/paper/PaperMarket") {}
