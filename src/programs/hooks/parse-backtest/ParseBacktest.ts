/** After `lean backtest`: the figures of its result, for the model that started it. */
import { readFileSync } from "node:fs"
import { basename, relative } from "node:path"
import { allow, context } from "../kit/Answer.ts"
import { type ToolEvent, toolEvent } from "../kit/Event.ts"
import { fileProbe } from "../kit/FileProbe.ts"
import { type Hook, type HookSurroundings, Unusable } from "../kit/Hook.ts"
import { isObject, parseJson, textAt } from "../kit/Json.ts"
import { findResult, type Search } from "./FindResult.ts"
import { type BacktestRun, backtestRuns } from "./LeanCommand.ts"
import { figuresText, leanFigures } from "./LeanResult.ts"

type BashEvent = ToolEvent<"PostToolUse" | "PostToolUseFailure">

/** The client lets no command run longer. */
const LONGEST_COMMAND_MILLIS = 600_000

/** More runs of one command are only counted. */
const MAX_RUNS = 5

/** Why the command itself went wrong, where it did. */
const troubleOf = (event: BashEvent): string | undefined => {
  if (event.event === "PostToolUseFailure") {
    return `the command failed${typeof event.error === "string" ? `: ${event.error.trim().slice(0, 300)}` : ""}`
  }
  return isObject(event.toolResponse) && event.toolResponse["interrupted"] === true
    ? "the command was interrupted"
    : undefined
}

const readResult = (file: string): string => {
  const result = parseJson(readFileSync(file, "utf8"))
  const figures = isObject(result) ? leanFigures(result) : undefined
  if (figures === undefined)
    return "is no LEAN result that can be read: it was cut off, or holds no statistics."
  const ended =
    figures.error ??
    (figures.status === undefined || figures.status === "Completed" ? undefined : figures.status)
  const text = figuresText(figures)
  return ended === undefined
    ? text
    : `the algorithm did not end well (${ended.slice(0, 300)}); until then: ${text}`
}

const said = (search: Search, shown: (path: string) => string): string => {
  switch (search._tag) {
    case "Found":
      return `${basename(search.folder)}, ${basename(search.file)}: ${readResult(search.file)}`
    case "TooLarge":
      return `its result ${shown(search.file)} is too large to be read here (${search.bytes} bytes).`
    case "Missing":
      return (
        `it left no result in ${shown(search.looked)}. There are no figures for it` +
        (search.older === undefined ? "." : `; those in ${shown(search.older)} are of an earlier run.`)
      )
  }
}

const report = (
  run: BacktestRun,
  event: BashEvent,
  sinceMillis: number,
  { project }: HookSurroundings
): string => {
  const shown = (path: string): string => {
    const inside = relative(project, path)
    return inside === "" || inside.startsWith("..") ? path : inside
  }
  const of = `LEAN backtest of ${shown(run.project)}: `
  const background = run.detached || event.toolInput["run_in_background"] === true
  if (background)
    return `${of}it runs on by itself; its result will be in ${shown(run.output ?? `${run.project}/backtests`)}.`
  const trouble = troubleOf(event)
  const search = findResult(run, sinceMillis)
  return `${of}${trouble === undefined ? "" : `${trouble}. `}${said(search, shown)}`
}

/**
 * The event names the folder the shell is in afterwards: a `cd` of the command itself may have led there, so that
 * its paths are right from the project's folder only.
 */
const runsOf = (event: BashEvent, { project, environment }: HookSurroundings): ReadonlyArray<BacktestRun> => {
  const command = textAt(event.toolInput, "command") ?? ""
  const { isFolder } = fileProbe
  const [here = [], ...others] = [...new Set([event.cwd, project])].map((cwd) =>
    backtestRuns(command, { cwd, project, environment, isFolder })
  )
  return here.map((run, at) =>
    isFolder(run.project)
      ? run
      : (others.map((runs) => runs[at]).find((other) => other !== undefined && isFolder(other.project)) ??
        run)
  )
}

export const parseBacktest: Hook<BashEvent> = {
  name: "parse-backtest",
  guarding: false,
  input: (json) => {
    const event = toolEvent(json, ["PostToolUse", "PostToolUseFailure"])
    if (event instanceof Unusable) return event
    return event.toolName === "Bash" ? event : new Unusable(`it is for Bash, and this was ${event.toolName}.`)
  },
  run: (event, surroundings) => {
    const runs = runsOf(event, surroundings)
    if (runs.length === 0) return allow
    const sinceMillis = Date.now() - (event.durationMillis ?? LONGEST_COMMAND_MILLIS)
    const lines = runs.slice(0, MAX_RUNS).map((run) => report(run, event, sinceMillis, surroundings))
    if (runs.length > MAX_RUNS) lines.push(`${runs.length - MAX_RUNS} more backtests are not shown.`)
    return context(lines.join("\n"))
  }
}
