/**
 * Rows in and out: written in batches, each with a checksum over its columns;
 * read back verified and decoded, and one that does not fit is named.
 *
 * The checksum is a CRC-32: it finds every error burst of up to 32 bits, and
 * misses one in four thousand million of the rest. That is against chance, a
 * disk or a memory that flips bits. Against somebody who changes rows on
 * purpose no checksum helps that stands beside them: that is the audit log's
 * matter (docs/adr/0016-checksums-and-recovery.md).
 */
import { crc32 } from "node:zlib"
import { Array as Arr, Effect, Schema } from "effect"
import { StorageCorrupt } from "../domain/StorageError.ts"
import { checksumBy } from "./Checksum.ts"

/** SQLite takes 32,766 parameters in a statement; no table here has more than twelve columns. */
const ROWS_A_STATEMENT = 2500

/** Writes any number of rows, so many at a time as a statement has room for; one statement where they fit. */
export const inBatches = <A, E, R>(
  rows: ReadonlyArray<A>,
  write: (batch: Arr.NonEmptyReadonlyArray<A>) => Effect.Effect<unknown, E, R>
): Effect.Effect<void, E, R> => Effect.forEach(Arr.chunksOf(rows, ROWS_A_STATEMENT), write, { discard: true })

/** What a column holds here. */
type Cell = string | number | null

/** A row as a driver gives it. */
export type Row = Readonly<Record<string, unknown>>

/** CRC-32 of the cells in order, as a signed 32-bit integer: an INTEGER column of any database holds it. */
export const checksumOf = (cells: Iterable<unknown>): number => checksumBy(crc32, cells)

const corrupt = (table: string, key: string, what: string) =>
  new StorageCorrupt({
    table,
    key,
    message: `${table} row ${key} ${what}: the database is damaged. Whatever needs the row fails; "plimsoll recover" rebuilds it from the audit log`
  })

/**
 * A table whose rows carry a checksum over all their columns. `key` is the
 * column that names a row in errors: the first unless said otherwise.
 */
export const sealedTable = <const Column extends string>(
  name: string,
  columns: readonly [Column, ...ReadonlyArray<Column>],
  key: Column = columns[0]
) => {
  const keyOf = (row: Row): string => String(row[key])
  const sumOf = (row: Row): number => checksumOf(columns.map((column) => row[column]))

  /** The row, its checksum being that of its columns. */
  const verify = (row: Row | undefined): Effect.Effect<Row, StorageCorrupt> => {
    if (row === undefined) return Effect.fail(corrupt(name, "(none)", "is missing"))
    return row["checksum"] === sumOf(row)
      ? Effect.succeed(row)
      : Effect.fail(corrupt(name, keyOf(row), "does not match its checksum"))
  }

  return {
    name,
    key,
    /** What a SELECT has to read: every column and the checksum. */
    columns: [...columns, "checksum"].join(", "),
    /** After ON CONFLICT … DO UPDATE SET: every column as it would have been inserted. */
    excluded: [...columns, "checksum"].map((column) => `${column} = excluded.${column}`).join(", "),
    /** A row to insert, with its checksum. */
    seal: (row: Readonly<Record<Column, Cell>>) => ({ ...row, checksum: sumOf(row) }),
    verify,
    /** Verifies a row that was read with `columns`, then decodes it. */
    decode: <S extends Schema.Constraint>(schema: S) => {
      const decode = Schema.decodeUnknownEffect(schema)
      return (row: Row | undefined) =>
        Effect.flatMap(verify(row), (verified) =>
          decode(verified).pipe(
            Effect.mapError((error) => corrupt(name, keyOf(verified), `does not decode: ${error.message}`))
          )
        )
    }
  }
}
