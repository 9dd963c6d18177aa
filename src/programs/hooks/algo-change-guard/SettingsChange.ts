/** Settings that changed while the client runs: it takes them over unless a hook refuses. */
import { readClaudeProject, whereOf } from "../../claude/ClaudeProject.ts"
import {
  droppedWords,
  type EffectiveSettings,
  handlersFor,
  isNamed,
  whyNoGuard
} from "../../claude/EffectiveSettings.ts"
import type { HookHandler } from "../../claude/SettingsFile.ts"
import { guardedTools } from "../GuardedTools.ts"

export interface SettingsChange {
  /** Such as `project_settings`. */
  readonly source: string
  /** The file that changed. */
  readonly file: string
}

/** The sources that the client tells apart and this guard has no say in. */
const others = new Set(["policy_settings", "skills"])

interface Guarded {
  readonly event: string
  readonly hook: string
  /** What the client matches: tools, or sources of settings. */
  readonly subjects: ReadonlyArray<string>
}

const orders = ["place_order", "replace_order", "close_position"].flatMap((tool) => [
  `mcp__broker__${tool}`,
  `mcp__plugin_plimsoll_broker__${tool}`
])

const guarded: ReadonlyArray<Guarded> = [
  { event: "PreToolUse", hook: "risk-validator", subjects: orders },
  { event: "PreToolUse", hook: "algo-change-guard", subjects: guardedTools },
  {
    event: "ConfigChange",
    hook: "algo-change-guard",
    subjects: ["user_settings", "project_settings", "local_settings"]
  }
]

/** The launcher and nothing around it, in the project or where Plimsoll is installed. */
const LAUNCHER =
  /^["']?(?:\$\{CLAUDE_PROJECT_DIR(?::-\.)?\}|\$CLAUDE_PROJECT_DIR|\/[^"'`$;&|<>\n]*)["']?\/\.claude\/hooks\/[a-z-]+\.sh["']?$/u

const stands = (handler: HookHandler, hook: string): boolean =>
  isNamed(handler, hook) &&
  whyNoGuard(handler) === undefined &&
  handler.onFailure === "block" &&
  (handler.args ?? []).length === 0 &&
  LAUNCHER.test(handler.command ?? "")

/**
 * Why the change is refused, or `undefined` when the guards stand as they should in the settings as they are now.
 * `byPlugin`: the guards come from a plugin, whose hooks no settings file takes away one by one.
 */
export const refusedChange = (
  { source, file }: SettingsChange,
  settings: EffectiveSettings,
  byPlugin: boolean
): string | undefined => {
  if (others.has(source)) return undefined
  const refused = (why: string): string =>
    `The change of ${file} is not taken over: ${why}. A person may make it and start the client anew.`
  if (settings.silenced !== undefined)
    return refused(`hooks would be turned off, for ${settings.silenced.why}`)
  if (byPlugin) return undefined
  for (const { event, hook, subjects } of guarded) {
    const open = subjects.find(
      (subject) => !handlersFor(settings, event, subject).some((handler) => stands(handler, hook))
    )
    if (open === undefined) continue
    const [dropped] = settings.dropped
    return refused(
      `${event} of ${open} would be without the hook ${hook} as it is shipped, with "onFailure": "block"` +
        (dropped === undefined ? "" : `; the client drops ${droppedWords(dropped)}`)
    )
  }
  return undefined
}

/** The same, of the settings files of a project as they are now. */
export const refusedChangeIn = (
  project: string,
  environment: { readonly [name: string]: string | undefined },
  change: SettingsChange
): string | undefined => {
  const { settings } = readClaudeProject(whereOf(project, environment))
  return refusedChange(change, settings, (environment["CLAUDE_PLUGIN_ROOT"] ?? "") !== "")
}
