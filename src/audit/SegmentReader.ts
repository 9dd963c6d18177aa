/** Reading segments line by line, with the lines that the desk still has to write put in their places. */
import { isUtf8 } from "node:buffer"
import { Effect, FileSystem, Option, type PlatformError, Schema, Stream } from "effect"
import { AuditUnreadable } from "./AuditErrors.ts"
import type { OutboxRow } from "./AuditStore.ts"
import { MAX_LINE_BYTES } from "./HashChain.ts"
import { isUnwritten, segmentFileName } from "./SegmentFile.ts"

export interface SegmentLine {
  readonly segment: string
  /** From 1. */
  readonly number: number
  readonly text: string
  /** False for a last line without its newline. */
  readonly complete: boolean
}

/** What is known of a segment beside its file. */
export interface SegmentSource {
  readonly segment: string
  /** The desk's rows that belong there, ascending. */
  readonly outbox: ReadonlyArray<OutboxRow>
}

const chunkBytes = 1_048_576
const newline = 10

/** Where the line that a chunk continues ends; its length when it does not end there. */
const endOfLine = (chunk: Uint8Array): number => {
  const end = chunk.indexOf(newline)
  return end === -1 ? chunk.length : end
}

/** The file's bytes from the first outbox row on, with each row that is not there, or only in part, put in. */
export const withOutbox = (
  found: Uint8Array,
  rows: ReadonlyArray<OutboxRow>
): { readonly bytes: Uint8Array; readonly unwritten: number } => {
  const first = rows[0]
  if (first === undefined) return { bytes: found, unwritten: 0 }
  const pieces: Array<Uint8Array> = []
  let unwritten = 0
  let end = 0
  for (const row of rows) {
    const expected = Buffer.from(`${row.line}\n`)
    const start = row.position - first.position
    const actual = found.subarray(start, start + expected.length)
    if (!isUnwritten(actual, expected)) break
    if (Buffer.compare(actual, expected) !== 0) unwritten++
    pieces.push(expected)
    end = start + expected.length
  }
  return { bytes: Buffer.concat([...pieces, found.subarray(end)]), unwritten }
}

/** Bytes that are not UTF-8 are read as Latin-1: replaced by U+FFFD, a change of them could pass unseen. */
const decodeText = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString(isUtf8(bytes) ? "utf8" : "latin1")

/**
 * Cuts bytes into lines, chunk by chunk. Of a line that is longer than the log
 * writes any, which is no entry whatever follows, only the beginning is kept.
 */
export const lineSplitter = (segment: string, from = firstLine) => {
  let carried: Uint8Array = new Uint8Array(0)
  let count = from.number - 1
  const beginning = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, MAX_LINE_BYTES + 1)
  const line = (bytes: Uint8Array, complete: boolean): SegmentLine => {
    count++
    return { segment, number: count, text: decodeText(bytes), complete }
  }
  return {
    push: (chunk: Uint8Array): ReadonlyArray<SegmentLine> => {
      // What is known to be too long needs no more bytes than where it ends.
      const rest = carried.length > MAX_LINE_BYTES ? chunk.subarray(endOfLine(chunk)) : chunk
      const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, rest])
      const lines: Array<SegmentLine> = []
      let start = 0
      for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
        lines.push(line(beginning(bytes.subarray(start, end)), true))
        start = end + 1
      }
      carried = beginning(bytes.subarray(start))
      return lines
    },
    end: (): ReadonlyArray<SegmentLine> => (carried.length === 0 ? [] : [line(carried, false)])
  }
}

const unreadable =
  (path: string, segment: string) => (error: PlatformError.PlatformError | AuditUnreadable) =>
    error._tag === "AuditUnreadable"
      ? error
      : new AuditUnreadable({
          segment,
          message: `cannot read the audit log ${path}: ${error.message}`,
          cause: error
        })

const isMissing = (error: PlatformError.PlatformError): boolean => error.reason._tag === "NotFound"

export interface SegmentReader {
  /** Names of the segments whose files are in the folder, oldest first; none when there is no folder. */
  readonly segments: Effect.Effect<ReadonlyArray<string>, AuditUnreadable>
  readonly exists: (segment: string) => Effect.Effect<boolean, AuditUnreadable>
  /**
   * The lines of a segment, in batches; none when its file is missing. `onUnwritten` hears of rows put in.
   * `from` is where to begin, the segment's first line unless given.
   */
  readonly lines: (
    source: SegmentSource,
    onUnwritten: (rows: number) => void,
    from?: LinePlace
  ) => Stream.Stream<ReadonlyArray<SegmentLine>, AuditUnreadable>
  /** A line at or before entry `sequence` and not far from it, found by halving the file. */
  readonly seek: (
    source: SegmentSource & { readonly firstSequence: number },
    sequence: number
  ) => Effect.Effect<LinePlace, AuditUnreadable>
}

/** Where a line begins. */
export interface LinePlace {
  readonly position: number
  /** From 1, in its segment. */
  readonly number: number
}

const firstLine: LinePlace = { position: 0, number: 1 }

/** Closer than this the file is read through. */
const NEAR_BYTES = 65_536

