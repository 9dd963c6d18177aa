/** `CrankLease` on SQL. */
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import { CrankLease } from "../execution/CrankLease.ts"
import { decodeRow } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"

const crank = "crank"

const LeaseRow = Schema.Struct({ holder: Schema.String, token: Schema.Int, expires_at: Schema.Int })
const decodeLease = decodeRow("lease", LeaseRow, () => crank)

export const layer: Layer.Layer<CrankLease, never, SqlClient.SqlClient | UnitOfWork> = Layer.effect(
  CrankLease,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const unit = yield* UnitOfWork

    const current = sql`SELECT holder, token, expires_at FROM lease WHERE name = ${crank}`.pipe(
      Effect.mapError(toStorageError("read the crank's lease")),
      Effect.flatMap((rows) =>
        rows.length === 0 ? Effect.succeedNone : Effect.map(decodeLease(rows[0]), Option.some)
      )
    )

    const write = (holder: string, token: number, expiresAt: number) =>
      sql`INSERT INTO lease (name, holder, token, expires_at) VALUES (${crank}, ${holder}, ${token}, ${expiresAt})
          ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token, expires_at = excluded.expires_at`.pipe(
        Effect.mapError(toStorageError("write the crank's lease"))
      )

    const acquire: CrankLease["Service"]["acquire"] = ({ holder, now, ttlMicros }) =>
      unit.atomically(
        Effect.gen(function* () {
          const lease = yield* current
          if (Option.isNone(lease)) {
            yield* write(holder, 1, now + ttlMicros)
            return Option.some({ holder, token: 1 })
          }
          const { expires_at, holder: other, token } = lease.value
          if (other !== holder && expires_at > now) return Option.none()
          const mine = other === holder ? token : token + 1
          yield* write(holder, mine, now + ttlMicros)
          return Option.some({ holder, token: mine })
        })
      )

    const release: CrankLease["Service"]["release"] = (lease) =>
      sql`UPDATE lease SET expires_at = 0
          WHERE name = ${crank} AND holder = ${lease.holder} AND token = ${lease.token} RETURNING token`.pipe(
        Effect.mapError(toStorageError("release the crank's lease")),
        Effect.map((rows) => rows.length > 0)
      )

    return CrankLease.of({ acquire, release })
  })
)
