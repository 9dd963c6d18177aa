/**
 * The log's format: one entry a line, canonical JSON, each holding the hash of
 * the one before. Pure; a fuller format can take its place.
 */
import { hash as digest } from "node:crypto"
import canonicalize from "canonicalize"
import { Result, Schema } from "effect"
import { type Timestamp, toIso } from "../domain/Timestamp.ts"
import { AuditEntry, type AuditRecord } from "./AuditEntry.ts"
import type { BreakKind } from "./AuditErrors.ts"

/** Where a chain stands: how many entries, and the hash of the last. */
export interface ChainPoint {
  readonly count: number
  readonly hash: string
}

/** Before the first entry. */
export const genesis: ChainPoint = { count: 0, hash: "0".repeat(64) }

/** Longest line, in bytes, newline included. */
export const MAX_LINE_BYTES = 1_048_576

/** An entry's line (without its newline) and the chain after it. */
export interface Link {
  readonly line: string
  readonly point: ChainPoint
}

type Unhashed = Omit<AuditEntry, "hash" | "details">

/**
 * The canonical line in two parts, around the place of the `hash` key: RFC 8785
 * sorts keys, and "hash" comes after "details" and before "marketTime". So one
 * serialisation gives both the text that is hashed and the line. `details` is
 * canonical already.
 */
const parts = ({ action, actor, ...after }: Unhashed, details: string): readonly [string, string] => {
  const before = canonicalize({ action, actor }) ?? ""
  const rest = canonicalize(after) ?? ""
  return [`${before.slice(0, -1)},"details":${details}`, rest.slice(1)]
}

const hashOf = ([before, after]: readonly [string, string]): string =>
  digest("sha256", `${before},${after}`, "hex")

const lineOf = ([before, after]: readonly [string, string], hash: string): string =>
  `${before},"hash":"${hash}",${after}`

const decodeEntry = Schema.decodeUnknownResult(AuditEntry)
const { details: _details, hash: _hash, ...unhashedFields } = AuditEntry.fields
const decodeUnhashed = Schema.decodeUnknownResult(Schema.Struct(unhashedFields))

/**
 * Adds `record` to the chain that stands at `previous`, with `time` (UTC
 * microseconds) as its time. Fails with the reason when the log cannot hold
 * it: details that are not JSON (NaN, half a surrogate pair, a cycle), a field
 * out of its form, a line that is too long.
 */
export const link = (
  record: AuditRecord,
  time: Timestamp,
  previous: ChainPoint
): Result.Result<Link, string> => {
  const invalid = (message: string) =>
    Result.fail(`the audit log cannot hold "${record.action}" of "${record.resource}": ${message}`)
  const sequence = previous.count + 1
  try {
    const details = canonicalize(record.details)
    if (details === undefined) return invalid("its details are not a JSON value")
    const decoded = decodeUnhashed({
      action: record.action,
      actor: record.actor,
      marketTime: toIso(record.marketTime),
      outcome: record.outcome,
      previousHash: previous.hash,
      resource: record.resource,
      sequence,
      time: toIso(time)
    })
    if (Result.isFailure(decoded)) return invalid(decoded.failure.message)
    const text = parts(decoded.success, details)
    const hash = hashOf(text)
    const line = lineOf(text, hash)
    if (Buffer.byteLength(line) >= MAX_LINE_BYTES)
      return invalid(`its line is longer than ${MAX_LINE_BYTES} bytes`)
    return Result.succeed({ line, point: { count: sequence, hash } })
  } catch (cause) {
    // canonicalize throws on what JSON cannot hold: NaN, a lone surrogate, a cycle.
    return invalid(cause instanceof Error ? cause.message : String(cause))
  }
}

/** Why a line, looked at alone, is no entry as it was written. */
export interface LineFault {
  readonly kind: Extract<BreakKind, "garbage" | "unknown-field" | "changed">
  readonly message: string
}

/** Characters of a problem that are told. */
const MAX_PROBLEM = 300

const fault = (kind: LineFault["kind"], message: string) => Result.fail<LineFault>({ kind, message })

/** Reads one line and checks it against its own hash. Whether it follows the line before is the caller's to compare. */
export const readLine = (line: string): Result.Result<AuditEntry, LineFault> => {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return fault("garbage", "the line is not JSON")
  }
  const decoded = decodeEntry(json, { onExcessProperty: "error" })
  if (Result.isFailure(decoded)) {
    const problem = decoded.failure.message.slice(0, MAX_PROBLEM).replaceAll(/\s*\n\s*/gu, " ")
    return Result.isSuccess(decodeEntry(json))
      ? fault("unknown-field", `the entry has a field that entries do not have: ${problem}`)
      : fault("garbage", `the line is not an entry: ${problem}`)
  }
  const entry = decoded.success
  try {
    const { details, hash, ...unhashed } = entry
    const text = parts(unhashed, canonicalize(details) ?? "null")
    if (hashOf(text) !== hash) return fault("changed", "the entry does not match its own hash")
    if (lineOf(text, hash) !== line)
      return fault("changed", "the line is not the canonical text of its entry")
  } catch {
    return fault("changed", "the entry holds text that the log does not write")
  }
  return Result.succeed(entry)
}
