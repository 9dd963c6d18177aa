/**
 * What was asked to be changed in algorithms/: a line of JSON for each call, with hashes of the text before and
 * after, in `trades/algorithm-changes.jsonl` of the desk's folder.
 */
import type { FileProbe } from "../kit/FileProbe.ts"
import type { ToolEvent } from "../kit/Event.ts"
import { isObject, type JsonObject, textAt } from "../kit/Json.ts"
import { redactText } from "../kit/Redaction.ts"
import { isPlain } from "../kit/shell/ShellValues.ts"

const MAX_COMMAND_CHARACTERS = 8_000
const MAX_FILES = 50

/** Loading the module takes a sixth of the time a hook has; most calls need no hash. */
const sha256 = (text: string): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(text, "utf8").digest("hex")

const replaced = (text: string, edit: JsonObject): string | undefined => {
  const from = textAt(edit, "old_string")
  const to = textAt(edit, "new_string")
  if (from === undefined || to === undefined) return undefined
  if (from === "") return text === "" ? to : undefined
  if (!text.includes(from)) return undefined
  return edit["replace_all"] === true ? text.replaceAll(from, () => to) : text.replace(from, () => to)
}

/** The text the file would have, or `undefined` where that cannot be told. */
export const textAfter = (
  tool: string,
  input: JsonObject,
  before: string | undefined
): string | undefined => {
  switch (tool) {
    case "Write":
      return textAt(input, "content")
    case "Edit":
      return replaced(before ?? "", input)
    case "MultiEdit": {
      const edits: unknown = input["edits"]
      if (!Array.isArray(edits)) return undefined
      return edits.reduce<string | undefined>(
        (text, edit: unknown) => (text === undefined || !isObject(edit) ? undefined : replaced(text, edit)),
        before ?? ""
      )
    }
    default:
      return undefined
  }
}

/**
 * The line. `diff_hash` is the SHA-256 of the file's path and the two hashes, or, where the text after it is not
 * known, of path, hash before and what the tool was given: the same change has the same one.
 */
export const changeLine = (
  event: ToolEvent,
  algorithms: ReadonlyArray<string>,
  millis: number,
  probe: FileProbe
): Readonly<Record<string, unknown>> => {
  const command = textAt(event.toolInput, "command")
  const files = algorithms.slice(0, MAX_FILES).map((path) => {
    const before = isPlain(path) ? probe.text(path) : undefined
    const after = textAfter(event.toolName, event.toolInput, before)
    const was = before === undefined ? null : sha256(before)
    const becomes = after === undefined ? null : sha256(after)
    return {
      path: path.replaceAll(/[\u{E000}-\u{E00F}]+/gu, "…"),
      sha256_before: was,
      sha256_after: becomes,
      diff_hash: sha256(JSON.stringify([path, was, becomes ?? event.toolInput]))
    }
  })
  return {
    time: new Date(millis).toISOString(),
    session_id: event.sessionId,
    agent: event.agent,
    agent_id: event.agentId ?? null,
    tool_use_id: event.toolUseId,
    tool: event.toolName,
    permission_mode: event.permissionMode ?? null,
    decision: "ask",
    files,
    ...(algorithms.length > MAX_FILES ? { files_cut: algorithms.length } : {}),
    ...(command === undefined ? {} : { command: redactText(command.slice(0, MAX_COMMAND_CHARACTERS)) })
  }
}
