/** `CrankLease` on SQL. */
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import { CrankLease } from "../execution/CrankLease.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

const crank = "crank"

const LeaseRow = Schema.Struct({ holder: Schema.String, token: Schema.Int, expires_at: Schema.Int })
const decodeLease = Tables.lease.decode(LeaseRow)

export const layer: Layer.Layer<CrankLease, never, SqlClient.SqlClient | UnitOfWork> = Layer.effect(
  CrankLease,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const unit = yield* UnitOfWork

    const current = sql`SELECT ${sql.literal(Tables.lease.columns)} FROM lease WHERE name = ${crank}`.pipe(
      Effect.mapError(toStorageError("read the crank's lease")),
      Effect.flatMap((rows) =>
        rows.length === 0 ? Effect.succeedNone : Effect.map(decodeLease(rows[0]), Option.some)
      )
    )

    const write = (holder: string, token: number, expiresAt: number) =>
      sql`INSERT INTO lease ${sql.insert(Tables.lease.seal({ name: crank, holder, token, expires_at: expiresAt }))}
          ON CONFLICT (name) DO UPDATE SET ${sql.literal(Tables.lease.excluded)}`.pipe(
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

    const release: CrankLease["Service"]["release"] = ({ holder, token }) =>
      unit.atomically(
        Effect.gen(function* () {
          const lease = yield* current
          if (!Option.exists(lease, (held) => held.holder === holder && held.token === token)) return false
          yield* write(holder, token, 0)
          return true
        })
      )

    return CrankLease.of({ acquire, release })
  })
)
