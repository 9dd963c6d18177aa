/** Failures of whatever keeps the desk's state, shared by every store. */
import { Schema } from "effect"

/** The database was locked by another process for the whole bounded wait: nothing was written, try again. */
export class StorageBusy extends Schema.TaggedError<StorageBusy>()("StorageBusy", {
  operation: Schema.String,
  message: Schema.String
}) {}

/** The database could not be read or written: nothing of this operation was kept. */
export class StorageFailed extends Schema.TaggedError<StorageFailed>()("StorageFailed", {
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

export type StorageError = StorageBusy | StorageFailed | StorageCorrupt
