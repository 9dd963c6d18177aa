/** Settings of Claude Code as tests write them. */
import { type EffectiveSettings, effectiveSettings } from "../../../src/programs/claude/EffectiveSettings.ts"
import { type Scope, settingsFile } from "../../../src/programs/claude/SettingsFile.ts"

export const PLACE = "mcp__broker__place_order"
export const MATCHER = "^mcp__(plugin_plimsoll_)?broker__(place_order|replace_order|close_position)$"

export const COMMAND = "${CLAUDE_PROJECT_DIR}/.claude/hooks/risk-validator.sh"

/** Settings with the hook before orders, some of it said otherwise. */
export const guarded = (
  more: {
    readonly matcher?: string
    readonly handler?: object
    readonly settings?: object
    readonly event?: string
  } = {}
): object => ({
  hooks: {
    [more.event ?? "PreToolUse"]: [
      {
        matcher: more.matcher ?? MATCHER,
        hooks: [
          { type: "command", command: COMMAND, args: [], timeout: 10, onFailure: "block", ...more.handler }
        ]
      }
    ]
  },
  ...more.settings
})

/** Files by scope; an object is written as JSON, a text stands as it is. */
export const settingsOf = (files: Readonly<Partial<Record<Scope, object | string>>>): EffectiveSettings =>
  effectiveSettings(
    (["managed", "user", "project", "local"] as const).map((scope) => {
      const content = files[scope]
      return settingsFile(
        `/${scope}.json`,
        scope,
        content === undefined
          ? { _tag: "Absent" }
          : { _tag: "Text", text: typeof content === "string" ? content : JSON.stringify(content) }
      )
    })
  )
