/** A value kept as JSON text in one column: written by its schema, read back exactly or not at all. */
import { Effect, Schema } from "effect"
import { StorageCorrupt } from "../domain/StorageError.ts"

/** Reads and writes values of `schema` as the body of `table`. */
export const jsonBody = <A, I>(table: string, schema: Schema.Codec<A, I>) => {
  const text = Schema.fromJsonString(schema)
  const encode = Schema.encodeSync(text)
  const decode = Schema.decodeUnknownEffect(text, { onExcessProperty: "error" })
  return {
    /** The text of a value that the types have checked already. */
    encode,
    /** A body that does not decode, or holds a field too many, fails as `StorageCorrupt` under `key`. */
    decode: (key: string, body: unknown): Effect.Effect<A, StorageCorrupt> =>
      decode(body).pipe(
        Effect.mapError(
          (error) =>
            new StorageCorrupt({
              table,
              key,
              message: `the body of ${table} ${key} does not decode: ${error.message}`
            })
        )
      )
  }
}
