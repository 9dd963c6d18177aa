/**
 * Finding the first bad entry of a log, and saying what is wrong with it. Pure.
 *
 * `makeWalk` takes the lines in order and stops at the first that is not as it
 * was written; `diagnose` then looks at the lines around it.
 */
import { Result } from "effect"
import type { AuditEntry } from "./AuditEntry.ts"
import { AuditBroken, type BreakKind } from "./AuditErrors.ts"
import type { AuditHead } from "./AuditStore.ts"
import { type ChainPoint, genesis, type LineFault, readLine } from "./HashChain.ts"
import type { SegmentLine } from "./SegmentReader.ts"

interface Place {
  readonly segment: string
  readonly line: number
}

/** A segment as the desk knows it. */
export interface ExpectedSegment {
  readonly segment: string
  readonly firstSequence: number
  /** Its last entry; the head's for the segment being written. */
  readonly lastSequence: number
  readonly fileExists: boolean
}

/** The first line that is not as it was written, or the end that came too early. */
export interface Trouble {
  readonly place: Place
  /** The chain up to the entry before. */
  readonly expected: ChainPoint
  /** Where the entry before stands. */
  readonly previous: Place
  /** All entries that the desk knows of stand before it. */
  readonly pastHead: boolean
  readonly found:
    | {
        readonly _tag: "Line"
        readonly read: Result.Result<AuditEntry, LineFault>
        readonly complete: boolean
        /** All entries of its segment stand before it. */
        readonly pastSegment: boolean
      }
    | { readonly _tag: "End"; readonly fileExists: boolean }
    | { readonly _tag: "UnknownSegment" }
    | { readonly _tag: "Head" }
}

/** What `diagnose` needs of the lines after the trouble. */
export interface Following {
  /** The next line of the log, whatever its segment. */
  readonly next: AuditEntry | undefined
  /** Numbers of all later lines that are entries true to their own hash. */
  readonly sequences: ReadonlySet<number>
}

/** Collects `Following` from the lines after the trouble. */
export const makeFollowing = () => {
  let first = true
  let next: AuditEntry | undefined
  const sequences = new Set<number>()
  return {
    add: (line: SegmentLine): void => {
      const read = readLine(line.text)
      if (Result.isSuccess(read)) {
        sequences.add(read.success.sequence)
        if (first) next = read.success
      }
      first = false
    },
    result: (): Following => ({ next, sequences })
  }
}

const follows = (entry: AuditEntry, point: ChainPoint): boolean =>
  entry.sequence === point.count + 1 && entry.previousHash === point.hash

/** Follows the chain from the genesis; each call gives the trouble it meets, after which the walk is over. */
export const makeWalk = (head: AuditHead) => {
  let point: ChainPoint = genesis
  let last: Place = { segment: "", line: 0 }
  const trouble = (place: Place, found: Trouble["found"]): Trouble => ({
    place,
    expected: point,
    previous: last,
    pastHead: point.count === head.count,
    found
  })
  return {
    /** A line of `segment`. */
    line: (segment: ExpectedSegment, line: SegmentLine): Trouble | undefined => {
      const place = { segment: line.segment, line: line.number }
      const read = readLine(line.text)
      if (
        Result.isFailure(read) ||
        !line.complete ||
        !follows(read.success, point) ||
        read.success.sequence > segment.lastSequence
      ) {
        const pastSegment = point.count >= segment.lastSequence
        return trouble(place, { _tag: "Line", read, complete: line.complete, pastSegment })
      }
      point = { count: read.success.sequence, hash: read.success.hash }
      last = place
      return undefined
    },
    /** The end of `segment` after `lines` lines. */
    end: (segment: ExpectedSegment, lines: number): Trouble | undefined =>
      point.count < segment.lastSequence
        ? trouble(
            { segment: segment.segment, line: lines + 1 },
            { _tag: "End", fileExists: segment.fileExists }
          )
        : undefined,
    /** A segment's file that the desk knows nothing of. */
    unknownSegment: (segment: string): Trouble => trouble({ segment, line: 1 }, { _tag: "UnknownSegment" }),
    /** After all segments. */
    head: (): Trouble | undefined => (point.hash === head.hash ? undefined : trouble(last, { _tag: "Head" }))
  }
}

const broken = (place: Place, sequence: number, kind: BreakKind, what: string): AuditBroken =>
  new AuditBroken({
    ...place,
    sequence,
    kind,
    message: `entry ${sequence} of the audit log is bad (${place.segment}.ndjson, line ${place.line}): ${what}`
  })

