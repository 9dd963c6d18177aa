/**
 * The audit log alone: the desk's database and its segments, and nothing that
 * could write to either. What is proved must not depend on prices, limits or a
 * clock, nor be mended before it is looked at.
 */
import { join } from "node:path"
import { Effect, Layer, Option } from "effect"
import { AuditLog } from "../audit/AuditLog.ts"
import * as AuditStore from "../storage/AuditStore.ts"
import * as DeskDatabase from "../storage/DeskDatabase.ts"
import { BUSY_TIMEOUT_MILLIS, DeskMissing, openStorage } from "./DeskStorage.ts"
import { bookFolders } from "./RunFolder.ts"
import type { DeskFolder } from "./DeskFolder.ts"

/** One log to look at: the desk's own, or that of a run's book. */
export interface AuditPlace {
  readonly name: string
  readonly storage: Effect.Success<ReturnType<typeof openStorage>>
  readonly audit: string
}

/** The desk's log; with `run` the logs of that run's books, "latest" being the last run begun. */
export const auditPlaces = Effect.fnUntraced(function* (folder: DeskFolder, run: Option.Option<string>) {
  if (Option.isSome(run)) {
    const books = yield* bookFolders(join(folder.home, "runs"), run.value)
    return books.map(({ audit, database, name }): AuditPlace => {
      const storage = DeskDatabase.layer({ filename: database, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS })
      return { name, storage, audit }
    })
  }
  const storage = yield* openStorage(folder).pipe(
    Effect.catchTag("DeskMissing", ({ message }) =>
      Effect.fail(new DeskMissing({ message: `${message}, or name a run with --run latest` }))
    )
  )
  const desk: AuditPlace = { name: "desk", storage, audit: folder.audit }
  return [desk]
})

export const auditLayer = ({ audit, storage }: AuditPlace) =>
  AuditLog.layer({ folder: audit }).pipe(Layer.provide(AuditStore.layer), Layer.provide(storage))
