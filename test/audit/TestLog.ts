/** An audit log in a folder of its own, for tests. */
import { NodeServices } from "@effect/platform-node"
import { Context, Effect, FileSystem, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { AuditRecord } from "../../src/audit/AuditEntry.ts"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import * as AuditStoreSql from "../../src/storage/AuditStore.ts"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"

export const DAY_MILLIS = 86_400_000
/** 2026-03-02T00:00:00Z. */
export const FIRST_DAY_MILLIS = 1_772_409_600_000

/** An order's denial, numbered. */
export const record = (n: number): AuditRecord => ({
  marketTime: timestamp(1_087_000_000_000_000 + n),
  actor: { kind: "agent", name: "mcp:broker" },
  action: "order.denied",
  resource: `order/O-${n}`,
  outcome: "denied",
  details: {
    n,
    rationale: "résumé of the setup ≤ limit",
    verdicts: [{ rule: "price-collar", value: 0.0625 }]
  }
})

export const records = (from: number, count: number): ReadonlyArray<AuditRecord> =>
  Array.from({ length: count }, (_, i) => record(from + i))

export const stage = (batch: ReadonlyArray<AuditRecord>) =>
  Effect.gen(function* () {
    const work = yield* UnitOfWork
    const audit = yield* AuditLog
    return yield* work.atomically(audit.stage(batch))
  })

export const flush = Effect.flatMap(AuditLog, (audit) => audit.flush)
export const verify = Effect.flatMap(AuditLog, (audit) => audit.verify)

export const write = (batch: ReadonlyArray<AuditRecord>) => Effect.andThen(stage(batch), flush)

/** Moves the computer's clock to midnight of the n-th day. */
export const toDay = (day: number) => TestClock.setTime(FIRST_DAY_MILLIS + day * DAY_MILLIS)

/** Where the log's segments are. */
export class SegmentFolder extends Context.Service<SegmentFolder, string>()(
  "plimsoll/test/audit/TestLog/SegmentFolder"
) {}

/** Everything a process needs of the desk in `folder`. */
export const open = (folder: string) =>
  AuditLog.layer({ folder: `${folder}/audit` }).pipe(
    Layer.provideMerge(AuditStoreSql.layer),
    Layer.provideMerge(DeskDatabase.layer({ filename: `${folder}/desk.db`, busyTimeoutMillis: 20_000 })),
    Layer.provideMerge(NodeServices.layer)
  )

/** A log whose desk is in memory and whose segments are in a new folder. */
export const inMemory = Layer.unwrap(
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped()
    return Layer.merge(
      AuditLog.layer({ folder: `${folder}/audit` }).pipe(
        Layer.provideMerge(AuditStoreSql.layer),
        Layer.provideMerge(DeskDatabase.layerMemory)
      ),
      Layer.succeed(SegmentFolder, `${folder}/audit`)
    )
  })
).pipe(Layer.provideMerge(NodeServices.layer))
