/** What a project's settings of Claude Code leave open: each hook and server of Plimsoll held against what it needs. */
import { guardedTools } from "../hooks/GuardedTools.ts"
import { type HookName, hookNames } from "../hooks/HookNames.ts"
import { type ServerName, serverNames } from "../mcp/ServerNames.ts"
import type { ClaudeProject } from "./ClaudeProject.ts"
import {
  droppedWords,
  type EffectiveSettings,
  handlersFor,
  isNamed,
  whyNoGuard
} from "./EffectiveSettings.ts"
import { matches, readMatcher } from "./HookMatcher.ts"
import { type McpEntry, toolName } from "./McpConfig.ts"
import type { HookHandler } from "./SettingsFile.ts"

/** Something that is open, and what closes it. */
export interface Hole {
  readonly problem: string
  readonly remedy: string
}

export interface HookView {
  readonly name: HookName
  /** Where it is configured, for whatever event. */
  readonly handlers: ReadonlyArray<HookHandler>
  readonly holes: ReadonlyArray<Hole>
}

export interface ServerView {
  readonly name: ServerName
  readonly entry: McpEntry | undefined
  readonly holes: ReadonlyArray<Hole>
}

interface Occasion {
  readonly event: string
  /** What the matcher is held against: each of them must start the hook. */
  readonly subjects: ReadonlyArray<string>
}

export const ORDER_TOOLS = ["place_order", "replace_order", "close_position"] as const

const occasions = (broker: string): Readonly<Record<HookName, ReadonlyArray<Occasion>>> => {
  const orders = ORDER_TOOLS.map((tool) => toolName(broker, tool))
  const acts = [
    ...orders,
    ...["cancel_order", "cancel_all", "halt_trading"].map((tool) => toolName(broker, tool))
  ]
  return {
    "risk-validator": [{ event: "PreToolUse", subjects: orders }],
    "log-trade": [
      { event: "PostToolUse", subjects: acts },
      { event: "PostToolUseFailure", subjects: acts }
    ],
    "load-context": [{ event: "SessionStart", subjects: ["startup", "resume", "clear", "compact", "fork"] }],
    "parse-backtest": [{ event: "PostToolUse", subjects: ["Bash"] }],
    "algo-change-guard": [
      { event: "PreToolUse", subjects: guardedTools },
      { event: "ConfigChange", subjects: ["user_settings", "project_settings", "local_settings"] }
    ]
  }
}

const guards: ReadonlySet<HookName> = new Set(["risk-validator", "algo-change-guard"])

const asShipped = "put it back as it was in .claude/settings.json (git diff shows what changed)"

const notStarted = (
  settings: EffectiveSettings,
  name: HookName,
  { event, subjects }: Occasion
): Hole | undefined => {
  const { handlers, silenced } = settings
  const missed = subjects.filter(
    (subject) => !handlersFor(settings, event, subject).some((handler) => isNamed(handler, name))
  )
  const [first] = missed
  if (first === undefined) return undefined
  if (silenced !== undefined && silenced.handlers.some((handler) => isNamed(handler, name))) {
    return { problem: `hooks are turned off: ${silenced.why}`, remedy: "take that line out of the file" }
  }
  const other = handlers.find((handler) => isNamed(handler, name) && handler.event === event)
  if (other === undefined) return { problem: `not configured for ${event}`, remedy: asShipped }
  const { condition, matcher } = other
  const read = readMatcher(matcher)
  if (read._tag === "Unusable")
    return { problem: `its matcher is no regular expression: ${read.problem}`, remedy: asShipped }
  return matches(matcher, first) && condition !== undefined
    ? {
        problem: `at ${event} it is not started for ${first}: it has an if (${condition})`,
        remedy: asShipped
      }
    : {
        problem: `the matcher ${JSON.stringify(matcher ?? "")} does not match ${first}`,
        remedy:
          "a name without signs of a regular expression is matched whole: write ^name$ or ^mcp__server__.*"
      }
}

