/**
 * Rebuilding a damaged desk.
 *
 * Nothing is destroyed: the database is copied away as it is, a new one is made
 * beside it, and put in its place in one transaction in the end. Killed at any
 * moment, this leaves the old desk or the new one.
 */
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Clock, Effect, Layer, Result } from "effect"
import { AuditLog } from "../audit/AuditLog.ts"
import type { Actor } from "../domain/Actor.ts"
import { StorageFailed } from "../domain/StorageError.ts"
import { fromMillis, toIso } from "../domain/Timestamp.ts"
import { SteadyClock } from "../market/SteadyClock.ts"
import { BookKeeper } from "../execution/BookKeeper.ts"
import { DamagedDesk } from "../execution/DamagedDesk.ts"
import * as Recovery from "../execution/Recovery.ts"
import { RecoveryRefused, survey } from "../execution/RecoverySurvey.ts"
import { bootId } from "./BootId.ts"
import * as DamagedDeskFile from "../storage/DamagedDesk.ts"
import * as DeskDatabase from "../storage/DeskDatabase.ts"
import * as DeskFile from "../storage/DeskFile.ts"
import * as DeskStores from "../storage/DeskStores.ts"
import type { DeskFolder } from "./DeskFolder.ts"
import { BUSY_TIMEOUT_MILLIS, DATABASE_URL, DeskElsewhere, DeskMissing, placeOf } from "./DeskStorage.ts"

const storesOf = (filename: string, audit: string, synchronous: "FULL" | "NORMAL") =>
  AuditLog.layer({ folder: audit }).pipe(
    Layer.provideMerge(DeskStores.layer),
    Layer.provideMerge(DeskDatabase.layer({ filename, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS, synchronous }))
  )

/** The desk's book and log as every command opens them. */
const bookOf = (folder: DeskFolder) =>
  BookKeeper.layer.pipe(
    Layer.provide(SteadyClock.layer({ boot: bootId() })),
    Layer.provideMerge(storesOf(folder.database, folder.audit, "FULL"))
  )

/** The journal and the log of the desk as it stands. */
const agreement = (folder: DeskFolder) =>
  Effect.flatMap(BookKeeper, (keeper) => Effect.andThen(keeper.intact, keeper.current)).pipe(
    Effect.provide(bookOf(folder))
  )

/** What the database of a folder still says. */
const damagedDesk = (folder: DeskFolder) => DamagedDeskFile.layer(folder.database)

/** More than SQLite needs beside a database to open it. */
const PROBE_BYTES = 128 * 1024

/** On a full disk, or where nothing may be written, a sound database looks like a damaged one. */
const canBeWritten = ({ database, home }: DeskFolder): Effect.Effect<void, StorageFailed> => {
  const probe = join(home, `.probe.${process.pid}`)
  return Effect.try({
    try: () => {
      try {
        if (existsSync(database)) accessSync(database, constants.W_OK)
        writeFileSync(probe, Buffer.alloc(PROBE_BYTES))
      } finally {
        rmSync(probe, { force: true })
      }
    },
    catch: (cause) =>
      new StorageFailed({
        operation: "write beside the database",
        message: `whether the desk is damaged cannot be told: ${home} and ${database} cannot be written (${cause instanceof Error ? cause.message : String(cause)}). Free some space, or give this user the right to write there, and try again; nothing was changed`,
        cause
      })
  })
}

/** What is damaged and what can be got back. Changes nothing. */
export const inspect = Effect.fn("RecoverProgram.inspect")(function* (folder: DeskFolder) {
  const place = yield* placeOf(folder)
  if (place?.kind === "postgres") {
    return yield* new DeskElsewhere({
      message: `the desk of ${folder.home} is in ${place.where}: a server's database is restored from the server's backup, and plimsoll doctor looks at each of its rows. Without a backup the desk can be made anew from its audit log, if nobody uses that schema any more: unset ${DATABASE_URL}, move ${folder.place} away, run plimsoll recover, which makes a desk.db, and bring that to an empty schema with plimsoll storage copy --to postgres`
    })
  }
  if (!existsSync(folder.database) && !existsSync(folder.audit)) {
    return yield* new DeskMissing({
      message: `there is neither a database nor an audit log in ${folder.home}: nothing to recover a desk from; run plimsoll init for a new one`
    })
  }
  yield* canBeWritten(folder)
  const opened = existsSync(folder.database)
    ? yield* Effect.result(agreement(folder))
    : Result.fail({ message: `${folder.database} is missing` })
  const { found, old } = yield* Effect.provide(
    Effect.all({ old: DamagedDesk, found: survey(folder.audit) }),
    damagedDesk(folder)
  )
  const problems = [
    ...(Result.isFailure(opened) ? [opened.failure.message] : []),
    ...(old.unreadable === undefined ? [] : [`the database cannot be read: ${old.unreadable}`]),
    ...old.damage,
    ...[...old.lost].map(
      ([table, rows]) => `${table}: ${rows} ${rows === 1 ? "row" : "rows"} that cannot be believed`
    ),
    ...(found.lostLines === 0 ? [] : [`journal: ${found.lostLines} lines of the audit log are missing`]),
    ...(found.contradicting === 0
      ? []
      : [`journal: ${found.contradicting} lines were written after the database had lost its end`]),
    ...(found.log.stopped === undefined || !found.isLogDamaged
      ? []
      : [
          `audit log: ${found.log.stopped.message} (${found.log.stopped.segment}.ndjson, line ${found.log.stopped.line}); ${found.log.unused} lines from there on are not used`
        ]),
    ...(found.untold === 0 ? [] : [`audit log: the entries of ${found.untold} journal lines are missing`])
  ]
  return { survey: found, problems: [...new Set(problems)] }
})

