/** What the audit log keeps in the desk's database: its head, and the lines on their way to the files. */
import { Context, type Effect } from "effect"
import type { StorageError } from "../domain/StorageError.ts"

/** Where the log stands, every staged entry included. */
export interface AuditHead {
  /** Number of entries, which is the last sequence. */
  readonly count: number
  /** Hash of the last entry; 64 zeros before the first. */
  readonly hash: string
  /** Segment of the last entry, "YYYY-MM-DD"; empty before the first. */
  readonly segment: string
  /** Byte position in that segment where the next line goes. */
  readonly position: number
}

/** A line on its way to its place in a segment. */
export interface OutboxRow {
  readonly sequence: number
  readonly segment: string
  /** Byte position in the segment. */
  readonly position: number
  /** Without its newline. */
  readonly line: string
}

export interface AuditSegment {
  readonly segment: string
  readonly firstSequence: number
}

/** The desk's side of the log at one moment. */
export interface AuditSnapshot {
  readonly head: AuditHead
  /** Oldest first. */
  readonly segments: ReadonlyArray<AuditSegment>
  /** Ascending. */
  readonly outbox: ReadonlyArray<OutboxRow>
}

export class AuditStore extends Context.Service<
  AuditStore,
  {
    readonly head: Effect.Effect<AuditHead, StorageError>
    /**
     * Adds rows to the outbox, the segments that begin with one of them, and
     * moves the head. Must be called inside a transaction, in which `head` was
     * read: calling it outside is a defect.
     */
    readonly append: (rows: ReadonlyArray<OutboxRow>, head: AuditHead) => Effect.Effect<void, StorageError>
    /** Committed rows after `sequence`, ascending. Calling it inside a transaction is a defect. */
    readonly outbox: (after: number) => Effect.Effect<ReadonlyArray<OutboxRow>, StorageError>
    /**
     * Takes rows up to `sequence` out, because the caller itself has seen them
     * on disk. It need not be durable: rows that come back after a crash are
     * written again to the same place. A defect inside a transaction.
     */
    readonly discard: (through: number) => Effect.Effect<void, StorageError>
    readonly snapshot: Effect.Effect<AuditSnapshot, StorageError>
  }
>()("plimsoll/audit/AuditStore") {}
