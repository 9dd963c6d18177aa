/**
 * Starts the bundle a command needs. `status` and `statusline` are answered
 * here while nothing has changed since they were last asked; the command-line
 * library is for all others, for help and for mistakes.
 */
import { bootId } from "../BootId.ts"
import { type Said, stillTrue } from "./StatusSnapshot.ts"
import { surroundings } from "./Surroundings.ts"
import { err, out } from "./Terminal.ts"

const args = process.argv.slice(2)

const said = (): keyof Said | undefined => {
  const [command, option, ...rest] = args
  if (rest.length > 0) return undefined
  if (command === "statusline" && option === undefined) return "line"
  if (command !== "status") return undefined
  return option === undefined ? "text" : option === "--json" ? "json" : undefined
}

/** A bundle that does not load. */
const broken = (cause: unknown): void => {
  err(`plimsoll: this is a bug in plimsoll: ${cause instanceof Error ? cause.message : String(cause)}`)
  process.exitCode = 1
}

const what = said()
if (what === undefined) {
  import("./full.ts").then(({ run }) => run(args), broken)
} else {
  const around = surroundings()
  const answer = stillTrue(around.folder, {
    program: __filename,
    what,
    colour: around.colour,
    machine: () => ({ boot: bootId(), monotonicMicros: Number(process.hrtime.bigint() / 1000n) })
  })
  if (answer !== undefined) out(answer)
  else if (around.server === undefined) import("./short.ts").then(({ run }) => run(what, __filename), broken)
  else import("./shortOnServer.ts").then(({ runOnServer }) => runOnServer(what, __filename), broken)
}
