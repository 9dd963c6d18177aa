/** What `plimsoll doctor` says of a project's hooks and servers: configured, reachable, how fast; and the canary. */
import { relative } from "node:path"
import { Effect } from "effect"
import { failed, type Finding, ok } from "../cli/Finding.ts"
import { counted } from "../cli/Format.ts"
import { printable } from "../cli/Terminal.ts"
import { type CanaryResult, GUARD } from "./Canary.ts"
import type { ClaudeProject } from "./ClaudeProject.ts"
import { handlerWords } from "./EffectiveSettings.ts"
import {
  fileHoles,
  type Hole,
  hookViews,
  type HookView,
  ORDER_TOOLS,
  serverViews,
  type ServerView
} from "./Holes.ts"
import { type HookRun, runHookProcess } from "./HookProcess.ts"
import { type Probed, probeServer } from "./ServerProbe.ts"
import type { HookHandler } from "./SettingsFile.ts"

/** A hook is waited for at most. */
const LONGEST_MILLIS = 3_000

/** No event of the client: each hook of Plimsoll says so, and does nothing else. */
const PROBE = "Doctor"

export interface Around {
  readonly claude: ClaudeProject
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Servers make a desk where there is none; looking must not. */
  readonly hasDesk: boolean
}

const MAX_TOLD = 200
const told = (text: string): string => printable(text.trim().replaceAll(/\s+/gu, " ")).slice(0, MAX_TOLD)

const joined = (check: string, holes: ReadonlyArray<Hole>): Finding =>
  failed(
    check,
    holes.map(({ problem }) => problem).join("; "),
    [...new Set(holes.map(({ remedy }) => remedy))].join("; ")
  )

const place = ({ claude }: Around, file: string): string => {
  const path = relative(claude.project, file)
  return path.startsWith("..") ? file : path
}

const eventOf = (project: string) => ({
  session_id: "doctor",
  transcript_path: "/dev/null",
  cwd: project,
  hook_event_name: PROBE
})

/** Why this end of a hook is none of Plimsoll's; undefined when it is. */
const whyNotReached = ({ name }: HookView, { code, err, problem }: HookRun): string | undefined => {
  if (problem !== undefined) return problem
  if (err.includes(`${name}: `) && err.includes(PROBE)) return undefined
  return `it ended with exit code ${code ?? "none"}${err.trim() === "" ? " and said nothing" : `: ${told(err)}`}`
}

const rebuilt = "run npm ci, which builds it; it must be there and executable (chmod +x)"

/** The different commands of a hook, each once. */
const commandsOf = ({ handlers }: HookView): ReadonlyArray<HookHandler> => [
  ...new Map(handlers.map((handler) => [handlerWords(handler), handler])).values()
]

const checkHook = Effect.fnUntraced(function* (
  around: Around,
  view: HookView,
  canary: CanaryResult | undefined
) {
  const { claude, environment } = around
  const check = `hook ${view.name}`
  if (view.handlers.length === 0) return joined(check, view.holes)
  const holes: Array<Hole> = [...view.holes]
  let latencyMillis = 0
  for (const handler of commandsOf(view)) {
    if (handler.type !== "command") continue
    const run = yield* runHookProcess(handler, eventOf(claude.project), {
      project: claude.project,
      environment: { ...environment, ...claude.settings.environment },
      longestMillis: LONGEST_MILLIS
    })
    latencyMillis = Math.max(latencyMillis, run.millis)
    const problem = whyNotReached(view, run)
    if (problem !== undefined)
      holes.push({ problem: `${told(handlerWords(handler))}: ${problem}`, remedy: rebuilt })
  }
  if (view.name === GUARD && canary?._tag === "Failed") {
    holes.push({
      problem: `canary: ${canary.problem}`,
      remedy: "do not trade: mend what it says; the next session halts trading otherwise"
    })
  }
  if (holes.length > 0) return { ...joined(check, holes), latencyMillis }
  const where = view.handlers
    .map(
      ({ event, file, matcher }) =>
        `${event}${matcher === undefined ? "" : ` ${matcher}`} in ${place(around, file)}`
    )
    .join("; ")
  const denied = view.name === GUARD && canary?._tag === "Denied" ? `canary denied by ${canary.rule}; ` : ""
  return { ...ok(check, `${latencyMillis} ms; ${denied}${told(where)}`), latencyMillis }
})

const serverWords = (probed: Extract<Probed, { _tag: "Answered" }>): string =>
  `${probed.millis} ms; ${counted(probed.tools.length, "tool")}`

const checkServer = Effect.fnUntraced(function* (around: Around, { entry, holes: open, name }: ServerView) {
  const { claude, environment, hasDesk } = around
  const check = `server ${name}`
  if (entry === undefined) return joined(check, open)
  const command = told(`${entry.command} ${entry.args.join(" ")}`)
  if (!hasDesk && open.length === 0) return ok(check, `${command}; not started, for there is no desk yet`)
  const probed = hasDesk
    ? yield* probeServer(entry, {
        project: claude.project,
        environment: { ...environment, ...claude.settings.environment }
      })
    : undefined
  const missing =
    probed?._tag === "Answered" && name === "broker"
      ? ORDER_TOOLS.filter((tool) => !probed.tools.includes(tool))
      : []
  const holes = [
    ...open,
    ...(probed?._tag === "Silent"
      ? [{ problem: `${command} does not answer: ${told(probed.problem)}`, remedy: rebuilt }]
      : []),
    ...(missing.length === 0 ? [] : [{ problem: `it has no ${missing.join(", ")}`, remedy: rebuilt }])
  ]
  const latency = probed?._tag === "Answered" ? { latencyMillis: probed.millis } : {}
  if (holes.length > 0) return { ...joined(check, holes), ...latency }
  return { ...ok(check, `${probed?._tag === "Answered" ? serverWords(probed) : ""}; ${command}`), ...latency }
})

/** One finding a hook and a server, and one for each file that the client drops. */
export const claudeFindings = Effect.fn("ClaudeFindings")(function* (
  around: Around,
  canary: CanaryResult | undefined
): Effect.fn.Return<ReadonlyArray<Finding>> {
  const { claude } = around
  const files = fileHoles(claude).map(({ problem, remedy }) => failed("settings", problem, remedy))
  const hooks = yield* Effect.forEach(hookViews(claude), (view) => checkHook(around, view, canary))
  const servers = yield* Effect.forEach(serverViews(claude), (view) => checkServer(around, view), {
    concurrency: 2
  })
  const notRun =
    canary?._tag === "NotRun" ? [failed("canary", canary.why, "the market must have an instrument")] : []
  return [...files, ...hooks, ...notRun, ...servers]
})
