/**
 * Which desk a database holds, and whether that desk lives there or has moved
 * to another. The desk's folder has the last word on where it lives
 * (`programs/PlaceFile.ts`); this row keeps two folders from sharing one
 * database by mistake, and tells whoever opens a database that was left.
 */
import { Effect, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { StorageError } from "../domain/StorageError.ts"
import { decodeRow } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"

export interface DeskPlace {
  readonly deskId: string
  /** Where the desk went, in words; null while it lives here. */
  readonly movedTo: string | null
}

const decode = decodeRow(
  "desk_place",
  Schema.Struct({ deskId: Schema.String, movedTo: Schema.NullOr(Schema.String) }),
  () => "1"
)

/** None in a database that no desk has claimed. */
export const read: Effect.Effect<Option.Option<DeskPlace>, StorageError, SqlClient.SqlClient> = Effect.gen(
  function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] =
      yield* sql`SELECT desk_id AS "deskId", moved_to AS "movedTo" FROM desk_place WHERE id = 1`.pipe(
        Effect.mapError(toStorageError("read whose desk this is"))
      )
    return row === undefined ? Option.none() : Option.some(yield* decode(row))
  }
)

/** Writes whose desk it is and where it lives. */
export const write = ({
  deskId,
  movedTo
}: DeskPlace): Effect.Effect<void, StorageError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`INSERT INTO desk_place (id, desk_id, moved_to) VALUES (1, ${deskId}, ${movedTo})
      ON CONFLICT (id) DO UPDATE SET desk_id = excluded.desk_id, moved_to = excluded.moved_to`.pipe(
      Effect.mapError(toStorageError("write whose desk this is"))
    )
  })

/** Claims a database for a desk, unless it is somebody's already; whose it is. */
export const claim = (deskId: string): Effect.Effect<DeskPlace, StorageError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`INSERT INTO desk_place (id, desk_id) VALUES (1, ${deskId}) ON CONFLICT (id) DO NOTHING`.pipe(
      Effect.mapError(toStorageError("write whose desk this is"))
    )
    return Option.getOrElse(yield* read, () => ({ deskId, movedTo: null }))
  })
