/**
 * The database a desk is in: `desk.db` in its folder, or, where
 * PLIMSOLL_DATABASE_URL is set, a schema on a PostgreSQL server. Opening the
 * wrong one is refused, and says which is the right one.
 */
import { randomUUID } from "node:crypto"
import { existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer, Option, Schema } from "effect"
import { type StorageError, StorageFailed } from "../domain/StorageError.ts"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import * as DeskDatabase from "../storage/DeskDatabase.ts"
import * as DeskPlace from "../storage/DeskPlace.ts"
import { type DatabaseUrlInvalid, parseAddress, type PostgresAddress } from "../storage/PostgresAddress.ts"
import type { DeskFolder } from "./DeskFolder.ts"
import { type Kind, type Place, placeStamp, readPlace, writePlace } from "./PlaceFile.ts"

/** How long a command waits for another process's transaction. */
export const BUSY_TIMEOUT_MILLIS = 5000

/** The environment variable that puts a desk on a server. */
export const DATABASE_URL = "PLIMSOLL_DATABASE_URL"

/** There is no desk here yet. */
export class DeskMissing extends Schema.TaggedError<DeskMissing>()("DeskMissing", {
  message: Schema.String
}) {}

/** The desk lives in the other database, or this database holds another desk. */
export class DeskElsewhere extends Schema.TaggedError<DeskElsewhere>()("DeskElsewhere", {
  message: Schema.String
}) {}

/** What a desk's folder says of its place. */
export const placeOf = (folder: DeskFolder): Effect.Effect<Place | undefined, DeskElsewhere> =>
  Effect.try({
    try: () => readPlace(folder),
    catch: (cause) =>
      new DeskElsewhere({
        message: `${folder.place} cannot be read (${cause instanceof Error ? cause.message : String(cause)}), so it is not known which database the desk is in: restore the file from a backup`
      })
  })

/** Says from now on where the desk is. */
export const setPlace = (folder: DeskFolder, place: Place): Effect.Effect<void, DeskElsewhere> =>
  Effect.try({
    try: () => writePlace(folder, place),
    catch: (cause) =>
      new DeskElsewhere({
        message: `${folder.place} cannot be written (${cause instanceof Error ? cause.message : String(cause)}), so the desk stays where it was`
      })
  })

/** The server's address, where there is one. */
export const addressOf = ({
  server
}: DeskFolder): Effect.Effect<PostgresAddress | undefined, DatabaseUrlInvalid> =>
  server === undefined ? Effect.succeed(undefined) : Effect.fromResult(parseAddress(DATABASE_URL, server))

/** Fails in every transaction from the moment on in which the desk has moved to the other database. */
const stillIn = (folder: DeskFolder, kind: Kind): Effect.Effect<void, StorageFailed> => {
  // Nothing yet: the first transaction looks, for the desk may move while it is being opened.
  let seen: string | undefined
  let hasSaid = false
  return Effect.suspend(() => {
    const now = placeStamp(folder)
    if (now === seen) return Effect.void
    return placeOf(folder).pipe(
      Effect.mapError(({ message }) => new StorageFailed({ operation: "run a transaction", message })),
      Effect.flatMap((place) => {
        // A file's desk need not have said where it is; one that is being made has not yet.
        if (place?.kind === kind || (place === undefined && !hasSaid)) {
          seen = now
          hasSaid = place !== undefined && kind === "postgres"
          return Effect.void
        }
        if (place === undefined) {
          return Effect.fail(
            new StorageFailed({
              operation: "run a transaction",
              message: `${folder.place} is gone, which says where the desk is: nothing was written`
            })
          )
        }
        return Effect.fail(
          new StorageFailed({
            operation: "run a transaction",
            message: `the desk was moved to ${place.where} while this program had it open: start it again; nothing was written`
          })
        )
      })
    )
  })
}

export const sqliteOf = (folder: DeskFolder): DeskDatabase.DeskDatabase =>
  DeskDatabase.layer(
    { filename: folder.database, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS },
    stillIn(folder, "sqlite")
  )

const postgres = (address: PostgresAddress) => ({ address, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS })

/** The schema of an address, with a desk's tables whether or not it had them. */
export const postgresOf = (folder: DeskFolder, address: PostgresAddress): DeskDatabase.DeskDatabase =>
  DeskDatabase.layerPostgres(postgres(address), stillIn(folder, "postgres"))

const missing = (where: string): DeskMissing =>
  new DeskMissing({ message: `there is no desk in ${where}: run plimsoll init` })

const isLost = ({ database }: DeskFolder): DeskMissing =>
  new DeskMissing({
    message: `the database ${database} is missing or empty, and its audit log is there: put the database back, or run "plimsoll recover", which rebuilds it from the log`
  })

/** A log that tells of a desk. */
const hasLog = ({ audit }: DeskFolder): boolean =>
  existsSync(audit) &&
  readdirSync(audit).some((name) => (statSync(join(audit, name), { throwIfNoEntry: false })?.size ?? 0) > 0)

/** No file, or an empty one that nothing waits to be written to, and a log. */
const isGone = (folder: DeskFolder): boolean => {
  const { database } = folder
  const size = statSync(database, { throwIfNoEntry: false })?.size
  const isThere = size !== undefined && (size > 0 || existsSync(`${database}-wal`))
  return !isThere && hasLog(folder)
}

