/** One entry of the audit log: who did what to what, when, with what outcome, and the whole event. */
import { Schema } from "effect"
import { Actor } from "../domain/Actor.ts"
import type { Timestamp } from "../domain/Timestamp.ts"

/** What was done, "order.denied", "trading-state.changed", "limits.accepted". */
export const AuditAction = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/u))
)

/** denied: our own rules refused. rejected: the venue did. unknown: no answer came. failed: it could not be done. */
export const AuditOutcome = Schema.Literals(["done", "denied", "rejected", "unknown", "failed"])
export type AuditOutcome = typeof AuditOutcome.Type

/** ISO 8601 in UTC with microseconds. */
const IsoTime = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/u))
)

/** SHA-256, 64 lower-case hexadecimal digits. */
const Hash = Schema.String.pipe(Schema.check(Schema.isPattern(/^[0-9a-f]{64}$/u)))

const Sequence = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

/** An entry as it stands in the log. */
export const AuditEntry = Schema.Struct({
  /** From 1, without gaps over the whole log. */
  sequence: Sequence,
  /** The computer's time when it was staged. */
  time: IsoTime,
  marketTime: IsoTime,
  actor: Actor,
  action: AuditAction,
  /** What it was done to: an order's id, an account's. */
  resource: Schema.NonEmptyString,
  outcome: AuditOutcome,
  /** The whole event, enough to rebuild the journal from. */
  details: Schema.Json,
  /** `hash` of the entry before; 64 zeros for the first. */
  previousHash: Hash,
  /** SHA-256 of the canonical JSON (RFC 8785) of all the other fields. */
  hash: Hash
})
export type AuditEntry = typeof AuditEntry.Type

/** What a caller gives: the log adds number, time and hashes. */
export interface AuditRecord {
  /** UTC microseconds of the market's clock. */
  readonly marketTime: Timestamp
  readonly actor: Actor
  readonly action: string
  readonly resource: string
  readonly outcome: AuditOutcome
  /** Any JSON value; keys that are undefined are left out. */
  readonly details: unknown
}
