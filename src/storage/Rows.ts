/** Reading rows back: every row is decoded, and one that does not fit is named. */
import { Effect, Schema } from "effect"
import { StorageCorrupt } from "../domain/StorageError.ts"

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
