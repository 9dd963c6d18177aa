/**
 * The append-only, hash-chained record of everything the desk did.
 *
 * An entry is staged in the transaction that journals what it tells of, and
 * flushed before that is acted upon. Staging gives it its number, its hash and
 * its place in a daily segment; flushing puts it there, from the desk's outbox.
 * Whoever flushes writes everything that is staged, his own or not, always to
 * the same places, so processes need no lock among them and a crash between
 * the two steps is made good by the next flush.
 */
import {
  Clock,
  Context,
  Effect,
  type FileSystem,
  Layer,
  type Option,
  Result,
  Semaphore,
  Stream
} from "effect"
import { type StorageError, StorageFailed } from "../domain/StorageError.ts"
import { type Timestamp, timestamp, toIso } from "../domain/Timestamp.ts"
import type { AuditEntry, AuditRecord } from "./AuditEntry.ts"
import {
  AuditBroken,
  type AuditDisagrees,
  type AuditUnreadable,
  type AuditWriteFailed
} from "./AuditErrors.ts"
import { type AuditHead, type AuditSnapshot, AuditStore, type OutboxRow } from "./AuditStore.ts"
import { link, readLine } from "./HashChain.ts"
import { makeCompareEnds } from "./LogEnd.ts"
import { makeSegmentWriter, type SegmentWriter } from "./SegmentFile.ts"
import { makeSegmentReader, type SegmentReader } from "./SegmentReader.ts"
import { diagnose, type ExpectedSegment, makeFollowing, makeWalk, type Trouble } from "./Verification.ts"

export interface AuditIntact {
  /** Entries looked at: all that were staged when the verification began. */
  readonly entries: number
  readonly head: AuditHead
  /** How many of them stand in the desk's outbox only and are written by the next flush. */
  readonly unwritten: number
}

