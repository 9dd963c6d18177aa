/** The desk's database, open and up to date, with its transactions. */
import { Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql"
import type { StorageBusy, StorageFailed, StorageUnknown } from "../domain/StorageError.ts"
import type { UnitOfWork } from "../domain/UnitOfWork.ts"
import * as Migrations from "./Migrations.ts"
import type { PostgresOptions } from "./Postgres.ts"
import * as Sqlite from "./Sqlite.ts"
import * as SqlUnitOfWork from "./SqlUnitOfWork.ts"

export type DeskDatabase = Layer.Layer<
  SqlClient.SqlClient | UnitOfWork,
  StorageBusy | StorageFailed | StorageUnknown
>

/** Whether the desk is still in this database; asked in every transaction. */
type StillHere = Effect.Effect<void, StorageFailed>

const over = <E>(client: Layer.Layer<SqlClient.SqlClient, E>, stillHere: StillHere = Effect.void) =>
  Layer.merge(SqlUnitOfWork.layerWhile(stillHere), Migrations.layer).pipe(Layer.provideMerge(client))

/** The database in a file; see `Sqlite.layer`. */
export const layer = (options: Sqlite.SqliteOptions, stillHere?: StillHere): DeskDatabase =>
  over(Sqlite.layer(options), stillHere)

/** The client is loaded here and by nobody else: a desk in a file does without it. */
const postgres = (options: PostgresOptions) =>
  Layer.unwrap(
    Effect.map(
      Effect.promise(() => import("./Postgres.ts")),
      (Postgres) => Postgres.layer(options)
    )
  )

/** The schema on a PostgreSQL server, made where it is missing; see `Postgres.layer`. */
export const layerPostgres = (options: PostgresOptions, stillHere?: StillHere): DeskDatabase =>
  over(postgres(options), stillHere)

/** The same of a schema that is there; one without a desk's tables is left as it is. */
export const layerPostgresOfDesk = (options: PostgresOptions, stillHere?: StillHere) =>
  over(Layer.effectDiscard(Migrations.refuseEmpty).pipe(Layer.provideMerge(postgres(options))), stillHere)

/** A database of its own in memory, gone with the scope. */
export const layerMemory: DeskDatabase = over(Sqlite.layerMemory)
