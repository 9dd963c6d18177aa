/**
 * One settings file of Claude Code: what of it concerns a desk, or why the client drops it.
 *
 * The client drops a whole file without a word, hooks and permissions with it, when it is not JSON or one value in
 * it is bad (2.1.330, observed). So what is wrong is kept here, to be told.
 */
import { Result, Schema, SchemaIssue, SchemaParser } from "effect"

/** Whose settings; later ones count more, and what is managed counts above all. */
export type Scope = "managed" | "user" | "project" | "local"

export interface HookHandler {
  /** The settings file it stands in. */
  readonly file: string
  readonly scope: Scope
  readonly event: string
  readonly matcher: string | undefined
  readonly type: "command" | "http" | "mcp_tool" | "prompt" | "agent"
  readonly command: string | undefined
  /** Given: the command is started without a shell. */
  readonly args: ReadonlyArray<string> | undefined
  readonly timeoutSeconds: number | undefined
  readonly onFailure: "block" | "continue" | undefined
  /** A permission rule (`if`) without which it is not started. */
  readonly condition: string | undefined
  /** The client does not wait for it. */
  readonly isAsync: boolean
  readonly once: boolean
}

export interface SettingsFile {
  readonly path: string
  readonly scope: Scope
  readonly found: boolean
  /** Why the client drops the file; nothing below is in force then. */
  readonly problem: string | undefined
  readonly disableAllHooks: boolean | undefined
  /** Of managed settings: no hooks but theirs. */
  readonly allowManagedHooksOnly: boolean
  readonly handlers: ReadonlyArray<HookHandler>
  readonly environment: Readonly<Record<string, string>>
  /** Servers of `.mcp.json` that are turned off. */
  readonly disabledServers: ReadonlyArray<string>
}

/** What was found at the path of a settings file. */
export type FileText =
  | { readonly _tag: "Absent" }
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Unreadable"; readonly problem: string }

const handlerFields = {
  type: Schema.Literals(["command", "http", "mcp_tool", "prompt", "agent"]),
  command: Schema.optionalKey(Schema.String),
  args: Schema.optionalKey(Schema.Array(Schema.String)),
  timeout: Schema.optionalKey(Schema.Finite.pipe(Schema.check(Schema.isGreaterThan(0)))),
  onFailure: Schema.optionalKey(Schema.Literals(["block", "continue"])),
  if: Schema.optionalKey(Schema.String),
  async: Schema.optionalKey(Schema.Boolean),
  once: Schema.optionalKey(Schema.Boolean)
}

const Handler = Schema.Struct(handlerFields).pipe(
  Schema.check(
    Schema.makeFilter<Schema.Struct.Type<typeof handlerFields>>(
      ({ command, type }) =>
        type !== "command" || command !== undefined || "expected a command, for its type is command"
    )
  )
)

const Names = Schema.optionalKey(Schema.Array(Schema.String))

const Settings = Schema.Struct({
  disableAllHooks: Schema.optionalKey(Schema.Boolean),
  allowManagedHooksOnly: Schema.optionalKey(Schema.Boolean),
  env: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  enabledMcpjsonServers: Names,
  disabledMcpjsonServers: Names,
  permissions: Schema.optionalKey(Schema.Struct({ allow: Names, ask: Names, deny: Names })),
  hooks: Schema.optionalKey(
    Schema.Record(
      Schema.String,
      Schema.Array(
        Schema.Struct({ matcher: Schema.optionalKey(Schema.String), hooks: Schema.Array(Handler) })
      )
    )
  )
})
type Settings = typeof Settings.Type

const decode = SchemaParser.decodeUnknownResult(Settings, { errors: "all" })
const formatIssue = SchemaIssue.makeFormatterStandardSchemaV1()

const MAX_TOLD = 3

const pathOf = (path: ReadonlyArray<unknown> | undefined): string =>
  (path ?? [])
    .map((part) => String(typeof part === "object" && part !== null && "key" in part ? part.key : part))
    .join(".")

const issueWords = (issue: SchemaIssue.Issue): string => {
  const lines = formatIssue(issue).issues.map(({ message, path }) => {
    const [line = message] = message.split("\n")
    return `${pathOf(path)}: ${line.replace(/^Expected/u, "expected")}`.slice(0, 200)
  })
  const more = lines.length > MAX_TOLD ? `; and ${lines.length - MAX_TOLD} more` : ""
  return `${lines.slice(0, MAX_TOLD).join("; ")}${more}`
}

const parse = (text: string): Result.Result<unknown, string> =>
  text.trim() === ""
    ? Result.succeed({})
    : Result.try({
        try: (): unknown => JSON.parse(text.replace(/^\uFEFF/u, "")),
        catch: (cause) => `it is not valid JSON (${cause instanceof Error ? cause.message : String(cause)})`
      })

const handlersOf = (path: string, scope: Scope, { hooks = {} }: Settings): ReadonlyArray<HookHandler> =>
  Object.entries(hooks).flatMap(([event, groups]) =>
    groups.flatMap(({ hooks: handlers, matcher }) =>
      handlers.map((handler) => ({
        file: path,
        scope,
        event,
        matcher,
        type: handler.type,
        command: handler.command,
        args: handler.args,
        timeoutSeconds: handler.timeout,
        onFailure: handler.onFailure,
        condition: handler.if,
        isAsync: handler.async === true,
        once: handler.once === true
      }))
    )
  )

const nothingOf = (
  path: string,
  scope: Scope,
  found: boolean,
  problem: string | undefined
): SettingsFile => ({
  path,
  scope,
  found,
  problem,
  disableAllHooks: undefined,
  allowManagedHooksOnly: false,
  handlers: [],
  environment: {},
  disabledServers: []
})

export const settingsFile = (path: string, scope: Scope, found: FileText): SettingsFile => {
  if (found._tag === "Absent") return nothingOf(path, scope, false, undefined)
  if (found._tag === "Unreadable") return nothingOf(path, scope, true, `it cannot be read (${found.problem})`)
  const settings = Result.flatMap(parse(found.text), (json) => Result.mapError(decode(json), issueWords))
  if (Result.isFailure(settings)) return nothingOf(path, scope, true, settings.failure)
  const { allowManagedHooksOnly, disableAllHooks, disabledMcpjsonServers = [], env = {} } = settings.success
  return {
    path,
    scope,
    found: true,
    problem: undefined,
    disableAllHooks,
    allowManagedHooksOnly: allowManagedHooksOnly === true,
    handlers: handlersOf(path, scope, settings.success),
    environment: env,
    disabledServers: disabledMcpjsonServers
  }
}
