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

const over = (client: Layer.Layer<SqlClient.SqlClient, StorageBusy | StorageFailed>): DeskDatabase =>
  Layer.merge(SqlUnitOfWork.layer, Migrations.layer).pipe(Layer.provideMerge(client))

/** The database in a file; see `Sqlite.layer`. */
export const layer = (options: Sqlite.SqliteOptions): DeskDatabase => over(Sqlite.layer(options))

/** The schema on a PostgreSQL server; see `Postgres.layer`, which is loaded here and by nobody else. */
export const layerPostgres = (options: PostgresOptions): DeskDatabase =>
  over(
    Layer.unwrap(
      Effect.map(
        Effect.promise(() => import("./Postgres.ts")),
        (Postgres) => Postgres.layer(options)
      )
    )
  )

/** A database of its own in memory, gone with the scope. */
export const layerMemory: DeskDatabase = over(Sqlite.layerMemory)
