/**
 * One process at a time works in a folder that is gone on with. The lock is the file lock of an SQLite database, which
 * the system drops with the process that holds it, however that ends: none is ever left behind.
 */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Schema, type Scope } from "effect"
import { sqliteCode, sqliteCodes } from "../../storage/SqliteCode.ts"
import { SweepFolderFailed } from "./SweepFolder.ts"

/** Another process is at the same work. */
export class FolderBusy extends Schema.TaggedError<FolderBusy>()("FolderBusy", {
  folder: Schema.String,
  message: Schema.String
}) {}

/** Of two that begin at the same instant one gets it: the other lets go meanwhile. It holds the thread. */
const WAIT_MILLIS = 100

const locked = (file: string): DatabaseSync => {
  const db = new DatabaseSync(file, { timeout: WAIT_MILLIS })
  try {
    db.exec("BEGIN EXCLUSIVE")
    return db
  } catch (cause) {
    db.close()
    throw cause
  }
}

/** Holds the folder `id` under `folder` until the scope ends; fails at once where somebody else has it. */
export const lockFolder = (
  folder: string,
  id: string
): Effect.Effect<void, FolderBusy | SweepFolderFailed, Scope.Scope> => {
  const locks = join(folder, "locks")
  const file = join(locks, `${id}.db`)
  const taken = Effect.try({
    try: () => {
      mkdirSync(locks, { recursive: true })
      return locked(file)
    },
    catch: (cause) =>
      sqliteCode(cause) === sqliteCodes.busy
        ? new FolderBusy({
            folder: join(folder, id),
            message: `another process is playing ${id} right now: wait for it to end, or stop it, and type the command again (with --resume it goes on from what is there)`
          })
        : new SweepFolderFailed({
            file,
            message: `${file} cannot be locked: ${cause instanceof Error ? cause.message : String(cause)}`
          })
  })
  return Effect.asVoid(Effect.acquireRelease(taken, (db) => Effect.sync(() => db.close())))
}
