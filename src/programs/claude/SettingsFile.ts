/**
 * One settings file of Claude Code: what of it concerns a desk, and what of it the client drops.
 *
 * The client says nothing about it (2.1.330, observed): a file that is not JSON or has a bad value anywhere is
 * dropped whole, hooks and permissions with it; a bad value in one hook drops every hook of its event in that file.
 * So what is wrong is kept here, to be told. Values that are not looked at here may be bad too.
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

/** The hooks of one event, which the client drops for one bad value among them. */
export interface DroppedEvent {
  readonly event: string
  readonly problem: string
}

export interface SettingsFile {
  readonly path: string
  readonly scope: Scope
  readonly found: boolean
  /** Why the client drops the file; nothing below is in force then. */
  readonly problem: string | undefined
  readonly droppedEvents: ReadonlyArray<DroppedEvent>
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

const Groups = Schema.Array(
  Schema.Struct({ matcher: Schema.optionalKey(Schema.String), hooks: Schema.Array(Handler) })
)

const Names = Schema.optionalKey(Schema.Array(Schema.String))
const Text = Schema.optionalKey(Schema.String)
const Switch = Schema.optionalKey(Schema.Boolean)
const Objects = Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
/** A list whose elements the client does not mind. */
const Things = Schema.optionalKey(Schema.Array(Schema.Unknown))

/** What the client insists on, of the settings that are common. */
const Settings = Schema.Struct({
  $schema: Text,
  model: Text,
  language: Text,
  outputStyle: Text,
  apiKeyHelper: Text,
  cleanupPeriodDays: Schema.optionalKey(Schema.Finite),
  includeCoAuthoredBy: Switch,
  alwaysThinkingEnabled: Switch,
  enableAllProjectMcpServers: Switch,
  disableAllHooks: Switch,
  allowManagedHooksOnly: Switch,
  env: Objects,
  sandbox: Objects,
  attribution: Objects,
  enabledPlugins: Objects,
  statusLine: Schema.optionalKey(Schema.Struct({ type: Schema.Literal("command"), command: Schema.String })),
  enabledMcpjsonServers: Names,
  disabledMcpjsonServers: Schema.optionalKey(Schema.Unknown),
  permissions: Schema.optionalKey(
    Schema.Struct({
      allow: Things,
      ask: Things,
      deny: Things,
      additionalDirectories: Names,
      defaultMode: Schema.optionalKey(
        Schema.Literals(["default", "acceptEdits", "plan", "auto", "manual", "dontAsk", "bypassPermissions"])
      )
    })
  ),
  hooks: Objects
})
type Settings = typeof Settings.Type

const decode = SchemaParser.decodeUnknownResult(Settings, { errors: "all" })
const decodeGroups = SchemaParser.decodeUnknownResult(Groups, { errors: "all" })
const formatIssue = SchemaIssue.makeFormatterStandardSchemaV1()

const MAX_TOLD = 3

const pathOf = (path: ReadonlyArray<unknown> | undefined): string =>
  (path ?? [])
    .map((part) => String(typeof part === "object" && part !== null && "key" in part ? part.key : part))
    .join(".")

const issueWords = (issue: SchemaIssue.Issue, within = ""): string => {
  const lines = formatIssue(issue).issues.map(({ message, path }) => {
    const [line = message] = message.split("\n")
    return `${within}${pathOf(path)}: ${line.replace(/^Expected/u, "expected")}`.slice(0, 200)
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

interface Hooks {
  readonly handlers: ReadonlyArray<HookHandler>
  readonly dropped: ReadonlyArray<DroppedEvent>
}

const handlersOf = (
  path: string,
  scope: Scope,
  event: string,
  groups: typeof Groups.Type
): ReadonlyArray<HookHandler> =>
  groups.flatMap(({ hooks, matcher }) =>
    hooks.map((handler) => ({
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

const hooksOf = (path: string, scope: Scope, { hooks = {} }: Settings): Hooks => {
  const handlers: Array<HookHandler> = []
  const dropped: Array<DroppedEvent> = []
  for (const [event, groups] of Object.entries(hooks)) {
    const read = decodeGroups(groups)
    if (Result.isSuccess(read)) handlers.push(...handlersOf(path, scope, event, read.success))
    else dropped.push({ event, problem: issueWords(read.failure, `hooks.${event}.`) })
  }
  return { handlers, dropped }
}

/** Numbers and switches reach a process as text. */
const variablesOf = ({ env = {} }: Settings): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      typeof value === "object" || value === undefined ? [] : [[name, String(value)]]
    )
  )

const isText = (value: unknown): value is string => typeof value === "string"

const disabledOf = ({ disabledMcpjsonServers: names }: Settings): ReadonlyArray<string> =>
  Array.isArray(names) ? names.filter(isText) : []

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
  droppedEvents: [],
  disableAllHooks: undefined,
  allowManagedHooksOnly: false,
  handlers: [],
  environment: {},
  disabledServers: []
})

export const settingsFile = (path: string, scope: Scope, found: FileText): SettingsFile => {
  if (found._tag === "Absent") return nothingOf(path, scope, false, undefined)
  if (found._tag === "Unreadable") return nothingOf(path, scope, true, `it cannot be read (${found.problem})`)
  const settings = Result.flatMap(parse(found.text), (json) =>
    Result.mapError(decode(json), (issue) => issueWords(issue))
  )
  if (Result.isFailure(settings)) return nothingOf(path, scope, true, settings.failure)
  const { allowManagedHooksOnly, disableAllHooks } = settings.success
  const { dropped, handlers } = hooksOf(path, scope, settings.success)
  return {
    path,
    scope,
    found: true,
    problem: undefined,
    droppedEvents: dropped,
    disableAllHooks,
    allowManagedHooksOnly: allowManagedHooksOnly === true,
    handlers,
    environment: variablesOf(settings.success),
    disabledServers: disabledOf(settings.success)
  }
}
