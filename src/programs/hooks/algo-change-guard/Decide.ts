/** What the guard makes of a tool's call. Pure, but for what it asks of the file system through its probe. */
import { resolve } from "node:path"
import type { FileProbe } from "../kit/FileProbe.ts"
import { physical } from "../kit/FileProbe.ts"
import type { JsonObject } from "../kit/Json.ts"
import { textAt } from "../kit/Json.ts"
import { findsOf, seenFrom, type ShellCommand, shellCommands } from "../kit/shell/ShellCommands.ts"
import { isPlain } from "../kit/shell/ShellValues.ts"
import { isShellTool, POWERSHELL } from "../GuardedTools.ts"
import { refusedForAgent } from "./AgentCommands.ts"
import { inlineCode, mentionsAct, mentionsOf } from "./InlineCode.ts"
import { refusedClient } from "./OtherClients.ts"
import { refusedAct } from "./PlimsollActs.ts"
import { touchesOf } from "./Touches.ts"
import { type Places, type Zone, type ZoneMap, zoneMap } from "./Zones.ts"

export type Decision =
  | { readonly _tag: "Pass" }
  | { readonly _tag: "Refuse"; readonly reason: string }
  | {
      readonly _tag: "Confirm"
      readonly reason: string
      /** The files below algorithms/ that would change, absolute where they are known; empty when it is not about them. */
      readonly algorithms: ReadonlyArray<string>
    }

export interface Scene {
  readonly places: Places
  /** The folder the client is in. */
  readonly cwd: string
  readonly environment: { readonly [name: string]: string | undefined }
  readonly probe: FileProbe
}

const pass: Decision = { _tag: "Pass" }
const refuse = (reason: string): Decision => ({ _tag: "Refuse", reason })
const confirm = (reason: string, algorithms: ReadonlyArray<string> = []): Decision => ({
  _tag: "Confirm",
  reason,
  algorithms
})

const refusal = (zone: Extract<Zone, { _tag: "Guarded" }>, path: string): Decision =>
  refuse(`${shown(path)} may not be changed by an agent: ${zone.what}. ${zone.instead}.`)

/** A path for people: what is not known of it as an ellipsis. */
const shown = (path: string): string => path.replaceAll(/[\u{E000}-\u{E00F}]+/gu, "…").slice(0, 300)

const expanded = (path: string, { environment, places }: Scene): string => {
  const home = environment["HOME"]
  const withHome = home !== undefined && /^~(?:\/|$)/u.test(path) ? home + path.slice(1) : path
  return withHome.replace(/^\$(?:\{CLAUDE_PROJECT_DIR\}|CLAUDE_PROJECT_DIR\b)/u, () => places.project)
}

/** A file that Write, Edit, MultiEdit or NotebookEdit would change. */
export const decideFile = (file: string, scene: Scene): Decision => {
  if (file === "" || file.includes("\0")) return refuse("The file to change has no usable name.")
  const path = resolve(scene.cwd, expanded(file, scene))
  const written = seenFrom(scene.cwd, expanded(file, scene))
  const zones = zoneMap(scene.places, scene.probe)
  // `resolve` takes dots as they are written; the system may go another way.
  for (const spelling of [path, written]) {
    const zone = zones.of(spelling)
    if (zone?._tag === "Guarded") return refusal(zone, file)
  }
  const zone = zones.of(written)
  if (zone?._tag === "Algorithm") {
    return confirm(
      `${shown(zone.path)} is a trading algorithm: a person confirms each change to it. It is written down.`,
      [path]
    )
  }
  return zone === undefined ? pass : confirm(`${shown(file)}: ${zone.what}. A person confirms the change.`)
}

interface Findings {
  refused: string | undefined
  asked: string | undefined
  readonly algorithms: Set<string>
}

const lookAtCode = (command: ShellCommand, findings: Findings): void => {
  for (const text of inlineCode(command)) {
    const { guarded, algorithm, act } = mentionsOf(text)
    if (guarded || act) {
      findings.refused ??= namedIn(command.program, act)
    } else if (algorithm) {
      findings.algorithms.add("algorithms/")
    }
  }
}

/** A program in a language that is not read here: what it names is all that can be seen. */
const decideText = (text: string, program: string): Decision => {
  const { guarded, algorithm, act } = mentionsOf(text)
  if (guarded || act) return refuse(namedIn(program, act))
  return algorithm
    ? confirm("A person confirms each change to a trading algorithm. It is written down.", ["algorithms/"])
    : pass
}

const namedIn = (program: string, act: boolean): string =>
  `A program given to ${program} as text names ${act ? "a person's command of plimsoll" : "files that an agent may not change"}. ` +
  "To read them use cat, grep or the desk's tools."

/** More files of one command are not looked at: a person is asked. */
const MAX_TOUCHES = 5_000

