/**
 * Which desk a database holds, and whether that desk lives there or has moved
 * to another. The desk's folder has the last word on where it lives
 * (`programs/PlaceFile.ts`); this row keeps two folders from sharing one
 * database by mistake, and tells whoever opens a database that was left.
 */
import { Effect, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { StorageError } from "../domain/StorageError.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

export interface DeskPlace {
  readonly deskId: string
  /** Where the desk went, in words; null while it lives here. */
  readonly movedTo: string | null
}

const table = Tables.deskPlace
const decode = table.decode(Schema.Struct({ desk_id: Schema.String, moved_to: Schema.NullOr(Schema.String) }))

const columnsOf = ({ deskId, movedTo }: DeskPlace) =>
  table.seal({ id: 1, desk_id: deskId, moved_to: movedTo })

/** None in a database that no desk has claimed. */
export const read: Effect.Effect<Option.Option<DeskPlace>, StorageError, SqlClient.SqlClient> = Effect.gen(
  function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql`SELECT ${sql.literal(table.columns)} FROM desk_place WHERE id = 1`.pipe(
      Effect.mapError(toStorageError("read whose desk this is"))
    )
    if (row === undefined) return Option.none<DeskPlace>()
    const { desk_id: deskId, moved_to: movedTo } = yield* decode(row)
    return Option.some<DeskPlace>({ deskId, movedTo })
  }
)

/** Writes whose desk it is and where it lives. */
export const write = (place: DeskPlace): Effect.Effect<void, StorageError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`INSERT INTO desk_place ${sql.insert(columnsOf(place))}
      ON CONFLICT (id) DO UPDATE SET ${sql.literal(table.excluded)}`.pipe(
      Effect.mapError(toStorageError("write whose desk this is"))
    )
  })

/** Claims a database for a desk, unless it is somebody's already; whose it is. */
export const claim = (deskId: string): Effect.Effect<DeskPlace, StorageError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`INSERT INTO desk_place ${sql.insert(columnsOf({ deskId, movedTo: null }))}
      ON CONFLICT (id) DO NOTHING`.pipe(Effect.mapError(toStorageError("write whose desk this is")))
    return Option.getOrElse(yield* read, () => ({ deskId, movedTo: null }))
  })