/** A folder that was a desk's on a server and does not say so any more. */
const isPlaceless = ({ home, place }: DeskFolder): DeskMissing =>
  new DeskMissing({
    message: `${home} has an audit log, and not the file that says on which server its desk is: put ${place} back from a copy. Without a copy, and if no program uses the server's any more, unset ${DATABASE_URL} and run "plimsoll recover", which rebuilds the desk from the log`
  })

const isElsewhere = (folder: DeskFolder, place: Place): DeskElsewhere =>
  new DeskElsewhere({
    message:
      place.kind === "postgres"
        ? `the desk of ${folder.home} is in ${place.where}: set ${DATABASE_URL} to its address`
        : `the desk of ${folder.home} is in ${place.where}, and ${DATABASE_URL} names a server: unset it, or bring the desk there with plimsoll storage copy --to postgres`
  })

const isAnother = (where: string): DeskElsewhere =>
  new DeskElsewhere({
    message: `${where} holds the desk of another folder: choose another schema with ?schema=NAME in ${DATABASE_URL}`
  })

/** The database must be this desk's; one that was left when the desk moved here is taken up again. */
const checked = (where: string, place: Place | undefined) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const row = yield* DeskPlace.read
      if (place === undefined) {
        const { movedTo } = Option.getOrElse(row, () => ({ movedTo: null }))
        if (movedTo === null) return
        return yield* new DeskElsewhere({
          message: `the desk that was in ${where} was moved to ${movedTo}, and ${where} is what was left behind`
        })
      }
      if (Option.isNone(row)) {
        if (place.kind === "postgres") return yield* missing(where)
        // Rebuilt from the audit log, which does not say whose it is.
        return yield* DeskPlace.write({ deskId: place.deskId, movedTo: null })
      }
      if (row.value.deskId !== place.deskId) return yield* isAnother(where)
      // The move here was decided, and whoever made it got no further.
      if (row.value.movedTo !== null) yield* DeskPlace.write({ deskId: place.deskId, movedTo: null })
    })
  )

/** The database of a desk that is there. */
export const openStorage = Effect.fn("DeskStorage.open")(function* (folder: DeskFolder) {
  const address = yield* addressOf(folder)
  const place = yield* placeOf(folder)
  if (address === undefined) {
    if (place?.kind === "postgres") return yield* isElsewhere(folder, place)
    if (isGone(folder)) return yield* isLost(folder)
    if (!existsSync(folder.database)) return yield* missing(folder.home)
    return checked(folder.database, place).pipe(Layer.provideMerge(sqliteOf(folder)))
  }
  if (place?.kind === "sqlite") return yield* isElsewhere(folder, place)
  if (place === undefined && existsSync(folder.database)) {
    return yield* isElsewhere(folder, { kind: "sqlite", where: folder.database, deskId: "" })
  }
  if (place === undefined) return yield* hasLog(folder) ? isPlaceless(folder) : missing(address.shown)
  return checked(address.shown, place).pipe(
    Layer.provideMerge(DeskDatabase.layerPostgresOfDesk(postgres(address), stillIn(folder, "postgres"))),
    Layer.catchTag("DatabaseEmpty", () => Layer.effectContext(Effect.fail(missing(address.shown))))
  )
})

/** Claims the schema for this folder's desk: first the folder says so, then the schema, so that a second try goes on. */
const claimed = (folder: DeskFolder, address: PostgresAddress) =>
  Layer.effectDiscard(
    inOneTransaction(
      Effect.gen(function* () {
        const place = yield* placeOf(folder)
        const deskId = place?.deskId ?? randomUUID()
        const row = yield* DeskPlace.read
        if (Option.isSome(row) && row.value.deskId !== deskId) return yield* isAnother(address.shown)
        if (place === undefined) {
          yield* setPlace(folder, { kind: "postgres", where: address.shown, deskId })
        }
        const holder = yield* DeskPlace.claim(deskId)
        if (holder.deskId !== deskId) return yield* isAnother(address.shown)
      })
    )
  )

/** Two that are making the same desk do it one after the other. */
const inOneTransaction = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.flatMap(UnitOfWork, (unit) => unit.atomically(work))

type Claimed = Layer.Layer<
  Layer.Success<DeskDatabase.DeskDatabase>,
  Layer.Error<DeskDatabase.DeskDatabase> | StorageError | DeskElsewhere | DeskMissing
>

/** The database of a desk that is there or is made now. */
export const newStorage = Effect.fn("DeskStorage.make")(function* (
  folder: DeskFolder
): Effect.fn.Return<Claimed, DeskElsewhere | DeskMissing | DatabaseUrlInvalid> {
  const address = yield* addressOf(folder)
  const place = yield* placeOf(folder)
  if (address === undefined) {
    if (place?.kind === "postgres") return yield* isElsewhere(folder, place)
    if (isGone(folder)) return yield* isLost(folder)
    return checked(folder.database, place).pipe(Layer.provideMerge(sqliteOf(folder)))
  }
  if (place?.kind === "sqlite") return yield* isElsewhere(folder, place)
  if (place === undefined && existsSync(folder.database)) {
    return yield* isElsewhere(folder, { kind: "sqlite", where: folder.database, deskId: "" })
  }
  if (place === undefined && hasLog(folder)) return yield* isPlaceless(folder)
  return claimed(folder, address).pipe(Layer.provideMerge(postgresOf(folder, address)))
})
