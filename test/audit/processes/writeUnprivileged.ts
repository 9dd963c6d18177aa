/** Tries to write an entry into folder/audit as a user who is not root, and prints what it fails with. */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { AuditLog } from "../../../src/audit/AuditLog.ts"
import * as AuditStoreSql from "../../../src/storage/AuditStore.ts"
import * as DeskDatabase from "../../../src/storage/DeskDatabase.ts"
import { ready } from "../../support/ChildProcess.ts"
import { record, stage, flush } from "../TestLog.ts"

const folder = `${process.argv[2]}/audit`

await ready()
// Permissions do not bind root; "nobody" on Linux and macOS.
if (process.getuid?.() === 0) process.setuid?.(65_534)
const error = await Effect.runPromise(
  Effect.flip(Effect.andThen(stage([record(1)]), flush)).pipe(
    Effect.provide(
      AuditLog.layer({ folder }).pipe(
        Layer.provideMerge(AuditStoreSql.layer),
        Layer.provideMerge(DeskDatabase.layerMemory),
        Layer.provideMerge(NodeServices.layer)
      )
    )
  )
)
console.log(error._tag, error.message)
