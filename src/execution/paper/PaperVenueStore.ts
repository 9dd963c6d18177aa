/** What the paper venue keeps between processes: its state and its numbered record. Implemented in `storage/`. */
import { Context, type Effect, type Option } from "effect"
import type { ClientOrderId } from "../../domain/Identifiers.ts"
import type { VenueEvent } from "../../domain/JournalEvent.ts"
import type { StorageError } from "../../domain/StorageError.ts"
import type { VenueRecord } from "../Venue.ts"

/** `version` grows with every save: a state read before another process saved is told by it. */
export interface StoredVenue {
  readonly version: number
  readonly body: string
}

export class PaperVenueStore extends Context.Service<
  PaperVenueStore,
  {
    readonly version: Effect.Effect<number, StorageError>
    readonly load: Effect.Effect<Option.Option<StoredVenue>, StorageError>
    /** Writes the state under `version` and appends to the record, both or neither; gives the record's last position. */
    readonly save: (
      stored: StoredVenue,
      events: ReadonlyArray<VenueEvent>
    ) => Effect.Effect<number, StorageError>
    readonly record: (options: {
      readonly after: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<VenueRecord>, StorageError>
    /** Of the record's last line; 0 before the first. */
    readonly position: Effect.Effect<number, StorageError>
    /** Whether the record says that this order was taken or refused; that there was nothing to cancel does not say it. */
    readonly knows: (id: ClientOrderId) => Effect.Effect<boolean, StorageError>
  }
>()("plimsoll/execution/paper/PaperVenueStore") {}
