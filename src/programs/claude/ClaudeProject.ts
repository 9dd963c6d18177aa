/** Reads the files that make up a project's settings of Claude Code. */
import { readdirSync } from "node:fs"
import { homedir, platform } from "node:os"
import { join } from "node:path"
import { readTextFile } from "../ReadTextFile.ts"
import { type EffectiveSettings, effectiveSettings } from "./EffectiveSettings.ts"
import { type McpConfig, mcpConfig } from "./McpConfig.ts"
import { type FileText, type Scope, settingsFile } from "./SettingsFile.ts"

export interface ClaudeProject {
  /** Absolute. */
  readonly project: string
  readonly settings: EffectiveSettings
  readonly mcp: McpConfig
}

export interface Where {
  /** The project's folder, absolute. */
  readonly project: string
  /** Where the user's own settings are. */
  readonly userFolder: string
  /** Where an administrator's are. */
  readonly managedFolder: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Where the client looks on this machine. */
export const whereOf = (project: string, environment: Environment): Where => {
  const { CLAUDE_CONFIG_DIR: configured = "" } = environment
  return {
    project,
    userFolder: configured === "" ? join(homedir(), ".claude") : configured,
    managedFolder: platform() === "darwin" ? "/Library/Application Support/ClaudeCode" : "/etc/claude-code"
  }
}

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR")

const textAt = (path: string): FileText => {
  try {
    return { _tag: "Text", text: readTextFile(path) }
  } catch (cause) {
    return isMissing(cause)
      ? { _tag: "Absent" }
      : { _tag: "Unreadable", problem: cause instanceof Error ? cause.message : String(cause) }
  }
}

/** Further managed files, by name. */
const managedParts = (folder: string): ReadonlyArray<string> => {
  const parts = join(folder, "managed-settings.d")
  try {
    return readdirSync(parts)
      .filter((name) => name.endsWith(".json") && !name.startsWith("."))
      .toSorted()
      .map((name) => join(parts, name))
  } catch {
    return []
  }
}

const pathsOf = ({ managedFolder, project, userFolder }: Where): ReadonlyArray<readonly [Scope, string]> => [
  ["managed", join(managedFolder, "managed-settings.json")],
  ...managedParts(managedFolder).map((path) => ["managed", path] as const),
  ["user", join(userFolder, "settings.json")],
  ["project", join(project, ".claude/settings.json")],
  ["local", join(project, ".claude/settings.local.json")]
]

export const readClaudeProject = (where: Where): ClaudeProject => {
  const mcpPath = join(where.project, ".mcp.json")
  return {
    project: where.project,
    settings: effectiveSettings(
      pathsOf(where).map(([scope, path]) => settingsFile(path, scope, textAt(path)))
    ),
    mcp: mcpConfig(mcpPath, textAt(mcpPath))
  }
}
