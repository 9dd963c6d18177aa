/** `InstrumentStore` on SQL. */
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Instrument } from "../domain/Instrument.ts"
import { SessionDate } from "../domain/Timestamp.ts"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import { InstrumentStore, type KeptInstrument } from "../market/InstrumentStore.ts"
import { inBatches } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

const table = Tables.instruments

const decode = table.decode(
  Schema.Struct({ last_session: SessionDate, body: Schema.fromJsonString(Instrument) })
)

interface SealedRow {
  readonly id: string
  readonly row: ReturnType<typeof table.seal>
}

const sealed = ({ instrument, lastSession }: KeptInstrument): SealedRow => ({
  id: instrument.id,
  row: table.seal({
    instrument_id: instrument.id,
    symbol: instrument.symbol,
    last_session: lastSession,
    body: JSON.stringify(instrument)
  })
})

const isAsStored = ({ row }: SealedRow, stored: Readonly<Record<string, unknown>> | undefined): boolean =>
  stored !== undefined && Object.entries(row).every(([column, cell]) => stored[column] === cell)

export const layer: Layer.Layer<InstrumentStore, never, SqlClient.SqlClient | UnitOfWork> = Layer.effect(
  InstrumentStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const unit = yield* UnitOfWork
    const columns = sql.literal(table.columns)

    const difference = Effect.fnUntraced(function* (rows: ReadonlyArray<SealedRow>) {
      const stored = yield* sql`SELECT ${columns} FROM instruments`
      const before = new Map(stored.map((row) => [String(row["instrument_id"]), row]))
      const wanted = new Set(rows.map(({ id }) => id))
      return {
        changed: rows.filter((one) => !isAsStored(one, before.get(one.id))).map(({ row }) => row),
        gone: [...before.keys()].filter((id) => !wanted.has(id))
      }
    })

    const write = Effect.fnUntraced(function* (rows: ReadonlyArray<SealedRow>) {
      const { changed, gone } = yield* difference(rows)
      yield* inBatches(gone, (ids) => sql`DELETE FROM instruments WHERE ${sql.in("instrument_id", ids)}`)
      yield* inBatches(
        changed,
        (batch) => sql`INSERT INTO instruments ${sql.insert(batch)}
          ON CONFLICT (instrument_id) DO UPDATE SET ${sql.literal(table.excluded)}`
      )
    })

    const readError = toStorageError("read the instruments")

    return InstrumentStore.of({
      keep: Effect.fnUntraced(function* (listed) {
        const rows = listed.map(sealed)
        // Looked at before: nobody waits for a transaction that has nothing to write.
        const { changed, gone } = yield* Effect.mapError(difference(rows), readError)
        if (changed.length === 0 && gone.length === 0) return
        yield* unit.atomically(Effect.mapError(write(rows), toStorageError("keep the instruments")))
      }),
      find: (name) =>
        sql`SELECT ${columns} FROM instruments WHERE symbol = ${name} OR instrument_id = ${name} LIMIT 1`.pipe(
          Effect.mapError(readError),
          Effect.flatMap(([row]) =>
            row === undefined
              ? Effect.succeedNone
              : Effect.asSome(
                  Effect.map(decode(row), ({ body, last_session }) => ({
                    instrument: body,
                    lastSession: last_session
                  }))
                )
          )
        ),
      lastSession: sql`SELECT ${columns} FROM instruments ORDER BY last_session DESC LIMIT 1`.pipe(
        Effect.mapError(readError),
        Effect.flatMap(([row]) =>
          row === undefined
            ? Effect.succeedNone
            : Effect.asSome(Effect.map(decode(row), ({ last_session }) => last_session))
        )
      ),
      symbols: sql<{ readonly symbol: string }>`SELECT symbol FROM instruments ORDER BY symbol`.pipe(
        Effect.mapError(readError),
        Effect.map((rows) => rows.map(({ symbol }) => symbol))
      )
    })
  })
)
