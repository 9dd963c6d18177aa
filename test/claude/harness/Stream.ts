/** What the client says of a run on its standard output (`--output-format stream-json`). */
import { at, listAt, parseJson, textAt, type Json } from "./Json.ts"

export interface Init {
  readonly sessionId: string
  readonly version: string
  readonly tools: ReadonlyArray<string>
  readonly agents: ReadonlyArray<string>
  readonly commands: ReadonlyArray<string>
  readonly servers: ReadonlyArray<{ readonly name: string; readonly status: string }>
}

export interface HookRun {
  /** "PreToolUse" */
  readonly event: string
  /** "PreToolUse:mcp__broker__place_order" */
  readonly name: string
  readonly exitCode: number | undefined
  /** "success", "error", "cancelled" */
  readonly outcome: string
  readonly stdout: string
  readonly stderr: string
}

export interface Result {
  readonly isError: boolean
  readonly terminalReason: string
  readonly text: string
  /** Tools whose use was denied: by permission, not by a hook. */
  readonly denied: ReadonlyArray<string>
}

export interface Told {
  readonly init: Init | undefined
  readonly hooks: ReadonlyArray<HookRun>
  readonly result: Result | undefined
}

const texts = (list: ReadonlyArray<Json>): ReadonlyArray<string> =>
  list.flatMap((entry) => (typeof entry === "string" ? [entry] : []))

const initOf = (event: Json): Init => ({
  sessionId: textAt(event, "session_id"),
  version: textAt(event, "claude_code_version"),
  tools: texts(listAt(event, "tools")),
  agents: texts(listAt(event, "agents")),
  commands: texts(listAt(event, "slash_commands")),
  servers: listAt(event, "mcp_servers").map((server) => ({
    name: textAt(server, "name"),
    status: textAt(server, "status")
  }))
})

const hookOf = (event: Json): HookRun => {
  const exitCode = at(event, "exit_code")
  return {
    event: textAt(event, "hook_event"),
    name: textAt(event, "hook_name"),
    exitCode: typeof exitCode === "number" ? exitCode : undefined,
    outcome: textAt(event, "outcome"),
    stdout: textAt(event, "stdout"),
    stderr: textAt(event, "stderr")
  }
}

const resultOf = (event: Json): Result => ({
  isError: at(event, "is_error") === true,
  terminalReason: textAt(event, "terminal_reason"),
  text: textAt(event, "result"),
  denied: listAt(event, "permission_denials").map((denial) => textAt(denial, "tool_name"))
})

/** The lines of a stream; one that is cut off by the client's death is left out. */
export const eventsOf = (stdout: string): ReadonlyArray<Json> =>
  stdout
    .split("\n")
    .map((line) => parseJson(line))
    .filter((event) => event !== undefined)

export const toldIn = (events: ReadonlyArray<Json>): Told => {
  const system = (subtype: string): ReadonlyArray<Json> =>
    events.filter((event) => textAt(event, "type") === "system" && textAt(event, "subtype") === subtype)
  const init = system("init").at(0)
  const result = events.findLast((event) => textAt(event, "type") === "result")
  return {
    init: init === undefined ? undefined : initOf(init),
    hooks: system("hook_response").map(hookOf),
    result: result === undefined ? undefined : resultOf(result)
  }
}