export class AuditLog extends Context.Service<
  AuditLog,
  {
    /**
     * Adds entries to the chain, in the transaction it is called in: they
     * exist if that commits. Outside of one it is a defect. A record that the
     * log cannot hold (its details are not JSON) fails as `StorageFailed`.
     */
    readonly stage: (records: ReadonlyArray<AuditRecord>) => Effect.Effect<AuditHead, StorageError>
    /**
     * Everything staged by committed transactions, of any process, is on disk
     * when it returns. When it fails, nothing that the entries announce may
     * happen. Inside a transaction it is a defect.
     */
    readonly flush: Effect.Effect<void, StorageError | AuditWriteFailed>
    readonly head: Effect.Effect<AuditHead, StorageError>
    /** Entries from `fromSequence` on, at most `limit`, oldest first, whether flushed or not. */
    readonly entries: (options: {
      readonly fromSequence: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<AuditEntry>, StorageError | AuditUnreadable | AuditBroken>
    /**
     * Holds the end of the files against the desk: every segment's file is
     * there, the last ends where the desk says, with the entry that the desk
     * says, and nothing stands after it. Cheap however long the log is; what was
     * changed before its end only `verify` finds. Gives the last entry.
     */
    readonly compareEnds: Effect.Effect<
      Option.Option<AuditEntry>,
      StorageError | AuditUnreadable | AuditDisagrees
    >
    /**
     * Reads the whole log and compares it with itself and with the desk; fails
     * with the first bad entry. Writes nothing. Others may go on writing.
     */
    readonly verify: Effect.Effect<AuditIntact, StorageError | AuditUnreadable | AuditBroken>
  }
>()("plimsoll/audit/AuditLog") {
  /** The log whose segments are `folder`/YYYY-MM-DD.ndjson, by UTC date; the folder is made at the first flush. */
  static readonly layer = (options: {
    readonly folder: string
  }): Layer.Layer<AuditLog, never, AuditStore | FileSystem.FileSystem> =>
    Layer.effect(
      AuditLog,
      Effect.gen(function* () {
        const store = yield* AuditStore
        const reader = yield* makeSegmentReader(options.folder)
        const writer = yield* makeSegmentWriter(options.folder)
        return AuditLog.of({
          stage: makeStage(store),
          flush: makeFlush(store, writer),
          head: store.head,
          entries: makeEntries(store, reader),
          compareEnds: yield* makeCompareEnds(store, reader, options.folder),
          verify: makeVerify(store, reader)
        })
      })
    )
}

type Store = AuditStore["Service"]

const wallTime = Effect.map(Clock.currentTimeNanos, (nanos): Timestamp => timestamp(Number(nanos / 1000n)))

const makeStage = (store: Store): AuditLog["Service"]["stage"] =>
  Effect.fnUntraced(function* (records) {
    let head = yield* store.head
    const time = yield* wallTime
    const date = toIso(time).slice(0, 10)
    const rows: Array<OutboxRow> = []
    for (const record of records) {
      const linked = link(record, time, head)
      if (Result.isFailure(linked)) {
        return yield* new StorageFailed({ operation: "stage an audit entry", message: linked.failure })
      }
      const { line, point } = linked.success
      // A computer's clock may be set back; segments only go forward.
      const segment = date > head.segment ? date : head.segment
      const position = segment === head.segment ? head.position : 0
      rows.push({ sequence: point.count, segment, position, line })
      head = { ...point, segment, position: position + Buffer.byteLength(line) + 1 }
    }
    if (rows.length > 0) yield* store.append(rows, head)
    return head
  })

/** Rows that follow each other in one segment, as one write. */
const batches = (rows: ReadonlyArray<OutboxRow>) => {
  const found: Array<{ readonly segment: string; readonly position: number; readonly lines: Array<string> }> =
    []
  for (const row of rows) {
    const last = found.at(-1)
    if (last === undefined || last.segment !== row.segment) {
      found.push({ segment: row.segment, position: row.position, lines: [row.line] })
    } else {
      last.lines.push(row.line)
    }
  }
  return found
}

const makeFlush = (store: Store, writer: SegmentWriter): AuditLog["Service"]["flush"] => {
  const oneAtATime = Semaphore.makeUnsafe(1)
  // All rows up to here were on disk when this process looked: written by itself, or taken out by who wrote them.
  let flushed = 0
  return oneAtATime.withPermit(
    Effect.gen(function* () {
      const rows = yield* store.outbox(flushed)
      const last = rows.at(-1)
      if (last === undefined) return
      for (const { lines, position, segment } of batches(rows)) {
        yield* writer.write(segment, position, Buffer.from(`${lines.join("\n")}\n`))
      }
      flushed = last.sequence
      // Rows that stay are written again to the same places, by the next process that opens the desk.
      yield* store
        .discard(flushed)
        .pipe(
          Effect.catch((error) => Effect.logDebug("flushed audit rows stay in the outbox for now", error))
        )
    })
  )
}

/** The segments that the desk knows, each with its place in the chain and the outbox rows that belong to it. */
const knownSegments = ({ head, outbox, segments }: AuditSnapshot) =>
  segments.map(({ firstSequence, segment }, index) => ({
    segment,
    firstSequence,
    lastSequence: (segments[index + 1]?.firstSequence ?? head.count + 1) - 1,
    outbox: outbox.filter((row) => row.segment === segment)
  }))

type KnownSegment = ReturnType<typeof knownSegments>[number]

const makeEntries = (store: Store, reader: SegmentReader): AuditLog["Service"]["entries"] =>
  Effect.fn("AuditLog.entries")(function* ({ fromSequence, limit }) {
    const snapshot = yield* store.snapshot
    const until = Math.min(fromSequence + limit - 1, snapshot.head.count)
    const entries: Array<AuditEntry> = []
    for (const known of knownSegments(snapshot)) {
      if (known.lastSequence < fromSequence || known.firstSequence > until) continue
      const from = yield* reader.seek(known, Math.max(fromSequence, known.firstSequence))
      yield* reader
        .lines(known, () => {}, from)
        .pipe(
          Stream.runForEachWhile(
            Effect.fnUntraced(function* (lines) {
              for (const line of lines) {
                const sequence = known.firstSequence + line.number - 1
                if (sequence > Math.min(until, known.lastSequence)) return false
                if (sequence < fromSequence) continue
                const read = readLine(line.text)
                if (Result.isFailure(read) || read.success.sequence !== sequence) {
                  return yield* brokenPage(known, line.number, sequence)
                }
                entries.push(read.success)
              }
              return true
            })
          )
        )
      const next = fromSequence + entries.length
      if (next <= Math.min(until, known.lastSequence)) {
        return yield* brokenPage(known, next - known.firstSequence + 1, next)
      }
    }
    return entries
  })

const brokenPage = ({ segment }: KnownSegment, line: number, sequence: number): AuditBroken =>
  new AuditBroken({
    segment,
    line,
    sequence,
    kind: "garbage",
    message: `entry ${sequence} cannot be read (${segment}.ndjson, line ${line}): run "plimsoll audit verify"`
  })

/** Where a walk ended: the trouble, and the segments with the line after which the rest begins. */
interface Stopped {
  readonly trouble: Trouble
  readonly rest: ReadonlyArray<{ readonly known: KnownSegment; readonly afterLine: number }>
}

const makeVerify = (store: Store, reader: SegmentReader): AuditLog["Service"]["verify"] => {
  const expected = (known: KnownSegment): Effect.Effect<ExpectedSegment, AuditUnreadable> =>
    Effect.map(reader.exists(known.segment), (fileExists) => ({ ...known, fileExists }))

  /** Walks one segment; gives the trouble in it, if any. */
  const walkSegment = Effect.fnUntraced(function* (
    walk: ReturnType<typeof makeWalk>,
    known: KnownSegment,
    onUnwritten: (rows: number) => void,
    grown: Effect.Effect<boolean, StorageError>
  ) {
    const segment = yield* expected(known)
    let trouble: Trouble | undefined
    let count = 0
    yield* reader.lines(known, onUnwritten).pipe(
      Stream.runForEachWhile((lines) =>
        Effect.sync(() => {
          for (const line of lines) {
            trouble = walk.line(segment, line)
            if (trouble !== undefined) return false
            count++
          }
          return true
        })
      )
    )
    // A line past the head was staged while this read, unless the desk's head has not moved.
    return trouble?.pastHead === true && (yield* grown) ? undefined : (trouble ?? walk.end(segment, count))
  })

  const walkAll = Effect.fnUntraced(function* (snapshot: AuditSnapshot, onUnwritten: (rows: number) => void) {
    const known = knownSegments(snapshot)
    const names = yield* reader.segments
    const strangers = names.filter((name) => !known.some(({ segment }) => segment === name))
    const grown = Effect.map(store.head, (head) => head.count > snapshot.head.count)
    const walk = makeWalk(snapshot.head)
    for (const [index, segment] of known.entries()) {
      const stranger = strangers.find(
        (name) => name < segment.segment && name > (known[index - 1]?.segment ?? "")
      )
      if (stranger !== undefined)
        return { trouble: walk.unknownSegment(stranger), rest: [] } satisfies Stopped
      const trouble = yield* walkSegment(walk, segment, onUnwritten, grown)
      if (trouble !== undefined) {
        const rest = known
          .slice(index)
          .map((later, i) => ({ known: later, afterLine: i === 0 ? trouble.place.line : 0 }))
        return { trouble, rest } satisfies Stopped
      }
    }
    const stranger = strangers.find((name) => name > snapshot.head.segment)
    if (stranger !== undefined && !(yield* grown)) {
      return { trouble: walk.unknownSegment(stranger), rest: [] } satisfies Stopped
    }
    const trouble = walk.head()
    return trouble === undefined ? undefined : ({ trouble, rest: [] } satisfies Stopped)
  })

  const following = Effect.fnUntraced(function* ({ rest }: Stopped) {
    const found = makeFollowing()
    for (const { afterLine, known } of rest) {
      yield* reader
        .lines(known, () => {})
        .pipe(
          Stream.runForEach((lines) =>
            Effect.sync(() => {
              for (const line of lines) if (line.number > afterLine) found.add(line)
            })
          )
        )
    }
    return found.result()
  })

  return Effect.gen(function* () {
    const snapshot = yield* store.snapshot
    let unwritten = 0
    const stopped = yield* walkAll(snapshot, (rows) => {
      unwritten += rows
    })
    if (stopped !== undefined) {
      return yield* Effect.fail(diagnose(stopped.trouble, yield* following(stopped), snapshot.head))
    }
    return { entries: snapshot.head.count, head: snapshot.head, unwritten }
  }).pipe(Effect.withSpan("AuditLog.verify"))
}
