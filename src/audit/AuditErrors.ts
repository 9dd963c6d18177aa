/** What the audit log fails with. */
import { Schema } from "effect"

/** The log cannot be made durable (disk full, no permission, foreign bytes in its place): nothing it announces may happen. */
export class AuditWriteFailed extends Schema.TaggedError<AuditWriteFailed>()("AuditWriteFailed", {
  segment: Schema.String,
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}

/** A segment exists and cannot be read. */
export class AuditUnreadable extends Schema.TaggedError<AuditUnreadable>()("AuditUnreadable", {
  segment: Schema.String,
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}

export const BreakKind = Schema.Literals([
  /** The entry is not what was written. */
  "changed",
  /** Entries are missing where others follow. */
  "removed",
  /** Entries stand in another order or segment than they were written. */
  "reordered",
  /** The end of a segment is missing. */
  "cut",
  /** A line stands where none was written. */
  "inserted",
  /** A line that is no entry. */
  "garbage",
  /** An entry with a field that entries do not have. */
  "unknown-field",
  /** A segment's file is gone. */
  "missing-segment"
])
export type BreakKind = typeof BreakKind.Type

/** The log is not what was written; names the first bad entry. */
export class AuditBroken extends Schema.TaggedError<AuditBroken>()("AuditBroken", {
  /** "YYYY-MM-DD", the name of the segment's file without its ending. */
  segment: Schema.String,
  /** From 1; one past the last line when something is missing at the end. */
  line: Schema.Int,
  /** Number of the first bad entry. */
  sequence: Schema.Int,
  kind: BreakKind,
  message: Schema.String
}) {}

/** The log does not end where the desk's database says that it ends. */
export class AuditDisagrees extends Schema.TaggedError<AuditDisagrees>()("AuditDisagrees", {
  kind: Schema.Literals([
    /** The files hold entries that the database does not know of. */
    "ahead",
    /** The last file is shorter than what the desk wrote there. */
    "behind",
    "missing-segment",
    /** The last entry is another one. */
    "changed"
  ]),
  segment: Schema.String,
  /** How many entries are too many, or missing; 0 where that cannot be told. */
  entries: Schema.Int,
  message: Schema.String
}) {}
