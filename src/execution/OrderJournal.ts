/**
 * The store behind the broker: the journal, and what is derived from it for
 * looking things up. Implemented in `storage/`; every call joins the
 * transaction it is made in.
 */
import { Context, type Effect, type Option, Schema } from "effect"
import { Actor } from "../domain/Actor.ts"
import { AccountId, type ClientOrderId, type InstrumentId, type TradeId } from "../domain/Identifiers.ts"
import { type AccountEvent, type FillEvent, JournalEvent } from "../domain/JournalEvent.ts"
import { Order } from "../domain/Order.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { Timestamp } from "../domain/Timestamp.ts"

/** One line of the journal. `tsWall` and `tsSteady` are the machine's times and no part of the journal hash. */
export const JournalEntry = Schema.Struct({
  sequence: Schema.Int,
  /** UTC microseconds of the computer's clock. */
  tsWall: Schema.Int,
  /** Steady time, micros: what durations are measured with. Lines of before there was a steady clock have none. */
  tsSteady: Schema.optionalKey(Schema.Int),
  accountId: AccountId,
  actor: Actor,
  event: JournalEvent
})
export type JournalEntry = typeof JournalEntry.Type

/** Steady time of a line; that of an old one is the computer's, with which steady time began. */
export const steadyTimeOf = ({ tsSteady, tsWall }: JournalEntry): number => tsSteady ?? tsWall

/** An order as it stands, with what identifies its content. */
export const OrderRecord = Schema.Struct({
  order: Order,
  /** Hash of its content: the same ClientOrderId must always carry the same. */
  contentKey: Schema.String,
  accountId: AccountId
})
export type OrderRecord = typeof OrderRecord.Type

/** A journal line that is a fill: a trade, or the end of an option. */
export interface FillRecord {
  readonly sequence: number
  readonly fill: FillEvent
}

/** A place in a list of orders, newest first: all that come after it. */
export interface OlderThan {
  readonly tsInit: Timestamp
  readonly clientOrderId: ClientOrderId
}

/** As lists of orders are. */
export const newestFirst = (a: OlderThan, b: OlderThan): number =>
  b.tsInit - a.tsInit ||
  (a.clientOrderId === b.clientOrderId ? 0 : a.clientOrderId < b.clientOrderId ? 1 : -1)

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
    /** The newest line of this kind. */
    readonly latest: (tag: AccountEvent["_tag"]) => Effect.Effect<Option.Option<JournalEntry>, StorageError>
    /** Writes orders as they now stand. */
    readonly putOrders: (orders: ReadonlyArray<OrderRecord>) => Effect.Effect<void, StorageError>
    readonly order: (id: ClientOrderId) => Effect.Effect<Option.Option<OrderRecord>, StorageError>
    /**
     * Newest first; only those older than `before`, where it is given, and those of an instrument, orders with a leg
     * in it and those for options of these roots included.
     */
    readonly orders: (options: {
      readonly accountId: AccountId
      readonly instrumentId?: InstrumentId
      readonly optionRoots?: ReadonlyArray<string>
      readonly before?: OlderThan
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
    /** Newest first; only those of lines before `before`, where it is given. */
    readonly latestFills: (options: {
      readonly accountId: AccountId
      readonly before?: number
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
