/**
 * Moves the desk of a project's folder, and is killed by its own hand just before the n-th thing it does to a
 * database or to the file that says where the desk is. With n = 0 it lives, and tells how many things there were.
 */
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { Socket } from "node:net"
import { DatabaseSync, StatementSync } from "node:sqlite"
import { Effect, Redacted } from "effect"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { copyDesk } from "../../../src/programs/StorageCopy.ts"
import { ready } from "../../support/ChildProcess.ts"

const [, , folder = "", url = "", to = "", at = "0"] = process.argv
const killAt = Number(at)
let done = 0

const step = (): void => {
  done += 1
  if (done === killAt) process.kill(process.pid, "SIGKILL")
}

/** Puts a step before a method. */
const counted = <K extends string, F extends (...args: ReadonlyArray<never>) => unknown>(
  owner: Record<K, F>,
  name: K
): void => {
  const original = owner[name]
  Object.defineProperty(owner, name, {
    writable: true,
    configurable: true,
    value(this: unknown, ...args: ReadonlyArray<never>) {
      step()
      return Reflect.apply(original, this, args)
    }
  })
}

counted(DatabaseSync.prototype, "exec")
counted(StatementSync.prototype, "run")
counted(StatementSync.prototype, "all")
counted(Socket.prototype, "write")
counted(fs, "renameSync")
counted(fs, "fsyncSync")
syncBuiltinESMExports()

await ready()
await Effect.runPromise(
  Effect.scoped(
    copyDesk({
      folder: deskFolderAt(folder, undefined, Redacted.make(url)),
      to: to === "sqlite" ? "sqlite" : "postgres",
      onProgress: () => Effect.void
    })
  )
)
fs.writeSync(1, String(done))
