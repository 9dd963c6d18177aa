/**
 * Before a tool changes a file or runs a command: what guards the desk is not for agents to change, and what trades
 * is changed only after a person was asked. It stops mistakes and what is done in the open; against a program that
 * hides what it does there are the broker's own rules and the audit log.
 */
import { dirname, join } from "node:path"
import { findDeskFolder } from "../../DeskFolder.ts"
import { allow, ask, deny, failed, type HookAnswer } from "../kit/Answer.ts"
import { appendLine } from "../kit/AppendLine.ts"
import { type ToolEvent, toolEvent } from "../kit/Event.ts"
import { fileProbe } from "../kit/FileProbe.ts"
import { type Hook, type HookSurroundings, Unusable } from "../kit/Hook.ts"
import { type JsonObject, textAt } from "../kit/Json.ts"
import { guardedTools } from "../GuardedTools.ts"
import { changeLine } from "./ChangeLog.ts"
import { decideTool, type Scene } from "./Decide.ts"

export type GuardedEvent =
  | { readonly _tag: "Tool"; readonly event: ToolEvent<"PreToolUse"> }
  | { readonly _tag: "Settings"; readonly source: string; readonly file: string | undefined }

const input = (json: JsonObject): GuardedEvent | Unusable => {
  if (textAt(json, "hook_event_name") === "ConfigChange") {
    const source = textAt(json, "source")
    return source === undefined
      ? new Unusable("the event ConfigChange has no usable source.")
      : { _tag: "Settings", source, file: textAt(json, "file_path") }
  }
  const event = toolEvent(json, ["PreToolUse"])
  if (event instanceof Unusable) return event
  return guardedTools.includes(event.toolName)
    ? { _tag: "Tool", event }
    : new Unusable(`it is for ${guardedTools.join(", ")}, and this was ${event.toolName}.`)
}

/** Where the guards are that run: in the project, or installed elsewhere. */
const installation = (): string | undefined => {
  const folder = dirname(process.argv[1] ?? "")
  if (folder.endsWith("/dist/hooks")) return dirname(dirname(folder))
  return folder.endsWith("/dist") ? dirname(folder) : undefined
}

const sceneOf = ({ project, cwd, environment }: HookSurroundings): Scene => {
  const desk = findDeskFolder(project, environment["PLIMSOLL_HOME"])
  return {
    places: {
      project,
      installation: installation(),
      home: environment["HOME"],
      desk: desk.home,
      config: desk.config
    },
    cwd,
    environment,
    probe: fileProbe
  }
}

const answerTool = (event: ToolEvent<"PreToolUse">, scene: Scene): HookAnswer => {
  const decision = decideTool(event, scene)
  switch (decision._tag) {
    case "Pass":
      return allow
    case "Refuse":
      return deny(decision.reason)
    case "Confirm": {
      if (decision.algorithms.length > 0) {
        const path = join(scene.places.desk, "trades", "algorithm-changes.jsonl")
        try {
          appendLine(path, changeLine(event, decision.algorithms, Date.now(), scene.probe))
        } catch (cause) {
          const why = cause instanceof Error ? cause.message : String(cause)
          return failed(`a change to an algorithm is written down first, and that failed: ${path}: ${why}.`)
        }
      }
      return ask(decision.reason)
    }
  }
}

/** Reading settings takes a library that is too slow to load for every command. */
const answerSettings = async (
  source: string,
  file: string | undefined,
  { project, environment }: HookSurroundings
): Promise<HookAnswer> => {
  const { refusedChangeIn } = await import("./SettingsChange.ts")
  const refused = refusedChangeIn(project, environment, { source, file: file ?? source })
  return refused === undefined ? allow : deny(refused)
}

export const algoChangeGuard: Hook<GuardedEvent> = {
  name: "algo-change-guard",
  guarding: true,
  input,
  run: (guarded, surroundings) =>
    guarded._tag === "Settings"
      ? answerSettings(guarded.source, guarded.file, surroundings)
      : answerTool(guarded.event, sceneOf(surroundings))
}
