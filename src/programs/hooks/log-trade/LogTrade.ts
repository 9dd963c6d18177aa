/**
 * Writes down every call of a broker tool, also one that failed: one line of JSON in
 * `trades/YYYY-MM-DD.jsonl` of the desk's folder, by the date in New York of the computer's clock.
 *
 * It is a log for people. What is binding is the journal and the audit log, which the broker writes itself.
 */
import { join } from "node:path"
import { findDeskFolder } from "../../DeskFolder.ts"
import { allow, failed } from "../kit/Answer.ts"
import { appendLine } from "../kit/AppendLine.ts"
import { deskTool, mcpOutputs, type ToolEvent, toolEvent } from "../kit/Event.ts"
import { exchangeDate } from "../kit/ExchangeDate.ts"
import { type Hook, Unusable } from "../kit/Hook.ts"
import { redact } from "../kit/Redaction.ts"

/** A line is at most this long. */
export const MAX_LINE_BYTES = 64 * 1024

/** What stands of a field that had no room. */
const KEPT_CHARACTERS = 2_000

type TradeEvent = ToolEvent<"PostToolUse" | "PostToolUseFailure">

export type TradeLine = Readonly<Record<string, unknown>>

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? "", "utf8")

/** Cuts the largest fields until the line fits, and says in `cut` how many bytes each of them had. */
const fitting = (line: TradeLine): TradeLine => {
  let fits = line
  const cut: Record<string, number> = {}
  const bySize = Object.keys(line)
    .map((name) => [name, sizeOf(line[name])] as const)
    .toSorted(([, one], [, other]) => other - one)
  for (const [name, bytes] of bySize) {
    if (sizeOf(fits) < MAX_LINE_BYTES) break
    cut[name] = bytes
    const text = typeof line[name] === "string" ? line[name] : (JSON.stringify(line[name]) ?? "")
    fits = { ...fits, [name]: text.slice(0, KEPT_CHARACTERS), cut: { ...cut } }
  }
  return fits
}

/** The line of a call, at an instant in milliseconds. */
export const tradeLine = (event: TradeEvent, millis: number): TradeLine =>
  fitting({
    time: new Date(millis).toISOString(),
    session_id: event.sessionId,
    agent: event.agent,
    agent_id: event.agentId ?? null,
    tool_use_id: event.toolUseId,
    tool: event.toolName,
    inputs: redact(event.toolInput),
    ...(event.event === "PostToolUse"
      ? { outputs: redact(mcpOutputs(event.toolResponse)) ?? null }
      : { error: redact(event.error) ?? null }),
    duration_ms: event.durationMillis ?? null,
    permission_mode: event.permissionMode ?? null
  })

export const logTrade: Hook<TradeEvent> = {
  name: "log-trade",
  guarding: false,
  // A trade that is not in the log must be seen.
  visible: true,
  input: (json) => {
    const event = toolEvent(json, ["PostToolUse", "PostToolUseFailure"])
    if (event instanceof Unusable) return event
    return deskTool(event.toolName)?.server === "broker"
      ? event
      : new Unusable(`it is for the broker's tools, and this was ${event.toolName}.`)
  },
  run: (event, { project, environment }) => {
    const { home } = findDeskFolder(project, environment["PLIMSOLL_HOME"])
    const millis = Date.now()
    const path = join(home, "trades", `${exchangeDate(millis)}.jsonl`)
    try {
      appendLine(path, tradeLine(event, millis))
      return allow
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      return failed(`the call ${event.toolUseId} of ${event.toolName} is not in the log: ${path}: ${why}.`)
    }
  }
}
