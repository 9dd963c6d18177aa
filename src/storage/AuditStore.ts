/** `AuditStore` on SQL. */
import { Array, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { AuditStore, type AuditHead, type OutboxRow } from "../audit/AuditStore.ts"
import { genesis } from "../audit/HashChain.ts"
import { decodeRow, inBatches } from "./Rows.ts"
import { executeRelaxed, toStorageError } from "./Sqlite.ts"

const Natural = Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))

const decodeHead = decodeRow(
  "audit_head",
  Schema.Struct({ count: Natural, hash: Schema.String, segment: Schema.String, position: Natural }),
  () => "1"
)
const decodeOutbox = decodeRow(
  "audit_outbox",
  Schema.Struct({ sequence: Natural, segment: Schema.String, position: Natural, line: Schema.String }),
  (row) => String(row["sequence"])
)
const decodeSegment = decodeRow(
  "audit_segment",
  Schema.Struct({ segment: Schema.String, firstSequence: Natural }),
  (row) => String(row["segment"])
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

    const head = sql`SELECT count, hash, segment, position FROM audit_head WHERE id = 1`.pipe(
      Effect.mapError(toStorageError("read the head of the audit log")),
      Effect.flatMap((rows) => (rows.length === 0 ? Effect.succeed(emptyHead) : decodeHead(rows[0])))
    )

    const outboxAfter = (sequence: number) =>
      sql`SELECT sequence, segment, position, line FROM audit_outbox WHERE sequence > ${sequence} ORDER BY sequence`.pipe(
        Effect.mapError(toStorageError("read the audit log's outbox")),
        Effect.flatMap(Effect.forEach((row) => decodeOutbox(row)))
      )

    const segments =
      sql`SELECT segment, first_sequence AS "firstSequence" FROM audit_segment ORDER BY segment`.pipe(
        Effect.mapError(toStorageError("read the segments of the audit log")),
        Effect.flatMap(Effect.forEach((row) => decodeSegment(row)))
      )

    const append = Effect.fnUntraced(
      function* (rows: ReadonlyArray<OutboxRow>, next: AuditHead) {
        yield* inside
        if (rows.length === 0) return
        yield* inBatches(
          rows,
          (batch) =>
            sql`INSERT INTO audit_outbox ${sql.insert(Array.map(batch, ({ line, position, segment, sequence }) => ({ sequence, segment, position, line })))}`
        )
        for (const row of rows) {
          if (row.position > 0) continue
          yield* sql`INSERT INTO audit_segment (segment, first_sequence) VALUES (${row.segment}, ${row.sequence})`
        }
        yield* sql`INSERT INTO audit_head (id, count, hash, segment, position)
        VALUES (1, ${next.count}, ${next.hash}, ${next.segment}, ${next.position})
        ON CONFLICT (id) DO UPDATE SET count = excluded.count, hash = excluded.hash,
          segment = excluded.segment, position = excluded.position`
      },
      Effect.mapError(toStorageError("append to the audit log's outbox"))
    )

    const discard = (through: number) =>
      Effect.andThen(
        outside,
        executeRelaxed(sql, "DELETE FROM audit_outbox WHERE sequence <= ?", [through])
      ).pipe(Effect.mapError(toStorageError("clear the audit log's outbox")))

    const snapshot = sql.withTransaction(Effect.all({ head, segments, outbox: outboxAfter(0) })).pipe(
      // Reading needs no write lock.
      Effect.provideService(SqlClient.BeginTransaction, "BEGIN"),
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
