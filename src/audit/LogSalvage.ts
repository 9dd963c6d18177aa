/**
 * Reading a log without a desk to say what it should be: from its first entry
 * on, as far as each line follows the one before.
 */
import { Effect, type FileSystem, Result, Stream } from "effect"
import type { AuditEntry } from "./AuditEntry.ts"
import type { AuditUnreadable } from "./AuditErrors.ts"
import type { AuditHead, OutboxRow } from "./AuditStore.ts"
import { genesis, readLine } from "./HashChain.ts"
import { makeSegmentReader } from "./SegmentReader.ts"

/** An entry and its line's place. */
export interface SalvagedEntry {
  readonly entry: AuditEntry
  readonly row: OutboxRow
}

/** Where the reading ended. */
export interface LogEnd {
  /** The last good entry, and the place after it. */
  readonly head: AuditHead
  /** Why the line after it is not the next entry; absent at the end of the log. */
  readonly stopped?: {
    readonly segment: string
    readonly line: number
    readonly text: string
    readonly complete: boolean
    readonly message: string
  }
  /** Lines from there on, which were not used. */
  readonly unused: number
}

/**
 * Gives the entries to `use`, some hundreds at a time, and then where it ended.
 * After the first line that does not follow nothing is used: what stands there
 * proves nothing any more.
 */
export const salvageLog = <E, R>(
  folder: string,
  use: (entries: ReadonlyArray<SalvagedEntry>) => Effect.Effect<void, E, R>
): Effect.Effect<LogEnd, E | AuditUnreadable, R | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const reader = yield* makeSegmentReader(folder)
    let head: AuditHead = { ...genesis, segment: "", position: 0 }
    let stopped: LogEnd["stopped"]
    let unused = 0
    for (const segment of yield* reader.segments) {
      let position = 0
      yield* reader
        .lines({ segment, outbox: [] }, () => {})
        .pipe(
          Stream.runForEach((lines) => {
            const found: Array<SalvagedEntry> = []
            for (const { complete, number, text } of lines) {
              if (stopped !== undefined) {
                unused++
                continue
              }
              const read = readLine(text)
              const follows =
                Result.isSuccess(read) &&
                read.success.sequence === head.count + 1 &&
                read.success.previousHash === head.hash
              if (!complete || Result.isFailure(read) || !follows) {
                const message = !complete
                  ? "the line is cut"
                  : Result.isFailure(read)
                    ? read.failure.message
                    : `entry ${read.success.sequence} does not follow entry ${head.count}`
                stopped = { segment, line: number, text, complete, message }
                unused++
                continue
              }
              const { hash, sequence } = read.success
              found.push({ entry: read.success, row: { sequence, segment, position, line: text } })
              position += Buffer.byteLength(text) + 1
              head = { count: sequence, hash, segment, position }
            }
            return found.length === 0 ? Effect.void : use(found)
          })
        )
    }
    return { head, unused, ...(stopped === undefined ? {} : { stopped }) }
  })

/** The rows of an outbox that go on where `head` ends, each true to its hash, and the head after them. */
export const continuing = (
  head: AuditHead,
  outbox: ReadonlyArray<OutboxRow>
): { readonly entries: ReadonlyArray<SalvagedEntry>; readonly head: AuditHead } => {
  const entries: Array<SalvagedEntry> = []
  let end = head
  for (const row of outbox) {
    if (row.sequence <= end.count) continue
    const read = readLine(row.line)
    if (Result.isFailure(read)) break
    const { hash, previousHash, sequence } = read.success
    const isInPlace =
      row.segment === end.segment
        ? row.position === end.position
        : row.segment > end.segment && row.position === 0
    if (sequence !== end.count + 1 || previousHash !== end.hash || !isInPlace) break
    entries.push({ entry: read.success, row })
    end = {
      count: sequence,
      hash,
      segment: row.segment,
      position: row.position + Buffer.byteLength(row.line) + 1
    }
  }
  return { entries, head: end }
}