const lax = (name: HookName, handler: HookHandler): ReadonlyArray<Hole> => {
  if (!guards.has(name)) return []
  const stopsNothing = whyNoGuard(handler)
  return [
    ...(stopsNothing === undefined ? [] : [{ problem: stopsNothing, remedy: asShipped }]),
    ...(handler.onFailure === "block"
      ? []
      : [
          {
            problem: `at ${handler.event} its onFailure is not "block": a crash of it lets the call through`,
            remedy: `add "onFailure": "block" to it in ${handler.file}`
          }
        ])
  ]
}

/** The broker's name in the client's tools. */
export const brokerKey = ({ mcp }: ClaudeProject): string =>
  mcp.entries.find(({ server }) => server === "broker")?.key ?? "broker"

export const hookViews = (claude: ClaudeProject): ReadonlyArray<HookView> => {
  const { settings } = claude
  const wanted = occasions(brokerKey(claude))
  return hookNames.map((name) => {
    const handlers = settings.handlers.filter((handler) => isNamed(handler, name))
    const missing = wanted[name].flatMap((occasion) => {
      const hole = notStarted(settings, name, occasion)
      return hole === undefined ? [] : [hole]
    })
    return { name, handlers, holes: [...missing, ...handlers.flatMap((handler) => lax(name, handler))] }
  })
}

const serverHoles = (
  { mcp, settings }: ClaudeProject,
  name: ServerName,
  entry: McpEntry | undefined
): ReadonlyArray<Hole> => {
  if (entry === undefined) {
    const remedy = "put it back as it was in .mcp.json (git diff shows what changed)"
    return [{ problem: mcp.found ? "not in .mcp.json" : "there is no .mcp.json", remedy }]
  }
  return [
    ...(settings.disabledServers.has(entry.key)
      ? [{ problem: "turned off by disabledMcpjsonServers", remedy: "take it out of that list" }]
      : []),
    ...(name === "broker" && !entry.requiresPermit
      ? [
          {
            problem: "started without --require-permit: orders pass without the hook risk-validator",
            remedy: `add "--require-permit" to its args in ${mcp.path}`
          }
        ]
      : [])
  ]
}

/** A server that is started twice under two names is looked at under each. */
export const serverViews = (claude: ClaudeProject): ReadonlyArray<ServerView> =>
  serverNames.flatMap((name) => {
    const entries = claude.mcp.entries.filter(({ server }) => server === name)
    return (entries.length === 0 ? [undefined] : entries).map((entry) => ({
      name,
      entry,
      holes: serverHoles(claude, name, entry)
    }))
  })

/** What the client does not use of the files, and says nothing. */
export const fileHoles = ({ mcp, settings }: ClaudeProject): ReadonlyArray<Hole> => {
  const servers =
    mcp.problem === undefined ? [] : [{ path: mcp.path, event: undefined, problem: mcp.problem }]
  return [...settings.dropped, ...servers].map((dropped) => ({
    problem: `the client drops without a word ${droppedWords(dropped)}`,
    remedy: "mend the file; until then its hooks and permissions are not there"
  }))
}

/** Whether a project has anything of Plimsoll for Claude Code, or a file of its own that cannot be read. */
export const isConfigured = (claude: ClaudeProject): boolean => {
  const { mcp, settings } = claude
  const all = [...settings.handlers, ...(settings.silenced?.handlers ?? [])]
  return (
    mcp.entries.length > 0 ||
    fileHoles(claude).length > 0 ||
    all.some((handler) => hookNames.some((name) => isNamed(handler, name)))
  )
}

/** Everything that is open and bears on orders, in a few words each: for the start of a session. */
export const orderHoles = (claude: ClaudeProject): ReadonlyArray<string> => [
  ...fileHoles(claude).map(({ problem }) => problem),
  ...serverViews(claude)
    .filter(({ name }) => name === "broker")
    .flatMap(({ holes }) => holes.map(({ problem }) => `server broker: ${problem}`)),
  ...hookViews(claude)
    .filter(({ name }) => guards.has(name))
    .flatMap(({ holes, name }) => holes.map(({ problem }) => `hook ${name}: ${problem}`))
]
