/**
 * The store behind the broker: the journal, and what is derived from it for
 * looking things up. Implemented in `storage/`; every call joins the
 * transaction it is made in.
 */
import { Context, type Effect, type Option, Schema } from "effect"
import { Actor } from "../domain/Actor.ts"
import { AccountId, type ClientOrderId, type InstrumentId, type TradeId } from "../domain/Identifiers.ts"
import { JournalEvent, type OrderFilled } from "../domain/JournalEvent.ts"
import { Order, type OrderStatus } from "../domain/Order.ts"
import type { StorageError } from "../domain/StorageError.ts"

/** One line of the journal. `tsWall` is the computer's time and no part of the journal hash. */
export const JournalEntry = Schema.Struct({
  sequence: Schema.Int,
  /** UTC microseconds of the computer's clock. */
  tsWall: Schema.Int,
  accountId: AccountId,
  actor: Actor,
  event: JournalEvent
})
export type JournalEntry = typeof JournalEntry.Type

/** An order as it stands, with what identifies its content. */
export const OrderRecord = Schema.Struct({
  order: Order,
  /** Hash of its content: the same ClientOrderId must always carry the same. */
  contentKey: Schema.String,
  accountId: AccountId
})
export type OrderRecord = typeof OrderRecord.Type

export interface FillRecord {
  readonly sequence: number
  readonly fill: OrderFilled
}

export class OrderJournal extends Context.Service<
  OrderJournal,
  {
    /** The last sequence written; 0 for an empty journal. */
    readonly head: Effect.Effect<number, StorageError>
    /** Appends lines whose sequences follow the head; a gap or a repeat fails. */
    readonly append: (entries: ReadonlyArray<JournalEntry>) => Effect.Effect<void, StorageError>
    /** Lines after `sequence`, oldest first, at most `limit`. */
    readonly read: (options: {
      readonly after: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<JournalEntry>, StorageError>
    /** The newest line of this kind; looks back from the head, so ask for what is known to be there. */
    readonly latest: (tag: JournalEvent["_tag"]) => Effect.Effect<Option.Option<JournalEntry>, StorageError>
    /** Writes orders as they now stand. */
    readonly putOrders: (orders: ReadonlyArray<OrderRecord>) => Effect.Effect<void, StorageError>
    readonly order: (id: ClientOrderId) => Effect.Effect<Option.Option<OrderRecord>, StorageError>
    /** Newest first. */
    readonly orders: (options: {
      readonly accountId: AccountId
      readonly status?: ReadonlyArray<OrderStatus>
      readonly instrumentId?: InstrumentId
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<OrderRecord>, StorageError>
    /** Every line about one order, oldest first. */
    readonly history: (id: ClientOrderId) => Effect.Effect<ReadonlyArray<JournalEntry>, StorageError>
    /** Which of these trades of the account have been journaled. */
    readonly tradesKnown: (
      accountId: AccountId,
      ids: ReadonlyArray<TradeId>
    ) => Effect.Effect<ReadonlySet<TradeId>, StorageError>
    /** Oldest first. */
    readonly fills: (options: {
      readonly accountId: AccountId
      readonly after: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<FillRecord>, StorageError>
    /** The book as of a sequence, so that opening a desk need not read the whole journal. */
    readonly checkpoint: Effect.Effect<
      Option.Option<{ readonly sequence: number; readonly body: string }>,
      StorageError
    >
    readonly saveCheckpoint: (sequence: number, body: string) => Effect.Effect<void, StorageError>
    /** How far the venue's record has been journaled. */
    readonly venuePosition: Effect.Effect<number, StorageError>
    readonly setVenuePosition: (position: number) => Effect.Effect<void, StorageError>
  }
>()("plimsoll/execution/OrderJournal") {}
