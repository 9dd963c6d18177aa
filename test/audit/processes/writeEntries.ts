/**
 * Writes entries to the log of the desk in a folder, one transaction each.
 *
 * Arguments: folder, how many, the first number, and "flush" (after each), or
 * "die" (is killed between the commit of the last and its flush).
 */
import { Effect } from "effect"
import { ready } from "../../support/ChildProcess.ts"
import { flush, open, record, stage } from "../TestLog.ts"

const [, , folder = "", count = "0", first = "0", end = "flush"] = process.argv

await ready()
await Effect.runPromise(
  Effect.gen(function* () {
    for (let i = 0; i < Number(count); i++) {
      yield* stage([record(Number(first) + i)])
      if (end === "die" && i === Number(count) - 1) process.kill(process.pid, "SIGKILL")
      yield* flush
    }
  }).pipe(Effect.provide(open(folder)))
)
