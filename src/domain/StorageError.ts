/** Failures of whatever keeps the desk's state, shared by every store. */
import { Schema } from "effect"

/** Other processes were in the way for the whole bounded wait: nothing was written, try again. */
export class StorageBusy extends Schema.TaggedError<StorageBusy>()("StorageBusy", {
  operation: Schema.String,
  /** The database gave this transaction up in favour of another (a conflict, a deadlock): run again it may pass at once. */
  conflict: Schema.optionalKey(Schema.Boolean),
  message: Schema.String
}) {}

/** The database could not be read or written: nothing of this operation was kept. */
export class StorageFailed extends Schema.TaggedError<StorageFailed>()("StorageFailed", {
  operation: Schema.String,
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}

/**
 * The connection to the database was lost while it was told to keep something:
 * nobody knows whether it did. Look before doing it another way; asking the
 * same again is safe, because what is kept has names that are kept once only.
 */
export class StorageUnknown extends Schema.TaggedError<StorageUnknown>()("StorageUnknown", {
  operation: Schema.String,
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}

/** A stored row did not decode: the desk refuses to work on it. */
export class StorageCorrupt extends Schema.TaggedError<StorageCorrupt>()("StorageCorrupt", {
  table: Schema.String,
  key: Schema.String,
  message: Schema.String
}) {}

export type StorageError = StorageBusy | StorageFailed | StorageUnknown | StorageCorrupt
