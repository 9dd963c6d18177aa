/** What every `AuditStore` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, type Layer } from "effect"
import { type AuditHead, AuditStore, type OutboxRow } from "../../src/audit/AuditStore.ts"
import { genesis } from "../../src/audit/HashChain.ts"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"

const row = (sequence: number, segment: string, position: number): OutboxRow => ({
  sequence,
  segment,
  position,
  line: `{"sequence":${sequence},"text":"naïve ‹quotes›"}`
})

const headAfter = (last: OutboxRow): AuditHead => ({
  count: last.sequence,
  hash: String(last.sequence % 10).repeat(64),
  segment: last.segment,
  position: last.position + Buffer.byteLength(last.line) + 1
})

const rows = [row(1, "2026-03-02", 0), row(2, "2026-03-02", 44), row(3, "2026-03-03", 0)] as const
const head = headAfter(rows[2])

const append = (added: ReadonlyArray<OutboxRow>, next: AuditHead) =>
  Effect.gen(function* () {
    const work = yield* UnitOfWork
    const store = yield* AuditStore
    yield* work.atomically(store.append(added, next))
  })

const defectOf = <A, E>(exit: Exit.Exit<A, E>): string =>
  Exit.isFailure(exit) && Cause.hasDies(exit.cause) ? String(Cause.squash(exit.cause)) : "no defect"

export const suite = (name: string, layer: Layer.Layer<AuditStore | UnitOfWork, StorageError>) => {
  describe(`AuditStore on ${name}`, () => {
    const test = <E>(sentence: string, body: Effect.Effect<void, E, AuditStore | UnitOfWork>) =>
      it.effect(sentence, () => body.pipe(Effect.provide(layer)))

    test(
      "begins with the genesis and nothing in the outbox",
      Effect.gen(function* () {
        const store = yield* AuditStore
        const empty = { ...genesis, segment: "", position: 0 }
        expect(yield* store.head).toEqual(empty)
        expect(yield* store.outbox(0)).toEqual([])
        expect(yield* store.snapshot).toEqual({ head: empty, segments: [], outbox: [] })
      })
    )

    test(
      "gives back rows, head and segments as they were appended",
      Effect.gen(function* () {
        const store = yield* AuditStore
        yield* append(rows, head)
        expect(yield* store.head).toEqual(head)
        expect(yield* store.outbox(0)).toEqual(rows)
        expect(yield* store.outbox(1)).toEqual(rows.slice(1))
        expect(yield* store.outbox(3)).toEqual([])
        expect(yield* store.snapshot).toEqual({
          head,
          segments: [
            { segment: "2026-03-02", firstSequence: 1 },
            { segment: "2026-03-03", firstSequence: 3 }
          ],
          outbox: rows
        })
      })
    )

    test(
      "takes out only rows up to the sequence discarded, and keeps head and segments",
      Effect.gen(function* () {
        const store = yield* AuditStore
        yield* append(rows, head)
        yield* store.discard(2)
        yield* store.discard(2)
        expect(yield* store.outbox(0)).toEqual([rows[2]])
        const after = yield* store.snapshot
        expect(after.head).toEqual(head)
        expect(after.segments.map(({ firstSequence }) => firstSequence)).toEqual([1, 3])
      })
    )

    test(
      "forgets what was appended in a transaction that failed",
      Effect.gen(function* () {
        const store = yield* AuditStore
        const work = yield* UnitOfWork
        yield* append(rows.slice(0, 1), headAfter(rows[0]))
        const failed = yield* Effect.flip(
          work.atomically(Effect.andThen(store.append(rows.slice(1), head), Effect.fail("refused" as const)))
        )
        expect(failed).toBe("refused")
        expect(yield* store.head).toEqual(headAfter(rows[0]))
        expect(yield* store.outbox(0)).toEqual([rows[0]])
      })
    )

    test(
      "refuses a sequence that was appended before",
      Effect.gen(function* () {
        yield* append(rows, head)
        const error = yield* Effect.flip(append(rows.slice(1), head))
        expect(error._tag).toBe("StorageFailed")
      })
    )

    test(
      "shows what the open transaction has appended to that transaction",
      Effect.gen(function* () {
        const store = yield* AuditStore
        const work = yield* UnitOfWork
        const seen = yield* work.atomically(Effect.andThen(store.append(rows, head), store.head))
        expect(seen).toEqual(head)
      })
    )

    test(
      "dies when appended to outside a transaction, or read for flushing inside one",
      Effect.gen(function* () {
        const store = yield* AuditStore
        const work = yield* UnitOfWork
        expect(defectOf(yield* Effect.exit(store.append(rows, head)))).toContain("inside a transaction only")
        for (const call of [store.outbox(0), store.discard(1), store.snapshot]) {
          expect(defectOf(yield* Effect.exit(work.atomically(call)))).toContain("outside a transaction only")
        }
        expect(yield* store.outbox(0)).toEqual([])
      })
    )
  })
}