const Numbered = Schema.fromJsonString(Schema.Struct({ sequence: Schema.Int }))
const decodeNumbered = Schema.decodeUnknownOption(Numbered)

/** The first whole line after the middle of a file, as bytes that begin anywhere show it; none where none is whole. */
const firstWholeLine = (
  bytes: Uint8Array
): Option.Option<{ readonly offset: number; readonly sequence: number }> => {
  const start = bytes.indexOf(newline) + 1
  const end = bytes.indexOf(newline, start)
  if (start === 0 || end < 0) return Option.none()
  return Option.map(decodeNumbered(decodeText(bytes.subarray(start, end))), ({ sequence }) => ({
    offset: start,
    sequence
  }))
}

const segmentFile = /^(\d{4,6}-\d{2}-\d{2})\.ndjson$/u

/** A reader of the segments in `folder`. */
export const makeSegmentReader = (
  folder: string
): Effect.Effect<SegmentReader, never, FileSystem.FileSystem> =>
  Effect.map(FileSystem.FileSystem, (files) => {
    const pathOf = (segment: string) => `${folder}/${segmentFileName(segment)}`

    const segments = files.readDirectory(folder).pipe(
      Effect.catchIf(isMissing, () => Effect.succeed<Array<string>>([])),
      Effect.mapError(unreadable(folder, "")),
      Effect.map((names) => names.flatMap((name) => segmentFile.exec(name)?.[1] ?? []).toSorted())
    )

    const exists = (segment: string) =>
      files.exists(pathOf(segment)).pipe(Effect.mapError(unreadable(pathOf(segment), segment)))

    /** Bytes of [from, until), in chunks. */
    const chunks = (file: FileSystem.File, from: number, until: number) =>
      Stream.paginate(from, (position) =>
        Effect.map(
          file.readAlloc(Math.min(chunkBytes, until - position), { position: BigInt(position) }),
          Option.match({
            onNone: () => [[], Option.none<number>()] as const,
            onSome: (bytes) => [[bytes], Option.some(position + bytes.length)] as const
          })
        )
      )

    const bytes = Effect.fnUntraced(function* (
      { outbox, segment }: SegmentSource,
      onUnwritten: (rows: number) => void,
      from: LinePlace
    ) {
      const start = outbox[0]?.position ?? Number.MAX_SAFE_INTEGER
      const type = yield* files.stat(pathOf(segment)).pipe(
        Effect.map((found) => found.type),
        Effect.catchIf(isMissing, () => Effect.succeed("File"))
      )
      // A pipe would be waited for, and a device need not end.
      if (type !== "File") {
        const message = `cannot read the audit log ${pathOf(segment)}: it is no regular file`
        return yield* new AuditUnreadable({ segment, message })
      }
      const opened = yield* files.open(pathOf(segment), { flag: "r" }).pipe(
        Effect.map(Option.some),
        Effect.catchIf(isMissing, () => Effect.succeedNone)
      )
      const size = Option.isNone(opened) ? 0 : Number((yield* opened.value.stat).size)
      const written = Option.isNone(opened)
        ? Stream.empty
        : chunks(opened.value, from.position, Math.min(start, size))
      // What comes before the outbox is missing: rows after the gap would hide where it begins.
      if (size < start) return written
      const tail = Option.isNone(opened)
        ? []
        : yield* Stream.runCollect(chunks(opened.value, start, Number.MAX_SAFE_INTEGER))
      const whole = withOutbox(Buffer.concat(tail), outbox)
      onUnwritten(whole.unwritten)
      return Stream.concat(written, Stream.succeed(whole.bytes))
    })

    const lines: SegmentReader["lines"] = (source, onUnwritten, from = firstLine) =>
      Stream.suspend(() => {
        const split = lineSplitter(source.segment, from)
        return Stream.unwrap(bytes(source, onUnwritten, from)).pipe(
          Stream.map((chunk) => split.push(chunk)),
          Stream.concat(Stream.sync(() => split.end())),
          Stream.mapError(unreadable(pathOf(source.segment), source.segment))
        )
      })

    const halve = Effect.fnUntraced(function* (
      { firstSequence, outbox, segment }: Parameters<SegmentReader["seek"]>[0],
      sequence: number
    ) {
      const file = yield* files.open(pathOf(segment), { flag: "r" })
      let low = firstLine
      let high = Math.min(outbox[0]?.position ?? Number.MAX_SAFE_INTEGER, Number((yield* file.stat).size))
      while (high - low.position > NEAR_BYTES) {
        const middle = Math.floor((low.position + high) / 2)
        const found = yield* file.readAlloc(NEAR_BYTES, { position: BigInt(middle) })
        const line = Option.flatMap(found, firstWholeLine)
        if (Option.isSome(line) && line.value.sequence <= sequence) {
          low = { position: middle + line.value.offset, number: line.value.sequence - firstSequence + 1 }
        } else high = middle
      }
      return low
    }, Effect.scoped)

    const seek: SegmentReader["seek"] = (source, sequence) =>
      halve(source, sequence).pipe(
        Effect.catchIf(isMissing, () => Effect.succeed(firstLine)),
        Effect.mapError(unreadable(pathOf(source.segment), source.segment))
      )

    return { segments, exists, lines, seek }
  })
