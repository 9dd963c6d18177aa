/** The desk's database as a file: held still, copied away, put in another's place. */
import {
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  closeSync,
  renameSync,
  rmSync
} from "node:fs"
import { basename, dirname, join } from "node:path"
import { backup, DatabaseSync } from "node:sqlite"
import { Effect, Schedule, type Scope } from "effect"
import { StorageBusy, StorageFailed } from "../domain/StorageError.ts"
import { sqliteCode, sqliteCodes } from "./SqliteCode.ts"

const isBusy = (cause: unknown): boolean =>
  sqliteCode(cause) === sqliteCodes.busy || sqliteCode(cause) === sqliteCodes.locked

/** Its header is not SQLite's, or its structure is broken: no process can use it as a database. */
const isNoDatabase = (cause: unknown): boolean =>
  sqliteCode(cause) === sqliteCodes.notADatabase || sqliteCode(cause) === sqliteCodes.corrupt

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const busy = (operation: string) =>
  new StorageBusy({
    operation,
    message: `${operation}: another process is writing to the desk; nothing was changed, try again`
  })

const failed = (operation: string, cause: unknown) =>
  new StorageFailed({ operation, message: `${operation}: ${messageOf(cause)}`, cause })

/**
 * Keeps other processes from writing to the database until the scope ends. One
 * that SQLite cannot open nobody can write to: then there is nothing to hold.
 */
export const holdWrites = (filename: string): Effect.Effect<void, StorageBusy, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      if (!existsSync(filename)) return Effect.succeed(undefined)
      let db: DatabaseSync | undefined
      try {
        db = new DatabaseSync(filename, { timeout: 2000 })
        db.exec("BEGIN IMMEDIATE")
        return Effect.succeed(db)
      } catch (cause) {
        db?.close()
        return isBusy(cause) ? Effect.fail(busy("hold the database")) : Effect.succeed(undefined)
      }
    }),
    (db) => Effect.sync(() => db?.close())
  ).pipe(Effect.asVoid)

const syncPath = (path: string): void => {
  const fd = openSync(path, "r")
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Copies the database and its WAL, as they are, into `folder` (made for it), and waits for the disk. */
export const preserve = (filename: string, folder: string): Effect.Effect<void, StorageFailed> =>
  Effect.try({
    try: () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      // The WAL first: a checkpoint in between leaves its pages in both.
      for (const path of [`${filename}-wal`, filename]) {
        if (!existsSync(path)) continue
        const copy = join(folder, basename(path))
        copyFileSync(path, copy)
        syncPath(copy)
      }
      syncPath(folder)
    },
    catch: (cause) => failed(`copy the damaged database to ${folder}`, cause)
  })

/** A database that is in nobody's use yet; what an earlier try left there is removed. */
export const clear = (filename: string): Effect.Effect<void, StorageFailed> =>
  Effect.try({
    try: () => {
      for (const end of ["", "-wal", "-shm"]) rmSync(`${filename}${end}`, { force: true })
    },
    catch: (cause) => failed(`remove ${filename}`, cause)
  })

/**
 * Puts the content of `from` in the place of `to`, in one transaction of SQLite:
 * a process that is killed leaves the one or the other, and others who have `to`
 * open see that it is another one, by its number `generation`. Where `to` is no database any more, its file is replaced.
 */
export const replace = (
  from: string,
  to: string,
  generation: number
): Effect.Effect<void, StorageBusy | StorageFailed> => {
  const operation = "put the recovered database in its place"
  const asError = (cause: unknown): StorageBusy | StorageFailed =>
    isBusy(cause) ? busy(operation) : failed(operation, cause)
  const copy = Effect.acquireUseRelease(
    Effect.try({
      try: () => {
        const source = new DatabaseSync(from)
        source.exec(`PRAGMA user_version = ${generation % 2 ** 31}`)
        return source
      },
      catch: asError
    }),
    (source) => Effect.tryPromise({ try: () => backup(source, to, { rate: 1_000_000 }), catch: asError }),
    (source) => Effect.sync(() => source.close())
  )
  const move = Effect.try({
    try: () => {
      // A WAL that stays would be read into the new one.
      for (const end of ["-wal", "-shm"]) rmSync(`${to}${end}`, { force: true })
      renameSync(from, to)
      syncPath(dirname(to))
    },
    catch: (cause) => failed(operation, cause)
  })
  return copy.pipe(
    Effect.retry({
      while: ({ _tag }) => _tag === "StorageBusy",
      schedule: Schedule.spaced("50 millis").pipe(Schedule.upTo({ times: 100 }))
    }),
    Effect.asVoid,
    Effect.catchTag("StorageFailed", (error) => (isNoDatabase(error.cause) ? move : Effect.fail(error)))
  )
}
