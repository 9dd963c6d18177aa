/**
 * Writing segments: at given positions, durable when it returns.
 *
 * Uses node:fs directly. Effect's `File` writes at a cursor and syncs through
 * the thread pool, which costs half as much again as the sync itself (0.63 ms
 * against 0.44 ms a line on the machine where it was measured); the database's
 * own commit holds the thread in the same way.
 */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync
} from "node:fs"
import { dirname, join } from "node:path"
import { Effect, type Scope } from "effect"
import { AuditWriteFailed } from "./AuditErrors.ts"

/** A segment's file name: "2026-03-02.ndjson". */
export const segmentFileName = (segment: string): string => `${segment}.ndjson`

/** True when `found`, what the file holds at a line's place, is that line not yet or only partly written. */
export const isUnwritten = (found: Uint8Array, expected: Uint8Array): boolean => {
  // A torn write leaves the file short, or zeros where bytes should be; lines hold no zeros.
  for (let i = 0; i < found.length; i++) {
    if (found[i] !== 0 && found[i] !== expected[i]) return false
  }
  return true
}

interface OpenSegment {
  readonly segment: string
  readonly fd: number
  readonly inode: number
}

export interface SegmentWriter {
  /**
   * Puts `bytes` at `position` of the segment and waits for the disk. Writing
   * the same bytes to the same place again changes nothing, so several
   * processes may do it at once and a torn write is mended by the next. Bytes
   * of anybody else are never overwritten: the write fails.
   */
  readonly write: (
    segment: string,
    position: number,
    bytes: Uint8Array
  ) => Effect.Effect<void, AuditWriteFailed>
}

const syncFolder = (path: string): void => {
  const fd = openSync(path, constants.O_RDONLY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Whoever begins a segment makes its file; one made anew in its place would hide that it is gone. */
const openSegment = (folder: string, segment: string, isNew: boolean): OpenSegment => {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (made !== undefined) syncFolder(dirname(made))
  const fd = openSync(
    join(folder, segmentFileName(segment)),
    constants.O_RDWR | (isNew ? constants.O_CREAT : 0),
    0o600
  )
  // Another process may have made the file and died before its name was on disk.
  syncFolder(folder)
  return { segment, fd, inode: fstatSync(fd).ino }
}

/** Why `bytes` may not be put there; undefined when they may. */
const objection = (
  path: string,
  open: OpenSegment,
  position: number,
  bytes: Uint8Array
): string | undefined => {
  const file = statSync(path, { throwIfNoEntry: false })
  if (file === undefined || file.ino !== open.inode)
    return "the file was removed or replaced while it was open"
  if (file.size < position)
    return `the file ends at byte ${file.size}, entries before byte ${position} are missing`
  if (file.size === position) return undefined
  const found = Buffer.alloc(bytes.length)
  const length = readSync(open.fd, found, 0, bytes.length, position)
  return isUnwritten(found.subarray(0, length), bytes)
    ? undefined
    : `the file holds something else at byte ${position} than the desk wrote there`
}

const writeAll = (fd: number, position: number, bytes: Uint8Array): void => {
  let written = 0
  while (written < bytes.length) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written)
  }
}

const advice = (cause: unknown): string => {
  const errno = cause instanceof Error && "code" in cause ? cause.code : ""
  switch (errno) {
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full: free some space and try again"
    case "ENOENT":
      return 'the file is missing, and the entries in it: put it back from a copy, or look at "plimsoll recover --check"'
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "this user must be able to write the folder and its files"
    default:
      return "mend that and try again"
  }
}

/** A writer of the segments in `folder` (made at the first write). Keeps one file open, closed with the scope. */
export const makeSegmentWriter = (folder: string): Effect.Effect<SegmentWriter, never, Scope.Scope> => {
  let current: OpenSegment | undefined
  const close = (): void => {
    if (current === undefined) return
    const { fd } = current
    current = undefined
    closeSync(fd)
  }
  const write = (segment: string, position: number, bytes: Uint8Array): string | undefined => {
    if (current?.segment !== segment) {
      close()
      current = openSegment(folder, segment, position === 0)
    }
    const problem = objection(join(folder, segmentFileName(segment)), current, position, bytes)
    if (problem !== undefined) {
      close()
      return `${problem}: run "plimsoll audit verify"`
    }
    writeAll(current.fd, position, bytes)
    fdatasyncSync(current.fd)
    return undefined
  }
  const writer: SegmentWriter = {
    write: (segment, position, bytes) =>
      Effect.suspend(() => {
        const failed = (why: string, cause?: unknown) =>
          Effect.fail(
            new AuditWriteFailed({
              segment,
              message: `cannot write the audit log ${join(folder, segmentFileName(segment))}: ${why}`,
              ...(cause === undefined ? {} : { cause })
            })
          )
        try {
          const problem = write(segment, position, bytes)
          return problem === undefined ? Effect.void : failed(problem)
        } catch (cause) {
          close()
          return failed(`${cause instanceof Error ? cause.message : String(cause)}; ${advice(cause)}`, cause)
        }
      })
  }
  return Effect.acquireRelease(Effect.succeed(writer), () => Effect.sync(close))
}
