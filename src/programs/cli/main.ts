/**
 * Starts the bundle a command needs. `status` and `statusline` are answered
 * here while nothing has changed since they were last asked; the command-line
 * library is for all others, for help and for mistakes.
 */
import { type HookName, isHookName } from "../hooks/HookNames.ts"
import { isServerName, type ServerName } from "../mcp/ServerNames.ts"
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

/** A server, when nothing is asked but that. */
const served = (): { readonly name: ServerName; readonly requirePermit: boolean } | undefined => {
  const [command, name, flag, ...rest] = args
  if (command !== "mcp" || !isServerName(name) || rest.length > 0) return undefined
  return flag === undefined || flag === "--require-permit"
    ? { name, requirePermit: flag !== undefined }
    : undefined
}

const hooks: Readonly<Record<HookName, () => Promise<unknown>>> = {
  "risk-validator": () => import("../hooks/risk-validator/main.ts"),
  "log-trade": () => import("../hooks/log-trade/main.ts"),
  "load-context": () => import("../hooks/load-context/main.ts"),
  "parse-backtest": () => import("../hooks/parse-backtest/main.ts"),
  "algo-change-guard": () => import("../hooks/algo-change-guard/main.ts")
}

const hooked = (): HookName | undefined => {
  const [command, name] = args
  return command === "hook" && isHookName(name) && args.length === 2 ? name : undefined
}

/** A bundle that does not load. */
const broken = (cause: unknown): void => {
  err(`plimsoll: this is a bug in plimsoll: ${cause instanceof Error ? cause.message : String(cause)}`)
  process.exitCode = 1
}

const what = said()
const server = served()
const hook = hooked()
if (server !== undefined) {
  import("../mcp/main.ts").then(({ run }) => run(server.name, server), broken)
} else if (hook !== undefined) {
  // A guard that does not load, or is empty, must not wave anything through.
  process.exitCode = 2
  hooks[hook]().catch((cause: unknown) => {
    broken(cause)
    process.exitCode = 2
  })
} else if (what === undefined) {
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
