/** Where a desk lives, and how much of it there is. */
import { Effect } from "effect"
import * as Catalog from "../storage/Catalog.ts"
import { currentVersion } from "../storage/Migrations.ts"
import { toStorageError } from "../storage/Sqlite.ts"
import type { DeskFolder } from "./DeskFolder.ts"
import { addressOf, openStorage } from "./DeskStorage.ts"
import type { Kind } from "./PlaceFile.ts"

export interface Shown {
  readonly kind: Kind
  /** Without the password. */
  readonly where: string
  readonly engine: string
  /** Of the tables. */
  readonly version: number
  readonly bytes: number
  readonly tables: ReadonlyArray<{ readonly table: string; readonly rows: number }>
}

export const showStorage = Effect.fn("StorageShow.show")(function* (folder: DeskFolder) {
  const address = yield* addressOf(folder)
  const storage = yield* openStorage(folder)
  const look = Effect.gen(function* () {
    const tables = yield* Effect.forEach(yield* Catalog.tables, ({ name }) =>
      Effect.map(Catalog.count(name), (rows) => ({ table: name, rows }))
    )
    const shown: Shown = {
      kind: address === undefined ? "sqlite" : "postgres",
      where: address?.shown ?? folder.database,
      engine: yield* Catalog.engine,
      version: yield* Effect.mapError(currentVersion, toStorageError("read the version")),
      bytes: yield* Catalog.size,
      tables
    }
    return shown
  })
  return yield* Effect.provide(look, storage)
})
