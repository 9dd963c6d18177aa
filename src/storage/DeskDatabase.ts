/** The desk's database, open and up to date, with its transactions. */
import { Layer } from "effect"
import type { SqlClient } from "effect/sql"
import type { StorageBusy, StorageFailed } from "../domain/StorageError.ts"
import type { UnitOfWork } from "../domain/UnitOfWork.ts"
import * as Migrations from "./Migrations.ts"
import * as Sqlite from "./Sqlite.ts"
import * as SqlUnitOfWork from "./SqlUnitOfWork.ts"

type DeskDatabase = Layer.Layer<SqlClient.SqlClient | UnitOfWork, StorageBusy | StorageFailed>

const over = (client: Layer.Layer<SqlClient.SqlClient, StorageBusy | StorageFailed>): DeskDatabase =>
  Layer.merge(SqlUnitOfWork.layer, Migrations.layer).pipe(Layer.provideMerge(client))

/** The database in a file; see `Sqlite.layer`. */
export const layer = (options: Sqlite.SqliteOptions): DeskDatabase => over(Sqlite.layer(options))

/** A database of its own in memory, gone with the scope. */
export const layerMemory: DeskDatabase = over(Sqlite.layerMemory)
