/**
 * Plays the run in a folder and is killed by itself at a statement of its databases.
 *
 * Arguments: folder, and at which statement (counted over all its books, the migrations included) it dies; a process
 * that gets to the end of its run before says so by ending in order.
 */
import { flushCompileCache } from "node:module"
import { StatementSync } from "node:sqlite"
import { Effect } from "effect"
import { playRun } from "../TestRun.ts"

const [, , folder = "", at = "0"] = process.argv
let left = Number(at)

// A killed process writes none on its way out.
flushCompileCache()

const countDown = () => {
  left -= 1
  if (left <= 0) process.kill(process.pid, "SIGKILL")
}

const { all, run } = StatementSync.prototype
StatementSync.prototype.all = function (...args) {
  countDown()
  return Reflect.apply(all, this, args)
}
StatementSync.prototype.run = function (...args) {
  countDown()
  return Reflect.apply(run, this, args)
}

await Effect.runPromise(playRun(folder))
