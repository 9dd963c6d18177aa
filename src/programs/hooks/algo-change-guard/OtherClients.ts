/** A client that an agent starts: with settings or servers of its own it has none of the guards. */
import type { ShellCommand } from "../kit/shell/ShellCommands.ts"

/** Options that name other settings, servers, hooks or plugins, or leave those of the project out. */
const OWN = /^--(?:mcp-config|strict-mcp-config|settings|setting-sources|plugin-dir|bare|agents)(?:=|$)/u

/** Subcommands that change which servers and plugins are started from now on. */
const CHANGES: Readonly<Record<string, RegExp>> = {
  mcp: /^(?:list|get|serve)$/u,
  plugin: /^(?:list|validate)$/u,
  plugins: /^(?:list|validate)$/u,
  config: /^(?:list|get)$/u
}

const CLIENT = /^(?:claude(?:\.exe)?|claude-code)$/u

/** Why an agent may not start this client, or `undefined` when nothing is against it. */
export const refusedClient = ({ program, words }: ShellCommand): string | undefined => {
  if (!CLIENT.test(program)) return undefined
  const rest = words.slice(1)
  const reason =
    "A Claude Code with settings, servers or plugins of its own would be without the desk's guards. Ask the person to type it."
  if (rest.some((word) => OWN.test(word))) return reason
  const [command = "", what] = rest.filter((word) => !word.startsWith("-"))
  const harmless = Object.hasOwn(CHANGES, command) ? CHANGES[command] : undefined
  return harmless !== undefined && what !== undefined && !harmless.test(what) ? reason : undefined
}
