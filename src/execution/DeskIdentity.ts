/** Whose desk a database is: so that two projects do not trade one account without knowing. */
import { Context, type Effect, type Option, Schema } from "effect"
import type { StorageError } from "../domain/StorageError.ts"

export const DeskIdentity = Schema.Struct({
  /** Made once, kept for the desk's life. */
  deskId: Schema.NonEmptyString,
  /** The project's folder, relative to the desk's own, so that both may move together. */
  project: Schema.String,
  /** UTC microseconds of the computer's clock. */
  created: Schema.Int
})
export type DeskIdentity = typeof DeskIdentity.Type

/** Each call joins the transaction it is made in. */
export class DeskIdentityStore extends Context.Service<
  DeskIdentityStore,
  {
    readonly load: Effect.Effect<Option.Option<DeskIdentity>, StorageError>
    readonly save: (identity: DeskIdentity) => Effect.Effect<void, StorageError>
  }
>()("plimsoll/execution/DeskIdentity/DeskIdentityStore") {}
