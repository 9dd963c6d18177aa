/**
 * `place.json` in the desk's folder: in which of the two databases the desk
 * lives. It has the last word: replacing it is the one step in which a desk
 * moves. A desk that was never anywhere but in `desk.db` has no such file.
 *
 * Loaded by the commands that have to start at once: imports nothing of Effect.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync
} from "node:fs"
import { dirname } from "node:path"
import type { DeskFolder } from "./DeskFolder.ts"

export type Kind = "sqlite" | "postgres"

export interface Place {
  readonly kind: Kind
  /** In words, without a password. */
  readonly where: string
  /** The desk's own name, which its database has too. */
  readonly deskId: string
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null

/** Undefined where there is none; throws where it cannot be read or is no such file. */
export const readPlace = (folder: DeskFolder): Place | undefined => {
  if (!existsSync(folder.place)) return undefined
  const value: unknown = JSON.parse(readFileSync(folder.place, "utf8"))
  if (isRecord(value)) {
    const { deskId, kind, where } = value
    if (
      (kind === "sqlite" || kind === "postgres") &&
      typeof where === "string" &&
      typeof deskId === "string"
    ) {
      return { kind, where, deskId }
    }
  }
  throw new Error("it does not say where the desk is")
}

/** Differs from the one before when the file was written since. */
export const placeStamp = (folder: DeskFolder): string => {
  const stats = statSync(folder.place, { throwIfNoEntry: false, bigint: true })
  return stats === undefined ? "" : `${stats.ino} ${stats.mtimeNs}`
}

const toDisk = (path: string, flag: "r" | "w", text: string): void => {
  const file = openSync(path, flag)
  try {
    if (flag === "w") writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** On disk, whole, when it returns; throws what the file system throws. */
export const writePlace = (folder: DeskFolder, place: Place): void => {
  const fresh = `${folder.place}.new`
  toDisk(fresh, "w", `${JSON.stringify(place, null, 2)}\n`)
  renameSync(fresh, folder.place)
  toDisk(dirname(folder.place), "r", "")
}
