/** `TrialLedger` on SQLite: one file beside the backtests; any number of processes write to it. */
import { crc32 } from "node:zlib"
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { type NewTrial, type StoredTrial, TrialLedger } from "../backtest/TrialLedger.ts"
import { SessionDate } from "../domain/Timestamp.ts"
import { StorageCorrupt, type StorageError, StorageFailed } from "../domain/StorageError.ts"
import { StrategyParameters } from "../session/Strategy.ts"
import * as Sqlite from "./Sqlite.ts"
import { sqliteCode, sqliteCodes } from "./SqliteCode.ts"
import * as TrialTables from "./TrialTables.ts"

const { trialTable } = TrialTables

/** How long a statement waits for another process's transaction. */
const BUSY_TIMEOUT_MILLIS = 10_000

/** Little-endian float64, whatever the machine. */
const bytesOf = (returns: Float64Array): Uint8Array => {
  const bytes = new Uint8Array(returns.length * 8)
  const view = new DataView(bytes.buffer)
  returns.forEach((value, i) => view.setFloat64(i * 8, value, true))
  return bytes
}

const returnsOf = (bytes: Uint8Array): Float64Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float64Array.from({ length: bytes.byteLength / 8 }, (_, i) => view.getFloat64(i * 8, true))
}

const checksumOf = (bytes: Uint8Array): number => crc32(bytes) | 0

const TrialRow = Schema.Struct({
  id: Schema.NonEmptyString,
  dataset: Schema.NonEmptyString,
  data_hash: Schema.NonEmptyString,
  first_session: SessionDate,
  last_session: SessionDate,
  algorithm: Schema.NonEmptyString,
  code_hash: Schema.NonEmptyString,
  parameters: Schema.fromJsonString(StrategyParameters),
  profile: Schema.NonEmptyString,
  engine: Schema.NonEmptyString,
  source: Schema.NonEmptyString,
  ran_at: Schema.Int,
  periods: Schema.Int,
  returns_checksum: Schema.Int,
  returns: Schema.instanceOf(Uint8Array),
  runs: Schema.Int
})

const rowOf = (trial: NewTrial) => {
  const returns = bytesOf(trial.returns)
  const sealed = trialTable.seal({
    id: trial.id,
    dataset: trial.dataset,
    data_hash: trial.dataHash,
    first_session: trial.from,
    last_session: trial.to,
    algorithm: trial.algorithm,
    code_hash: trial.codeHash,
    parameters: JSON.stringify(trial.parameters),
    profile: trial.profile,
    engine: trial.engine,
    source: trial.source,
    ran_at: trial.ranAt,
    periods: trial.returns.length,
    returns_checksum: checksumOf(returns)
  })
  return { ...sealed, returns, runs: 1 }
}

const trialOf = (row: typeof TrialRow.Type): StoredTrial => ({
  id: row.id,
  dataset: row.dataset,
  dataHash: row.data_hash,
  from: row.first_session,
  to: row.last_session,
  algorithm: row.algorithm,
  codeHash: row.code_hash,
  parameters: row.parameters,
  profile: row.profile,
  engine: row.engine,
  source: row.source,
  ranAt: row.ran_at,
  returns: returnsOf(row.returns),
  runs: row.runs
})

/** Of a file that is damaged, or is none of its own. */
const DAMAGED: ReadonlySet<number> = new Set([sqliteCodes.corrupt, sqliteCodes.notADatabase])

const isDamage = (cause: unknown): boolean => DAMAGED.has(sqliteCode(cause))

/** The desk's advice is about the desk's own database: this one has its own. */
const advised =
  (file: string) =>
  (error: StorageError): StorageError => {
    const advice = `move ${file} and what stands beside it under that name away, and a new ledger is begun; the stored backtests are whole without it, the count of trials is lost`
    switch (error._tag) {
      case "StorageFailed":
        return isDamage(error.cause)
          ? new StorageFailed({
              operation: error.operation,
              message: `the trial ledger ${file} is damaged, nothing was written: ${advice}`,
              cause: error.cause
            })
          : error
      case "StorageCorrupt":
        return new StorageCorrupt({
          table: error.table,
          key: error.key,
          message: `the trial ledger ${file} is damaged in the trial ${error.key}: ${advice}`
        })
      case "StorageBusy":
      case "StorageUnknown":
        return error
    }
  }

const corrupt = (key: string) => new StorageCorrupt({ table: "trials", key, message: "damaged" })

const decode = trialTable.decode(TrialRow)
const DatasetRows = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ dataset: Schema.String, trials: Schema.Int, runs: Schema.Int }))
)

const make = (file: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const mended = Effect.mapError(advised(file))
    const insert = (trial: NewTrial) =>
      sql`INSERT INTO trials ${sql.insert(rowOf(trial))} ON CONFLICT (id) DO UPDATE SET runs = runs + 1`

    const wholeTrial = (row: Readonly<Record<string, unknown>>) =>
      Effect.flatMap(decode(row), (decoded) =>
        checksumOf(decoded.returns) === decoded.returns_checksum &&
        decoded.returns.length === decoded.periods * 8
          ? Effect.succeed(trialOf(decoded))
          : Effect.fail(corrupt(decoded.id))
      )

    return TrialLedger.of({
      record: (trials) =>
        sql
          .withTransaction(Effect.forEach(trials, insert, { discard: true }))
          .pipe(Effect.mapError(Sqlite.toStorageError("enter trials")), mended),
      trials: (dataset) =>
        sql`SELECT ${sql.literal(trialTable.columns)}, returns, runs FROM trials
            WHERE dataset = ${dataset} ORDER BY sequence`.pipe(
          Effect.mapError(Sqlite.toStorageError("read trials")),
          Effect.flatMap((rows) => Effect.forEach(rows, wholeTrial)),
          mended
        ),
      datasets: sql`SELECT dataset, count(*) AS trials, sum(runs) AS runs FROM trials
          GROUP BY dataset ORDER BY dataset`.pipe(
        Effect.mapError(Sqlite.toStorageError("count trials")),
        Effect.flatMap((rows) => Effect.mapError(DatasetRows(rows), () => corrupt("datasets"))),
        mended
      )
    })
  })

const over = <E>(client: Layer.Layer<SqlClient.SqlClient, E>, file: string) =>
  Layer.effect(TrialLedger, make(file)).pipe(Layer.provideMerge(TrialTables.layer), Layer.provide(client))

/** The ledger in a file; its folder has to be there. */
export const layer = (options: { readonly filename: string }): Layer.Layer<TrialLedger, StorageError> =>
  over(
    Sqlite.layer({ filename: options.filename, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS }),
    options.filename
  ).pipe(Layer.catch((error) => Layer.effect(TrialLedger, Effect.fail(advised(options.filename)(error)))))

/** A ledger of its own in memory, gone with the scope. */
export const layerMemory: Layer.Layer<TrialLedger, StorageError> = over(Sqlite.layerMemory, ":memory:")
