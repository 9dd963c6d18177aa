/**
 * The audit log alone: the desk's database and its segments, and nothing that
 * could write to either. What is proved must not depend on prices, limits or a
 * clock, nor be mended before it is looked at.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer, Option } from "effect"
import { AuditLog } from "../audit/AuditLog.ts"
import * as AuditStore from "../storage/AuditStore.ts"
import * as DeskDatabase from "../storage/DeskDatabase.ts"
import { BUSY_TIMEOUT_MILLIS, DeskMissing } from "./DeskProgram.ts"
import { bookFolders } from "./RunFolder.ts"
import type { DeskFolder } from "./DeskFolder.ts"

/** One log to look at: the desk's own, or that of a run's book. */
export interface AuditPlace {
  readonly name: string
  readonly database: string
  readonly audit: string
}

/** The desk's log; with `run` the logs of that run's books, "latest" being the last run begun. */
export const auditPlaces = Effect.fnUntraced(function* (folder: DeskFolder, run: Option.Option<string>) {
  if (Option.isSome(run)) return yield* bookFolders(join(folder.home, "runs"), run.value)
  if (!existsSync(folder.database)) {
    return yield* new DeskMissing({
      message: `there is no desk in ${folder.home}: run plimsoll init, or name a run with --run latest`
    })
  }
  const desk: AuditPlace = { name: "desk", database: folder.database, audit: folder.audit }
  return [desk]
})

export const auditLayer = ({ audit, database }: AuditPlace) =>
  AuditLog.layer({ folder: audit }).pipe(
    Layer.provide(AuditStore.layer),
    Layer.provide(DeskDatabase.layer({ filename: database, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS }))
  )
