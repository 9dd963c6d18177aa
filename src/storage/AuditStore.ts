/** `AuditStore` on SQL. */
import { Array, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { AuditStore, type AuditHead, type OutboxRow } from "../audit/AuditStore.ts"
import { genesis } from "../audit/HashChain.ts"
import { atOneMoment, executeRelaxed } from "./Dialect.ts"
import { inBatches } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

const Natural = Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))

const decodeHead = Tables.auditHead.decode(
  Schema.Struct({ count: Natural, hash: Schema.String, segment: Schema.String, position: Natural })
)
export const decodeOutbox = Tables.auditOutbox.decode(
  Schema.Struct({ sequence: Natural, segment: Schema.String, position: Natural, line: Schema.String })
)
const decodeSegment = Tables.auditSegment.decode(
  Schema.Struct({ segment: Schema.String, first_sequence: Natural })
)

const emptyHead: AuditHead = { ...genesis, segment: "", position: 0 }

export const layer: Layer.Layer<AuditStore, never, SqlClient.SqlClient> = Layer.effect(
  AuditStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const transaction = Effect.serviceOption(sql.transactionService)
    const inside = Effect.flatMap(transaction, (open) =>
      Option.isSome(open)
        ? Effect.void
        : Effect.die(new Error("audit entries are staged inside a transaction only"))
    )
    // Rows of an open transaction may still be rolled back: they must never reach the files.
    const outside = Effect.flatMap(transaction, (open) =>
      Option.isNone(open)
        ? Effect.void
        : Effect.die(new Error("audit entries are flushed outside a transaction only"))
    )

    const head = sql`SELECT ${sql.literal(Tables.auditHead.columns)} FROM audit_head WHERE id = 1`.pipe(
      Effect.mapError(toStorageError("read the head of the audit log")),
      Effect.flatMap((rows) => (rows.length === 0 ? Effect.succeed(emptyHead) : decodeHead(rows[0])))
    )

    const outboxAfter = (sequence: number) =>
      sql`SELECT ${sql.literal(Tables.auditOutbox.columns)} FROM audit_outbox WHERE sequence > ${sequence} ORDER BY sequence`.pipe(
        Effect.mapError(toStorageError("read the audit log's outbox")),
        Effect.flatMap(Effect.forEach((row) => decodeOutbox(row)))
      )

    const segments =
      sql`SELECT ${sql.literal(Tables.auditSegment.columns)} FROM audit_segment ORDER BY segment`.pipe(
        Effect.mapError(toStorageError("read the segments of the audit log")),
        Effect.flatMap(Effect.forEach((row) => decodeSegment(row))),
        Effect.map((rows) =>
          rows.map(({ first_sequence, segment }) => ({ segment, firstSequence: first_sequence }))
        )
      )

    const append = Effect.fnUntraced(
      function* (rows: ReadonlyArray<OutboxRow>, next: AuditHead) {
        yield* inside
        if (rows.length === 0) return
        yield* inBatches(
          rows,
          (batch) =>
            sql`INSERT INTO audit_outbox ${sql.insert(Array.map(batch, ({ line, position, segment, sequence }) => Tables.auditOutbox.seal({ sequence, segment, position, line })))}`
        )
        for (const row of rows) {
          if (row.position > 0) continue
          const begun = Tables.auditSegment.seal({ segment: row.segment, first_sequence: row.sequence })
          yield* sql`INSERT INTO audit_segment ${sql.insert(begun)}`
        }
        const { count, hash, position, segment } = next
        const sealed = Tables.auditHead.seal({ id: 1, count, hash, segment, position })
        yield* sql`INSERT INTO audit_head ${sql.insert(sealed)}
        ON CONFLICT (id) DO UPDATE SET ${sql.literal(Tables.auditHead.excluded)}`
      },
      Effect.mapError(toStorageError("append to the audit log's outbox"))
    )

    const discard = (through: number) =>
      Effect.andThen(
        outside,
        executeRelaxed(sql, sql`DELETE FROM audit_outbox WHERE sequence <= ${through}`)
      ).pipe(Effect.mapError(toStorageError("clear the audit log's outbox")))

    const snapshot = atOneMoment(sql, Effect.all({ head, segments, outbox: outboxAfter(0) })).pipe(
      (reading) => Effect.andThen(outside, reading),
      Effect.catchTag("SqlError", (error) => Effect.fail(toStorageError("read the audit log's state")(error)))
    )

    return AuditStore.of({
      head,
      append,
      outbox: (after) => Effect.andThen(outside, outboxAfter(after)),
      discard,
      snapshot
    })
  })
)
