/**
 * Plays the run in a folder and is killed by itself at a call to the disk, or when it has come to the run's end.
 *
 * Arguments: folder, and at which call (counted over all its books, the migrations included) it dies.
 */
import { flushCompileCache } from "node:module"
import { Effect } from "effect"
import { die, watchCalls } from "../../processes/Deaths.ts"
import { ready } from "../../support/ChildProcess.ts"
import { playRun } from "../TestRun.ts"

const [, , folder = "", at = "0"] = process.argv

// A killed process writes none on its way out.
flushCompileCache()
await ready()
const calls = watchCalls()
calls.arm(Number(at))
await Effect.runPromise(playRun(folder))
die()
