/** `.mcp.json`: the servers that Claude Code starts for a project. */
import { Result, Schema, SchemaParser } from "effect"
import { isServerName, type ServerName } from "../mcp/ServerNames.ts"
import type { FileText } from "./SettingsFile.ts"

export interface McpEntry {
  /** As the client names it in its tools. */
  readonly key: string
  /** The server of Plimsoll that it starts. */
  readonly server: ServerName
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly environment: Readonly<Record<string, string>>
  /** Whether it is started so that orders need a permit. */
  readonly requiresPermit: boolean
}

export interface McpConfig {
  readonly path: string
  readonly found: boolean
  /** Why the client cannot use the file. */
  readonly problem: string | undefined
  /** Plimsoll's servers; others are no concern here. */
  readonly entries: ReadonlyArray<McpEntry>
}

const Entry = Schema.Struct({
  command: Schema.optionalKey(Schema.String),
  args: Schema.optionalKey(Schema.Array(Schema.String)),
  env: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})
const File = Schema.Struct({ mcpServers: Schema.Record(Schema.String, Entry) })
const decode = SchemaParser.decodeUnknownResult(File)

/** The server that a command line starts: what follows `mcp`. */
const serverOf = (words: ReadonlyArray<string>): ServerName | undefined => {
  const name = words[words.indexOf("mcp") + 1]
  return words.includes("mcp") && isServerName(name) ? name : undefined
}

/** Written as the program takes it: `--require-permit false` would mean something else. */
const requiresPermit = (words: ReadonlyArray<string>): boolean => {
  const [, , flag, ...more] = words.slice(words.indexOf("mcp"))
  return flag === "--require-permit" && more.length === 0
}

const entriesOf = ({ mcpServers }: typeof File.Type): ReadonlyArray<McpEntry> =>
  Object.entries(mcpServers).flatMap(([key, { args = [], command = "", env = {} }]) => {
    const server = serverOf(args)
    return server === undefined
      ? []
      : [{ key, server, command, args, environment: env, requiresPermit: requiresPermit(args) }]
  })

export const mcpConfig = (path: string, found: FileText): McpConfig => {
  if (found._tag === "Absent") return { path, found: false, problem: undefined, entries: [] }
  const read =
    found._tag === "Unreadable"
      ? Result.fail(`it cannot be read (${found.problem})`)
      : Result.flatMap(
          Result.try({
            try: (): unknown => JSON.parse(found.text),
            catch: (cause) =>
              `it is not valid JSON (${cause instanceof Error ? cause.message : String(cause)})`
          }),
          (json) => Result.mapError(decode(json), () => "it has no mcpServers that the client can start")
        )
  return Result.match(read, {
    onFailure: (problem) => ({ path, found: true, problem, entries: [] }),
    onSuccess: (file) => ({ path, found: true, problem: undefined, entries: entriesOf(file) })
  })
}

/** The client's name of a server's tool: "mcp__broker__place_order". */
export const toolName = (key: string, tool: string): string =>
  `mcp__${key.replaceAll(/[^A-Za-z0-9_-]/gu, "_")}__${tool}`

/** `${NAME}` and `${NAME:-instead}` as the client expands them; an unset name without an instead stays as it is. */
export const expanded = (text: string, environment: Readonly<Record<string, string | undefined>>): string =>
  text.replaceAll(
    /\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<instead>[^}]*))?\}/gu,
    (whole, name: string, instead: string | undefined) => environment[name] ?? instead ?? whole
  )