/** True when what comes after `entry` holds its hash: its successor, or the desk's head. */
const isVouched = (entry: AuditEntry, following: Following, head: AuditHead): boolean =>
  entry.sequence === head.count ? entry.hash === head.hash : entry.hash === following.next?.previousHash

/** The true entry `n - 1` after one that took its place: the one before it is made up. */
const displaced = (
  entry: AuditEntry,
  { expected, previous }: Trouble,
  following: Following,
  head: AuditHead
): AuditBroken | undefined =>
  entry.sequence === expected.count && entry.hash !== expected.hash && isVouched(entry, following, head)
    ? broken(previous, expected.count, "inserted", "a made-up entry stands before the true one")
    : undefined

/** A line in the place of entry `n` that is an entry true to its own hash, but does not follow the one before. */
const diagnoseEntry = (
  entry: AuditEntry,
  trouble: Trouble,
  following: Following,
  head: AuditHead
): AuditBroken => {
  const { expected, place, previous } = trouble
  const n = expected.count + 1
  if (entry.sequence > n) {
    if (following.sequences.has(entry.sequence)) {
      return broken(place, n, "inserted", `a copy of entry ${entry.sequence} stands in its place`)
    }
    return following.sequences.has(n)
      ? broken(place, n, "reordered", `entry ${entry.sequence} stands in its place, it comes later`)
      : broken(place, n, "removed", `entry ${entry.sequence} follows entry ${n - 1}`)
  }
  if (entry.sequence < n) {
    return (
      displaced(entry, trouble, following, head) ??
      broken(place, n, "inserted", `a copy of entry ${entry.sequence} stands in its place`)
    )
  }
  if (following.next !== undefined && follows(following.next, expected)) {
    return broken(place, n, "inserted", "a made-up entry stands before the true one")
  }
  // This entry is vouched for, so the one before was given a new content and a new hash.
  return n > 1 && isVouched(entry, following, head)
    ? broken(previous, n - 1, "changed", "it was rewritten: the entry after it holds another hash of it")
    : broken(place, n, "changed", `it does not hold the hash of entry ${n - 1}`)
}

/** A line after the last entry of its segment. */
const diagnosePastSegment = (
  read: Result.Result<AuditEntry, LineFault>,
  trouble: Trouble,
  following: Following,
  head: AuditHead
): AuditBroken => {
  const n = trouble.expected.count + 1
  const madeUp = Result.isSuccess(read) ? displaced(read.success, trouble, following, head) : undefined
  if (madeUp !== undefined) return madeUp
  if (trouble.pastHead) {
    return broken(trouble.place, n, "inserted", `the desk knows of ${n - 1} entries only`)
  }
  const moved =
    Result.isSuccess(read) && read.success.sequence >= n && !following.sequences.has(read.success.sequence)
  return moved
    ? broken(trouble.place, n, "reordered", "an entry of a later segment stands at the end of this one")
    : broken(trouble.place, n, "inserted", `the segment ends with entry ${n - 1}, this line comes after it`)
}

/** Names the first bad entry and what happened to it. */
export const diagnose = (trouble: Trouble, following: Following, head: AuditHead): AuditBroken => {
  const { expected, found, place } = trouble
  const n = expected.count + 1
  switch (found._tag) {
    case "UnknownSegment":
      return broken(place, n, "inserted", "the desk knows of no such segment")
    case "Head":
      return broken(
        place,
        head.count,
        "changed",
        "the log ends in another hash than the desk holds: this entry, or the chain up to it, was rewritten"
      )
    case "End":
      if (following.sequences.has(n)) return broken(place, n, "reordered", "it stands in a later segment")
      return found.fileExists
        ? broken(place, n, "cut", `the segment ends after entry ${n - 1}`)
        : broken(place, n, "missing-segment", "the file does not exist")
    case "Line":
      if (found.pastSegment) return diagnosePastSegment(found.read, trouble, following, head)
      if (!found.complete) return broken(place, n, "cut", "the segment ends inside its line")
      if (Result.isSuccess(found.read)) return diagnoseEntry(found.read.success, trouble, following, head)
      return following.next !== undefined && follows(following.next, expected)
        ? broken(place, n, "inserted", `a line stands before the true entry: ${found.read.failure.message}`)
        : broken(place, n, found.read.failure.kind, found.read.failure.message)
  }
}
