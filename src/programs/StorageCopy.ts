/**
 * Moves a desk between `desk.db` and a PostgreSQL server.
 *
 * The order of steps is the promise that the desk is in one place at any
 * instant, also when the power fails between two of them:
 *
 * 1. The source is locked until the end: nobody writes, nobody moves it too.
 * 2. All rows go into the target in one transaction, are compared, and are
 *    committed there as a desk that is elsewhere. The source is the desk.
 * 3. `place.json` is replaced: from here on the target is the desk. Whoever
 *    waits for the source's lock finds that out before writing.
 * 4. Target and source are told. What was not told is told by whoever opens it.
 */
import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import * as Catalog from "../storage/Catalog.ts"
import { clear, copy, type Fingerprint } from "../storage/Copy.ts"
import type * as DeskDatabase from "../storage/DeskDatabase.ts"
import * as DeskPlace from "../storage/DeskPlace.ts"
import { exclusively } from "../storage/Dialect.ts"
import { toStorageError } from "../storage/Sqlite.ts"
import type { DeskFolder } from "./DeskFolder.ts"
import {
  addressOf,
  DATABASE_URL,
  DeskElsewhere,
  DeskMissing,
  openStorage,
  placeOf,
  postgresOf,
  setPlace,
  sqliteOf
} from "./DeskStorage.ts"
import type { Kind } from "./PlaceFile.ts"

/** Both databases have to be named. */
export class CopyNeedsServer extends Schema.TaggedError<CopyNeedsServer>()("CopyNeedsServer", {
  message: Schema.String
}) {}

/** The database that the desk would be copied to has something in it already. */
export class StorageNotEmpty extends Schema.TaggedError<StorageNotEmpty>()("StorageNotEmpty", {
  message: Schema.String
}) {}

export interface Copied {
  readonly from: string
  readonly to: string
  readonly tables: ReadonlyArray<Fingerprint>
}

type Database = Context.Context<Layer.Success<DeskDatabase.DeskDatabase>>

const into =
  (database: Database) =>
  <A, E>(body: Effect.Effect<A, E, SqlClient.SqlClient>): Effect.Effect<A, E> =>
    Effect.provideContext(body, database)

/** Fails unless the target is empty, or is this very desk's and was left when it moved away; then that is cleared. */
const makeRoom = Effect.fnUntraced(function* (options: {
  readonly to: Database
  readonly where: string
  readonly deskId: string
  readonly tables: ReadonlyArray<Catalog.Table>
}) {
  const { deskId, tables, to, where } = options
  const row = yield* into(to)(DeskPlace.read)
  if (Option.isSome(row) && row.value.deskId === deskId && row.value.movedTo !== null) {
    return yield* clear(Context.get(to, SqlClient.SqlClient), tables)
  }
  let rows = 0
  for (const { name } of tables) rows += yield* into(to)(Catalog.count(name))
  if (Option.isSome(row) || rows > 0) {
    return yield* new StorageNotEmpty({
      message: `${where} is not empty: it holds ${Option.isSome(row) ? "another desk" : `${rows} rows`}. Copy to an empty one: another schema with ?schema=NAME in ${DATABASE_URL}, or move the file away`
    })
  }
})

const inTransaction = <A, E>(database: Database, work: Effect.Effect<A, E>) =>
  exclusively(Context.get(database, SqlClient.SqlClient), work).pipe(
    Effect.catchIf(SqlError.isSqlError, (error) => Effect.fail(toStorageError("copy the desk")(error)))
  )

/** The two ends of a move that makes sense now. */
const ends = Effect.fnUntraced(function* (folder: DeskFolder, to: Kind) {
  const address = yield* addressOf(folder)
  if (address === undefined) {
    return yield* new CopyNeedsServer({
      message: `storage copy goes between ${folder.database} and a server: set ${DATABASE_URL} to the server's address (plimsoll storage copy --help shows one)`
    })
  }
  const place = yield* placeOf(folder)
  if (place?.kind === to || (to === "sqlite" && place === undefined)) {
    return yield* new DeskElsewhere({
      message: `the desk of ${folder.home} is in ${place?.where ?? folder.database} already`
    })
  }
  const server = { where: address.shown, database: postgresOf(folder, address) }
  const file = { where: folder.database, database: sqliteOf(folder) }
  if (to === "sqlite")
    return { from: { where: server.where, database: yield* openStorage(folder) }, to: file }
  if (!existsSync(folder.database)) {
    return yield* new DeskMissing({ message: `there is no desk in ${folder.home}: run plimsoll init` })
  }
  return {
    from: { where: file.where, database: yield* openStorage({ ...folder, server: undefined }) },
    to: server
  }
})

/** Moves the desk of `folder`; `onProgress` hears how many rows of how many have gone. */
export const copyDesk = Effect.fn("StorageCopy.copy")(function* (options: {
  readonly folder: DeskFolder
  readonly to: Kind
  readonly onProgress: (rows: number, of: number) => Effect.Effect<void>
}) {
  const { folder, onProgress, to: kind } = options
  const { from: source, to: target } = yield* ends(folder, kind)
  const from: Database = yield* Layer.build(Layer.fresh(source.database))
  const to: Database = yield* Layer.build(Layer.fresh(target.database))
  // Known by name before it leaves, so that a second try finds what a first one left.
  const { deskId } = yield* into(from)(DeskPlace.claim(randomUUID()))
  const tables = yield* into(from)(Catalog.tables)

  const send = Effect.gen(function* () {
    let total = 0
    for (const { name } of tables) total += yield* into(from)(Catalog.count(name))
    yield* makeRoom({ to, where: target.where, deskId, tables })
    let rows = 0
    const copied = yield* copy({
      from: Context.get(from, SqlClient.SqlClient),
      to: Context.get(to, SqlClient.SqlClient),
      tables,
      onRows: (more) => Effect.suspend(() => onProgress((rows += more), total))
    })
    yield* into(to)(DeskPlace.write({ deskId, movedTo: source.where }))
    return copied
  })

  const move = Effect.gen(function* () {
    // Somebody may have moved it while this waited for the lock.
    const place = yield* placeOf(folder)
    if (place?.kind === kind) {
      return yield* new DeskElsewhere({ message: `the desk was moved to ${place.where} meanwhile` })
    }
    const tables = yield* inTransaction(to, send)
    yield* setPlace(folder, { kind, where: target.where, deskId })
    moved = { from: source.where, to: target.where, tables }
    yield* into(to)(DeskPlace.write({ deskId, movedTo: null }))
    yield* into(from)(DeskPlace.write({ deskId, movedTo: target.where }))
    return moved
  })

  let moved: Copied | undefined
  return yield* inTransaction(from, move).pipe(
    // It was decided, and only the telling failed: whoever opens the desk tells it.
    Effect.catch((error) => (moved === undefined ? Effect.fail(error) : Effect.succeed(moved)))
  )
})