const lookAtFiles = (command: ShellCommand, zones: ZoneMap, { probe }: Scene, findings: Findings): void => {
  const touches = touchesOf(command, probe, findsOf)
  if (touches.length > MAX_TOUCHES)
    findings.asked ??= `${command.program} is told of too many files to look at.`
  for (const { path, how } of touches.slice(0, MAX_TOUCHES)) {
    const zone = how === "replaces" ? zones.within(path) : zones.of(path)
    if (zone === undefined) continue
    if (zone._tag === "Guarded") {
      const reason = `${shown(path)} may not be changed by an agent: ${zone.what}. ${zone.instead}.`
      if (how === "names")
        findings.asked ??= `${command.program} is told of ${shown(path)}: ${zone.what}. Does it only read it?`
      else findings.refused ??= reason
    } else if (how === "names") {
      continue
    } else if (zone._tag === "Algorithm") {
      findings.algorithms.add(isPlain(path) ? path : zone.path)
    } else {
      findings.asked ??= `${shown(path)}: ${zone.what}. A person confirms the change.`
    }
  }
}

/** What a command that was not understood may be about. */
const SUSPECT =
  /\.claude[\\/"']*(?:settings|hooks)|\.mcp\.json|\.plimsoll\b|plimsoll\.json|dist[\\/]hooks|plimsoll["'\s]+(?:order|resume|clock|account|limits|storage|recover|init|mcp)\b/iu

/** Programs that start others, in ways that are not read here. */
const STARTERS =
  /^(?:expect|parallel|unshare|nsenter|ssh|su|runuser|pkexec|systemd-run|launchctl|at|batch|tmux|screen|dtach|daemonize|xterm|firejail|bwrap|yarn|pnpm|corepack|concurrently|pm2|nodemon|entr|watchexec|g?make|just|task)$/u

/** A program that has a person's command among its words or in its input, and may start it. */
const mayStartIt = ({ input = "", program, words }: ShellCommand): boolean => {
  if (program === "git") return words.some((word) => word.startsWith("alias.") && mentionsAct(word))
  return STARTERS.test(program) && mentionsAct(`${words.slice(1).join(" ")} ${input}`)
}

/** A command for the shell. */
export const decideBash = (command: string, scene: Scene): Decision => {
  const { places, cwd, environment, probe } = scene
  const { commands, complete } = shellCommands(command, {
    cwd,
    project: places.project,
    environment,
    isFolder: probe.isFolder
  })
  const zones = zoneMap(places, probe)
  const findings: Findings = { refused: undefined, asked: undefined, algorithms: new Set() }
  for (const one of commands) {
    const leadsTo = (word: string): string =>
      isPlain(word) ? physical(seenFrom(one.cwds[0] ?? cwd, word), probe) : word
    findings.refused ??= refusedAct(one, leadsTo) ?? refusedClient(one)
    if (mayStartIt(one)) {
      findings.asked ??= `${one.program} is told of a person's command of plimsoll. Does it start it?`
    }
    lookAtCode(one, findings)
    lookAtFiles(one, zones, scene, findings)
    if (findings.refused !== undefined) return refuse(findings.refused)
  }
  if (!complete && SUSPECT.test(command)) {
    findings.asked ??=
      "This command could not be understood to its end, and it names guarded files or a person's command."
  }
  const algorithms = [...findings.algorithms]
  if (algorithms.length > 0) {
    return confirm(
      `${algorithms.slice(0, 5).map(shown).join(", ")}: a person confirms each change to a trading algorithm. It is written down.`,
      algorithms
    )
  }
  return findings.asked === undefined ? pass : confirm(findings.asked)
}

/** The tools the guard knows, and where each keeps what it would change. */
export const fileKeys: Readonly<Record<string, "file_path" | "notebook_path">> = {
  Write: "file_path",
  Edit: "file_path",
  MultiEdit: "file_path",
  NotebookEdit: "notebook_path"
}

/** A tool's call, and whose it is. */
export interface GuardedCall {
  readonly toolName: string
  readonly toolInput: JsonObject
  /** "main", or the subagent's kind. */
  readonly agent: string
}

export const decideTool = (call: GuardedCall, scene: Scene): Decision => {
  const { agent, toolInput: input, toolName: tool } = call
  if (isShellTool(tool) || tool === POWERSHELL) {
    const command = textAt(input, "command")
    if (command === undefined) return refuse(`${tool} was called without a command.`)
    const refused = refusedForAgent(agent, command)
    if (refused !== undefined) return refuse(refused)
    return tool === POWERSHELL ? decideText(command, tool) : decideBash(command, scene)
  }
  const key = Object.hasOwn(fileKeys, tool) ? fileKeys[tool] : undefined
  const file = key === undefined ? undefined : textAt(input, key)
  return file === undefined ? refuse(`${tool} was called without a file.`) : decideFile(file, scene)
}
