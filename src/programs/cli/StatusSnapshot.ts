/**
 * What `status` last said, kept for as long as it is still true.
 *
 * Opening a whole desk takes several times as long as starting Node; finding
 * that nothing has happened since takes a few rows of its database. What was
 * said is kept under everything it depends on: the journal's head, the venue's
 * version, the clock, the sealed limits, `plimsoll.json` and the program. When
 * one of them differs the desk is opened, its crank turned, and said anew.
 *
 * Loaded by the commands that have to start at once: imports nothing of Effect.
 */
import { readdirSync, renameSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import type { DeskFolder } from "../DeskFolder.ts"
import { makeFolder } from "../MakeFolder.ts"
import { readPlace } from "../PlaceFile.ts"
import { readTextFile } from "../ReadTextFile.ts"
import { plainly } from "./Terminal.ts"

/** What a desk's status depends on. */
export interface StatusKey {
  readonly sequence: number
  readonly venueVersion: number
  /** The market clock as stored, JSON. */
  readonly clock: string
  /** What steady time goes by. */
  readonly steady: string
  readonly limitsVersion: number
  /** The audit log's files: how many, and the last with its size. */
  readonly audit: string
  /** `plimsoll.json`; null when there is none. */
  readonly config: string | null
  /** Who was told, and by which program: the project, the program's file and when that was built. */
  readonly build: string
}

/** What was said, with colours. */
export interface Said {
  readonly line: string
  readonly text: string
  readonly json: string
}

interface Snapshot extends Said {
  readonly key: StatusKey
  /** Market time, UTC microseconds, until which the line stays true while the clock runs; 0 when it does not. */
  readonly lineUntil: number
}

/** A database that is being made is waited for no longer than this; then the whole desk is opened, which waits longer. */
const BUSY_TIMEOUT_MILLIS = 100

const textOf = (path: string): string | null => {
  try {
    return readTextFile(path)
  } catch {
    return null
  }
}

const auditFiles = (folder: string): string => {
  const names = readdirSync(folder).toSorted()
  const last = names.at(-1)
  return last === undefined ? "" : `${names.length} ${last} ${statSync(join(folder, last)).size}`
}

const query = `SELECT
  (SELECT coalesce(max(sequence), 0) FROM journal) AS sequence,
  (SELECT coalesce(max(version), 0) FROM paper_venue) AS venueVersion,
  (SELECT body FROM market_clock WHERE id = 1) AS clock,
  (SELECT body FROM steady_clock WHERE id = 1) AS steady,
  (SELECT coalesce(max(version), 0) FROM limits) AS limitsVersion`

const openDatabase = (path: string): DatabaseSync => {
  // Loaded here: a program without a desk does without it.
  const { DatabaseSync: Database } = process.getBuiltinModule("node:sqlite")
  return new Database(path, { readOnly: true, timeout: BUSY_TIMEOUT_MILLIS })
}

/** The key as things stand; undefined when there is no desk, or it cannot be read at once. */
export const readKey = (folder: DeskFolder, program: string): StatusKey | undefined => {
  // Asking a server takes longer than this may take: such a desk is opened each time.
  if (folder.server !== undefined) return undefined
  try {
    if (readPlace(folder)?.kind === "postgres") return undefined
    statSync(folder.database)
    const database = openDatabase(folder.database)
    try {
      const { clock, limitsVersion, sequence, steady, venueVersion } = database.prepare(query).get() ?? {}
      if (typeof clock !== "string" || typeof steady !== "string") return undefined
      return {
        sequence: Number(sequence),
        venueVersion: Number(venueVersion),
        clock,
        steady,
        limitsVersion: Number(limitsVersion),
        audit: auditFiles(folder.audit),
        config: textOf(folder.config),
        build: `${folder.project} ${program} ${statSync(program).mtimeMs}`
      }
    } finally {
      database.close()
    }
  } catch {
    return undefined
  }
}

export const sameKey = (a: StatusKey, b: StatusKey): boolean => JSON.stringify(a) === JSON.stringify(b)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null

const readSnapshot = (folder: DeskFolder): Snapshot | undefined => {
  const text = textOf(folder.statusSnapshot)
  if (text === null) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (!isRecord(value)) return undefined
    const { json, key, line, lineUntil, text: status } = value
    if (typeof line !== "string" || typeof status !== "string" || typeof json !== "string") return undefined
    if (typeof lineUntil !== "number" || !isRecord(key)) return undefined
    const { audit, build, clock, config, limitsVersion, sequence, steady, venueVersion } = key
    if (typeof clock !== "string" || typeof steady !== "string") return undefined
    if (typeof build !== "string" || typeof audit !== "string") return undefined
    const kept: StatusKey = {
      sequence: Number(sequence),
      venueVersion: Number(venueVersion),
      clock,
      steady,
      limitsVersion: Number(limitsVersion),
      audit,
      config: typeof config === "string" ? config : null,
      build
    }
    return { key: kept, line, text: status, json, lineUntil }
  } catch {
    return undefined
  }
}

/** This start of the machine, and how long its monotonic clock has run. */
export interface Machine {
  readonly boot: string
  readonly monotonicMicros: number
}

/**
 * Market time of a running clock; undefined for one that is paused. As
 * `ReplayClock.marketTimeAt` on the steady clock, neither of which is loaded
 * here; not a number where that cannot be told.
 */
const runningAt = ({ clock, steady }: StatusKey, machine: () => Machine): number | undefined => {
  const value: unknown = JSON.parse(clock)
  if (!isRecord(value) || value["running"] !== true) return undefined
  const anchor: unknown = JSON.parse(steady)
  const { boot, monotonicMicros } = machine()
  if (!isRecord(anchor) || anchor["boot"] !== boot) return Number.NaN
  const { anchorMarket, anchorSteady, speed } = value
  const passed = Number(anchor["epoch"]) + monotonicMicros - Number(anchorSteady)
  return Number(anchorMarket) + Math.floor(Math.max(0, passed) * Number(speed))
}

/** What `status` or `statusline` said last, if it is still true; undefined when the desk has to be opened. */
export const stillTrue = (
  folder: DeskFolder,
  options: {
    readonly program: string
    readonly what: keyof Said
    readonly colour: boolean
    /** Asked only while the clock runs. */
    readonly machine: () => Machine
  }
): string | undefined => {
  const snapshot = readSnapshot(folder)
  if (snapshot === undefined) return undefined
  const key = readKey(folder, options.program)
  if (key === undefined || !sameKey(key, snapshot.key)) return undefined
  const running = runningAt(key, options.machine)
  // While the clock runs only the line can stay true: it does not show the time.
  if (running !== undefined && (options.what !== "line" || !(running < snapshot.lineUntil))) return undefined
  const said = snapshot[options.what]
  return plainly(said, options.colour)
}

/** Keeps what was said; a folder that cannot be written to keeps nothing, and the next one opens the desk again. */
export const keep = (folder: DeskFolder, snapshot: Snapshot): void => {
  try {
    makeFolder(dirname(folder.statusSnapshot))
    const fresh = `${folder.statusSnapshot}.${process.pid}`
    writeFileSync(fresh, JSON.stringify(snapshot))
    renameSync(fresh, folder.statusSnapshot)
  } catch {
    // Nothing depends on it.
  }
}
