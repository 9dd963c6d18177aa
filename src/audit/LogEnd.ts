/**
 * Whether the log ends where the desk says that it ends, at the cost of one
 * directory and one line however long the log is.
 *
 * The desk's database and the log's files are on disk for different reasons at
 * different moments. A database that has forgotten its end, a file that was
 * cut or deleted: their ends tell. What was changed before the end is found by
 * reading all of it (`AuditLog.verify`).
 */
import { Effect, FileSystem, Option, type PlatformError, Result } from "effect"
import type { StorageError } from "../domain/StorageError.ts"
import type { AuditEntry } from "./AuditEntry.ts"
import { AuditDisagrees, AuditUnreadable } from "./AuditErrors.ts"
import type { AuditSnapshot, AuditStore, OutboxRow } from "./AuditStore.ts"
import { MAX_LINE_BYTES, readLine } from "./HashChain.ts"
import { segmentFileName } from "./SegmentFile.ts"
import type { SegmentReader } from "./SegmentReader.ts"

/** Others may write between two looks; so often it is looked again. */
const MAX_LOOKS = 10

const newline = 10

const disagrees = (
  kind: AuditDisagrees["kind"],
  segment: string,
  entries: number,
  message: string
): AuditDisagrees => new AuditDisagrees({ kind, segment, entries, message })

const lines = (count: number): string => (count === 1 ? "1 entry" : `${count} entries`)

const rowsOf = ({ outbox }: AuditSnapshot, segment: string): ReadonlyArray<OutboxRow> =>
  outbox.filter((row) => row.segment === segment)

/** The first segment whose file has to be there and is not. */
const missingSegment = (
  snapshot: AuditSnapshot,
  names: ReadonlyArray<string>
): AuditDisagrees | undefined => {
  const { head, segments } = snapshot
  for (const [index, { firstSequence, segment }] of segments.entries()) {
    // One that was never flushed stands in the outbox whole.
    const isWritten = (rowsOf(snapshot, segment)[0]?.sequence ?? Number.MAX_SAFE_INTEGER) > firstSequence
    if (!isWritten || names.includes(segment)) continue
    const next = segments[index + 1]?.firstSequence ?? head.count + 1
    return disagrees(
      "missing-segment",
      segment,
      next - firstSequence,
      `the audit log's file ${segmentFileName(segment)} is missing, with ${lines(next - firstSequence)}`
    )
  }
  return undefined
}

/** The last entry, or why the log does not end where `snapshot` says; `isAhead` when it only goes further. */
const lookAt = Effect.fnUntraced(function* (
  files: FileSystem.FileSystem,
  folder: string,
  names: ReadonlyArray<string>,
  snapshot: AuditSnapshot
) {
  const { head, outbox, segments } = snapshot
  const missing = missingSegment(snapshot, names)
  if (missing !== undefined) return Result.fail(missing)
  const read = (segment: string) => files.readFile(`${folder}/${segmentFileName(segment)}`)
  const strangers = names.filter((name) => !segments.some(({ segment }) => segment === name))
  let beyond = 0
  for (const stranger of strangers) beyond += countLines(yield* read(stranger))
  let last: string | undefined = outbox.at(-1)?.line
  if (head.count > 0) {
    const rows = rowsOf(snapshot, head.segment)
    const written = rows[0]?.position ?? head.position
    const file = yield* Effect.option(files.open(`${folder}/${segmentFileName(head.segment)}`, { flag: "r" }))
    const size = Option.isNone(file) ? 0 : Number((yield* file.value.stat).size)
    if (size < written) {
      return Result.fail(
        disagrees(
          "behind",
          head.segment,
          0,
          `the audit log's file ${segmentFileName(head.segment)} ends at byte ${size}, and the desk wrote ${written} bytes there`
        )
      )
    }
    if (Option.isSome(file)) {
      if (size > head.position) beyond += countLines(yield* bytesOf(file.value, head.position, size))
      if (rows.length === 0) {
        const from = Math.max(0, head.position - MAX_LINE_BYTES)
        const bytes = yield* bytesOf(file.value, from, head.position)
        last = Buffer.from(bytes.subarray(bytes.lastIndexOf(newline, -2) + 1, -1)).toString()
      }
    }
  }
  if (beyond > 0) {
    return Result.fail(
      disagrees(
        "ahead",
        head.segment,
        beyond,
        `the audit log holds ${lines(beyond)} after entry ${head.count}, which is the last that the desk's database knows of: the database has lost its end`
      )
    )
  }
  return lastEntry(last, snapshot)
}, Effect.scoped)

/** Lines that were begun. */
const countLines = (bytes: Uint8Array): number => {
  let count = 0
  for (const byte of bytes) if (byte === newline) count++
  return bytes.length > 0 && bytes.at(-1) !== newline ? count + 1 : count
}

const bytesOf = Effect.fnUntraced(function* (file: FileSystem.File, from: number, until: number) {
  const pieces: Array<Uint8Array> = []
  for (let at = from; at < until;) {
    const piece = yield* file.readAlloc(until - at, { position: BigInt(at) })
    if (Option.isNone(piece)) break
    pieces.push(piece.value)
    at += piece.value.length
  }
  return Buffer.concat(pieces)
})

const lastEntry = (
  line: string | undefined,
  { head }: AuditSnapshot
): Result.Result<Option.Option<AuditEntry>, AuditDisagrees> => {
  if (head.count === 0) return Result.succeed(Option.none())
  const entry = readLine(line ?? "")
  return Result.isSuccess(entry) && entry.success.hash === head.hash && entry.success.sequence === head.count
    ? Result.succeed(Option.some(entry.success))
    : Result.fail(
        disagrees(
          "changed",
          head.segment,
          1,
          `the audit log does not end with entry ${head.count} as the desk wrote it`
        )
      )
}

/** Compares the ends; see `AuditLog.compareEnds`. */
export const makeCompareEnds = (
  store: AuditStore["Service"],
  reader: SegmentReader,
  folder: string
): Effect.Effect<
  Effect.Effect<Option.Option<AuditEntry>, StorageError | AuditUnreadable | AuditDisagrees>,
  never,
  FileSystem.FileSystem
> =>
  Effect.map(FileSystem.FileSystem, (files) =>
    Effect.gen(function* () {
      for (let looks = 1; ; looks++) {
        const snapshot = yield* store.snapshot
        const names = yield* reader.segments
        const found = yield* lookAt(files, folder, names, snapshot).pipe(
          Effect.mapError(
            (error: PlatformError.PlatformError) =>
              new AuditUnreadable({
                segment: snapshot.head.segment,
                message: `cannot read the audit log in ${folder}: ${error.message}`,
                cause: error
              })
          )
        )
        if (Result.isSuccess(found)) return found.success
        // Somebody wrote between the look at the desk and the look at the files.
        const { count } = yield* store.head
        if (count === snapshot.head.count || looks >= MAX_LOOKS) return yield* found.failure
      }
    }).pipe(Effect.withSpan("AuditLog.compareEnds"))
  )
