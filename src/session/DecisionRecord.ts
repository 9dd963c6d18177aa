/**
 * A decision, kept before anything of it is sent.
 *
 * A run that is killed while it sends goes on from here: by then the first of
 * the orders may have filled, and a strategy asked anew would see another
 * account and want something else.
 */
import { type Effect, type Option, Schema } from "effect"
import { ClientOrderId } from "../domain/Identifiers.ts"
import { OrderContent } from "../domain/Order.ts"
import type { StorageError } from "../domain/StorageError.ts"
import { Timestamp } from "../domain/Timestamp.ts"

export const DecisionRecord = Schema.Struct({
  /** The decision point. */
  ts: Timestamp,
  /** The journal's last line then: the strategy has been told of the fills up to it. */
  sequence: Schema.Int,
  cancels: Schema.Array(ClientOrderId),
  orders: Schema.Array(Schema.Struct({ content: OrderContent, reason: Schema.String }))
})
export type DecisionRecord = typeof DecisionRecord.Type

/** The last decision of a book, for as long as it is not followed by another. */
export interface DecisionKeeping {
  readonly last: Effect.Effect<Option.Option<DecisionRecord>, StorageError>
  readonly keep: (record: DecisionRecord) => Effect.Effect<void, StorageError>
}
