/** Every database that a store must be right on: in memory, in a file, on a server. */
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Layer } from "effect"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import * as DeskStores from "../../src/storage/DeskStores.ts"
import { databaseOf, scopedSchema, urlOf } from "../support/Postgres.ts"
import { describeWithPostgres } from "../support/WithPostgres.ts"

const inFile = Layer.unwrap(
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped()
    return DeskDatabase.layer({ filename: `${folder}/desk.db`, busyTimeoutMillis: 1000 })
  })
).pipe(Layer.provide(NodeServices.layer), Layer.orDie)

/** A schema of its own, dropped with the scope. */
export const onPostgres: DeskDatabase.DeskDatabase = Layer.unwrap(
  Effect.map(scopedSchema, (schema) => databaseOf(urlOf(schema)))
)

const stores = (database: DeskDatabase.DeskDatabase) =>
  Layer.provideMerge(DeskStores.layer, Layer.fresh(database))

export const memoryStores = stores(DeskDatabase.layerMemory)

type Stores = typeof memoryStores

/** Runs a contract's suite on each of them; every test gets a new one. */
export const onEveryDatabase = (suite: (name: string, layer: Stores) => void): void => {
  suite("SQLite in memory", memoryStores)
  suite("SQLite in a file", stores(inFile))
  describeWithPostgres("with a server", () => suite("PostgreSQL", stores(onPostgres)))
}
