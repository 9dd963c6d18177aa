/** The events of the client, as far as hooks read them. */
import { Unusable } from "./Hook.ts"
import { isObject, type JsonObject, numberAt, objectAt, textAt } from "./Json.ts"

/** Whose act it is: "main", or the kind of subagent. */
export interface EventAgent {
  readonly agent: string
  readonly agentId: string | undefined
}

export interface ToolEvent<Name extends string = string> extends EventAgent {
  readonly event: Name
  readonly sessionId: string
  /** The folder the client was in. */
  readonly cwd: string
  readonly permissionMode: string | undefined
  /** The name the client gives it, such as `mcp__broker__place_order`. */
  readonly toolName: string
  readonly toolInput: JsonObject
  /** The client's id of this call. */
  readonly toolUseId: string
  /** What the tool gave, after it ran. */
  readonly toolResponse: unknown
  /** What went wrong, after it failed. */
  readonly error: unknown
  readonly durationMillis: number | undefined
}

export const agentOf = (event: JsonObject): EventAgent => {
  const agentId = textAt(event, "agent_id")
  const type = textAt(event, "agent_type")
  return { agent: type ?? (agentId === undefined ? "main" : "unknown subagent"), agentId }
}

const missing = (event: string, key: string): Unusable =>
  new Unusable(`the event ${event} has no usable ${key}.`)

/** A tool's event, which must be one of `names` and have all that the client sends with it. */
export const toolEvent = <const Name extends string>(
  json: JsonObject,
  names: ReadonlyArray<Name>
): ToolEvent<Name> | Unusable => {
  const named = textAt(json, "hook_event_name")
  const event = names.find((name) => name === named)
  if (event === undefined) {
    return new Unusable(`it is for ${names.join(" and ")}, and the event is ${named ?? "without a name"}.`)
  }
  const sessionId = textAt(json, "session_id")
  if (sessionId === undefined || sessionId === "") return missing(event, "session_id")
  const cwd = textAt(json, "cwd")
  if (cwd === undefined || !cwd.startsWith("/")) return missing(event, "cwd")
  const toolName = textAt(json, "tool_name")
  if (toolName === undefined || toolName === "") return missing(event, "tool_name")
  const toolInput = objectAt(json, "tool_input")
  if (toolInput === undefined) return missing(event, "tool_input")
  const toolUseId = textAt(json, "tool_use_id")
  if (toolUseId === undefined || toolUseId === "") return missing(event, "tool_use_id")
  return {
    event,
    sessionId,
    cwd,
    permissionMode: textAt(json, "permission_mode"),
    toolName,
    toolInput,
    toolUseId,
    toolResponse: json["tool_response"],
    error: json["error"],
    durationMillis: numberAt(json, "duration_ms"),
    ...agentOf(json)
  }
}

/** A tool of one of the desk's servers. */
export interface DeskTool {
  readonly server: string
  /** As the server calls it, such as `place_order`. */
  readonly tool: string
}

/** Configured in the project a server is called `broker`, installed as a plugin `plugin_plimsoll_broker`. */
const DESK_TOOL =
  /^mcp__(?:plugin_plimsoll_)?(?<server>market-data|broker|portfolio|backtest)__(?<tool>[A-Za-z0-9_-]+)$/u

/** The desk's tool that the client calls `toolName`. A bare `place_order` is none: the client never says that. */
export const deskTool = (toolName: string): DeskTool | undefined => {
  const { server, tool } = DESK_TOOL.exec(toolName)?.groups ?? {}
  return server === undefined || tool === undefined ? undefined : { server, tool }
}

/** What an MCP tool gave: the client hands over a JSON text, or a list of text blocks. */
export const mcpOutputs = (response: unknown): unknown => {
  if (typeof response === "string") {
    try {
      return JSON.parse(response)
    } catch {
      return response
    }
  }
  if (!Array.isArray(response)) return response
  const [first, ...rest]: ReadonlyArray<unknown> = response
  return rest.length === 0 && isObject(first) && first["type"] === "text"
    ? mcpOutputs(first["text"])
    : response
}
