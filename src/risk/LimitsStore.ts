/** Where the desk keeps the limits a person accepted. Implemented in `storage/`. */
import { Context, type Effect, type Option, Schema } from "effect"
import { Actor } from "../domain/Actor.ts"
import type { StorageError } from "../domain/StorageError.ts"
import { Timestamp } from "../domain/Timestamp.ts"
import { RiskLimits } from "./RiskLimits.ts"

/** Limits as a person accepted them. */
export const SealedRecord = Schema.Struct({
  profile: Schema.NonEmptyString,
  limits: RiskLimits,
  /** `hashLimits(limits)` when they were accepted: a record that no longer matches it is not believed. */
  hash: Schema.String,
  acceptedBy: Actor,
  tsEvent: Timestamp
})
export type SealedRecord = typeof SealedRecord.Type

/** Keeps the last sealed record. Each call joins the transaction it is made in. */
export class LimitsStore extends Context.Service<
  LimitsStore,
  {
    readonly load: Effect.Effect<Option.Option<SealedRecord>, StorageError>
    readonly seal: (record: SealedRecord) => Effect.Effect<void, StorageError>
  }
>()("plimsoll/risk/LimitsStore") {}
