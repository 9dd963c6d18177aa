/**
 * The port to whatever executes orders. Not for programs: they see `Broker`,
 * which alone may hold a venue (the linter keeps it so).
 *
 * A venue is asked by ClientOrderId, answers late, twice or not at all, and
 * keeps a numbered record of what happened; the broker reads that record from
 * where it stopped, so nothing is applied twice and nothing is missed.
 */
import { Context, type Effect, Schema } from "effect"
import { ClientOrderId } from "../domain/Identifiers.ts"
import type { VenueEvent } from "../domain/JournalEvent.ts"
import type { OrderSize, OrderType } from "../domain/Order.ts"
import type { VenueAccount } from "./VenueAccount.ts"
import type { VenueOrder } from "./VenueOrder.ts"

/** No answer came in time: the request may have been executed or not. Neither denied nor rejected. */
export class VenueUnanswered extends Schema.TaggedError<VenueUnanswered>()("VenueUnanswered", {
  venue: Schema.String,
  operation: Schema.String,
  message: Schema.String
}) {}

/** What became of one order of a send. `NotSent`: it never left. `Unanswered`: it may be working. */
export const SendOutcome = Schema.TaggedUnion({
  Answered: { clientOrderId: ClientOrderId },
  NotSent: { clientOrderId: ClientOrderId },
  Unanswered: { clientOrderId: ClientOrderId, reason: Schema.String }
})
export type SendOutcome = typeof SendOutcome.Type

/**
 * Whether what was journaled may still go out. A venue asks it at the last
 * moment, when nothing can hold the request up any more: on paper within the
 * transaction that executes it, over a line as the request is written to it.
 */
export type Leave = Effect.Effect<boolean>

/** One numbered line of the venue's record. */
export interface VenueRecord {
  readonly position: number
  readonly event: VenueEvent
}

/** What the venue holds for us, as of a place in its record. */
export interface VenueStatement {
  /** Everything up to this line of the record is in it, and nothing after. */
  readonly asOf: number
  readonly account: VenueAccount
}

export class Venue extends Context.Service<
  Venue,
  {
    readonly name: string
    /** Sends each order; sending a ClientOrderId again does nothing and counts as answered. */
    readonly send: (
      orders: ReadonlyArray<VenueOrder>,
      leave: Leave
    ) => Effect.Effect<ReadonlyArray<SendOutcome>>
    readonly cancel: (ids: ReadonlyArray<ClientOrderId>) => Effect.Effect<void, VenueUnanswered>
    /** False: it had no leave any more, and nothing was sent. */
    readonly replace: (
      id: ClientOrderId,
      change: { readonly type: OrderType; readonly size: OrderSize },
      leave: Leave
    ) => Effect.Effect<boolean, VenueUnanswered>
    /** What happened after `position`, oldest first, at most `limit` lines. */
    readonly record: (options: {
      readonly after: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<VenueRecord>, VenueUnanswered>
    /** Whether the venue has ever seen this order. */
    readonly knows: (id: ClientOrderId) => Effect.Effect<boolean, VenueUnanswered>
    /** Asked afresh: the orders that could still fill. */
    readonly working: Effect.Effect<ReadonlyArray<ClientOrderId>, VenueUnanswered>
    /** Cash and positions as the venue keeps them. */
    readonly statement: Effect.Effect<VenueStatement, VenueUnanswered>
  }
>()("plimsoll/execution/Venue") {}
