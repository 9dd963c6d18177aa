/** Settings that changed while the client runs: it takes them over unless a hook refuses. */
import type { JsonObject } from "../kit/Json.ts"
import { isObject, parseJson } from "../kit/Json.ts"
import { type Handler, handlersOf, matches } from "../kit/Settings.ts"

export interface SettingsChange {
  /** Such as `project_settings`. */
  readonly source: string
  /** The file that changed. */
  readonly file: string
}

/** What the settings files hold now; `undefined` where there is no file. */
export interface SettingsFiles {
  readonly project: string | undefined
  readonly local: string | undefined
  readonly user: string | undefined
}

/** The sources that the client tells apart and this guard has no say in. */
const others = new Set(["policy_settings", "skills"])

/** What must be guarded by which hook. */
const guards: ReadonlyArray<readonly [event: string, hook: string, tools: ReadonlyArray<string>]> = [
  [
    "PreToolUse",
    "risk-validator",
    ["place_order", "replace_order", "close_position"].flatMap((tool) => [
      `mcp__broker__${tool}`,
      `mcp__plugin_plimsoll_broker__${tool}`
    ])
  ],
  ["PreToolUse", "algo-change-guard", ["Write", "Edit", "NotebookEdit", "Bash"]],
  ["ConfigChange", "algo-change-guard", [""]]
]

const runs = (handler: Handler, hook: string): boolean =>
  handler.type === "command" &&
  handler.always &&
  handler.onFailure === "block" &&
  /^["']?(?:\$\{CLAUDE_PROJECT_DIR(?::-\.)?\}|\$CLAUDE_PROJECT_DIR|\/[^"'\s;&|<>]*)["']?\/\.claude\/hooks\/[a-z-]+\.sh["']?$/u.test(
    handler.command
  ) &&
  handler.command.replace(/["']?$/u, "").endsWith(`/${hook}.sh`) &&
  handler.args.length === 0

const unreadable = "unreadable"

const parsed = (text: string | undefined): JsonObject | undefined | typeof unreadable => {
  if (text === undefined) return undefined
  const value = text.trim() === "" ? {} : parseJson(text)
  return isObject(value) ? value : unreadable
}

/**
 * Why the change is refused, or `undefined` when the guards stand as they should. `byPlugin`: the guards come from a
 * plugin, whose hooks no settings file can take away one by one.
 */
export const refusedChange = (
  { source, file }: SettingsChange,
  files: SettingsFiles,
  byPlugin: boolean
): string | undefined => {
  if (others.has(source)) return undefined
  const refused = (why: string): string =>
    `The change of ${file} is not taken over: ${why}. A person may make it and start the client anew.`
  const all: Array<JsonObject> = []
  for (const [name, text] of Object.entries(files)) {
    const settings = parsed(text)
    if (settings === unreadable) {
      return refused(`the ${name} settings are no JSON object, and the client would drop every hook in them`)
    }
    if (settings === undefined) continue
    if (settings["disableAllHooks"] === true) return refused(`the ${name} settings disable all hooks`)
    all.push(settings)
  }
  if (byPlugin) return undefined
  for (const [event, hook, tools] of guards) {
    const handlers = all.flatMap((settings) => handlersOf(settings, event)).filter((one) => runs(one, hook))
    const open = tools.find((tool) => !handlers.some(({ matcher }) => tool === "" || matches(matcher, tool)))
    if (open !== undefined) {
      return refused(
        `it would leave ${event}${open === "" ? "" : ` of ${open}`} without the hook ${hook} and "onFailure": "block"`
      )
    }
  }
  return undefined
}