export type Inspection = Effect.Success<ReturnType<typeof inspect>>

const fileWork = (what: string, work: () => void): Effect.Effect<void, StorageFailed> =>
  Effect.try({
    try: work,
    catch: (cause) =>
      new StorageFailed({
        operation: what,
        message: `${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause
      })
  })

export const damagedLog = new RecoveryRefused({
  message:
    "the audit log itself is damaged. If a copy of the damaged file exists, put it back and recover then. If there is none, --retell begins a new log, tells it every journal line again, and keeps the old one beside the old database; the chain of hashes begins anew, and copies of old heads no longer fit"
})

/** Makes the desk anew; gives what came back, and where the old one is kept. */
export const recover = Effect.fn("RecoverProgram.recover")(function* (options: {
  readonly folder: DeskFolder
  readonly actor: Actor
  readonly retell: boolean
  readonly reason: string
}) {
  const { actor, folder, reason, retell } = options
  const fresh = `${folder.database}.recovering`
  const seconds = Math.floor((yield* Clock.currentTimeMillis) / 1000)
  const stamp = toIso(fromMillis(seconds * 1000))
    .slice(0, 19)
    .replaceAll(/[-:]/gu, "")
    .replace("T", "-")
  const kept = join(folder.home, "damaged", stamp)
  const work = Effect.gen(function* () {
    const found = yield* survey(folder.audit)
    if (found.lines === 0) {
      return yield* new RecoveryRefused({
        message: `neither the database nor the audit log in ${folder.home} has a journal line that can be read: there is nothing to rebuild a desk from`
      })
    }
    if (found.isLogDamaged && !retell) return yield* damagedLog
    yield* DeskFile.preserve(folder.database, kept)
    yield* DeskFile.clear(fresh)
    const recovered = yield* Recovery.rebuild({
      survey: found,
      folder: folder.audit,
      actor,
      reason,
      retell: found.isLogDamaged
    }).pipe(Effect.provide(storesOf(fresh, folder.audit, "NORMAL")))
    return { recovered, survey: found }
  })
  // Read while nobody writes.
  const made = yield* Effect.scoped(
    Effect.andThen(DeskFile.holdWrites(folder.database), Effect.provide(work, damagedDesk(folder)))
  )
  yield* DeskFile.replace(fresh, folder.database, seconds)
  yield* DeskFile.clear(fresh)
  if (made.survey.isLogDamaged && existsSync(folder.audit)) {
    yield* fileWork("keep the damaged audit log", () => renameSync(folder.audit, join(kept, "audit")))
  }
  yield* fileWork("forget the last status", () => rmSync(folder.statusSnapshot, { force: true }))
  const audit = yield* proven(folder, made.recovered.book.sequence)
  const report = { ...made, kept, audit }
  yield* fileWork("keep the report", () => {
    mkdirSync(kept, { recursive: true })
    writeFileSync(join(kept, "recovery.json"), `${JSON.stringify(report, null, 2)}\n`)
  })
  return report
})

/** The new desk, held against its log as a whole. */
const proven = (folder: DeskFolder, sequence: number) =>
  Effect.gen(function* () {
    const audit = yield* AuditLog
    const keeper = yield* BookKeeper
    yield* audit.flush
    const intact = yield* audit.verify
    yield* keeper.intact
    const book = yield* keeper.current
    if (book.sequence !== sequence) {
      return yield* new RecoveryRefused({
        message: `the recovered journal ends with line ${book.sequence} and not ${sequence}: another process wrote meanwhile; look at it with plimsoll doctor`
      })
    }
    return { entries: intact.entries, hash: intact.head.hash }
  }).pipe(Effect.provide(bookOf(folder)))
