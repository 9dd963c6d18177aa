/** Rows in and out: written in batches; read back decoded, and one that does not fit is named. */
import { Array as Arr, Effect, Schema } from "effect"
import { StorageCorrupt } from "../domain/StorageError.ts"

/** SQLite takes 32,766 parameters in a statement; no table here has more than ten columns. */
const ROWS_A_STATEMENT = 3000

/** Writes any number of rows, so many at a time as a statement has room for; one statement where they fit. */
export const inBatches = <A, E, R>(
  rows: ReadonlyArray<A>,
  write: (batch: Arr.NonEmptyReadonlyArray<A>) => Effect.Effect<unknown, E, R>
): Effect.Effect<void, E, R> => Effect.forEach(Arr.chunksOf(rows, ROWS_A_STATEMENT), write, { discard: true })

/** Decodes rows of `table`; a row that does not decode fails as `StorageCorrupt` with the key that `keyOf` gives. */
export const decodeRow = <S extends Schema.Constraint>(
  table: string,
  schema: S,
  keyOf: (row: Readonly<Record<string, unknown>>) => string
) => {
  const decode = Schema.decodeUnknownEffect(schema)
  return (row: Readonly<Record<string, unknown>> | undefined) =>
    decode(row).pipe(
      Effect.mapError(
        (error) =>
          new StorageCorrupt({
            table,
            key: row === undefined ? "(no row)" : keyOf(row),
            message: `a row of ${table} does not decode: ${error.message}`
          })
      )
    )
}
