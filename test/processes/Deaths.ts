/**
 * A process that kills itself at a call of its own choosing.
 *
 * Every call that reaches the disk is counted twice, before it and after it: statements of the database, and what
 * the audit log does to its files. The same count in the same process is the same place.
 */
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { DatabaseSync, StatementSync } from "node:sqlite"

const watched: ReadonlyArray<readonly [object, ReadonlyArray<string>]> = [
  [StatementSync.prototype, ["all", "run"]],
  [DatabaseSync.prototype, ["exec", "close"]],
  [fs, ["openSync", "writeSync", "fdatasyncSync", "fsyncSync", "closeSync", "mkdirSync"]]
]

/** Gone at once: nothing is written on the way out. */
export const die = (): never => {
  process.kill(process.pid, "SIGKILL")
  throw new Error("this process has killed itself")
}

/** Counts from now on; `arm(n)` lets the process die at the nth count from then. */
export const watchCalls = () => {
  let counted = 0
  let last = Number.POSITIVE_INFINITY
  const count = () => {
    counted += 1
    if (counted >= last) die()
  }
  for (const [owner, names] of watched) {
    for (const name of names) {
      const real: unknown = Reflect.get(owner, name)
      if (typeof real !== "function") throw new TypeError(`there is no ${name} to watch`)
      Reflect.set(owner, name, function (this: unknown, ...args: ReadonlyArray<unknown>): unknown {
        count()
        const result: unknown = Reflect.apply(real, this, args)
        count()
        return result
      })
    }
  }
  // Named imports of node:fs follow only then.
  syncBuiltinESMExports()
  return {
    counted: () => counted,
    arm: (calls: number) => {
      last = counted + calls
    }
  }
}
