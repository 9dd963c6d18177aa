/** Which LEAN backtests a shell command runs, and where each leaves its results. */
import { lexical } from "../kit/FileProbe.ts"
import {
  seenFrom,
  type ShellCommand,
  type ShellSurroundings,
  shellCommands
} from "../kit/shell/ShellCommands.ts"
import { isPlain } from "../kit/shell/ShellValues.ts"

export interface BacktestRun {
  /** The project's folder, absolute. */
  readonly project: string
  /** Where the results were asked to be, absolute, where that was said. */
  readonly output: string | undefined
  /** Whether the run goes on by itself. */
  readonly detached: boolean
}

/** Options of `lean backtest` that take no value. */
const flags = new Set([
  "-d",
  "--detach",
  "--download-data",
  "--release",
  "--update",
  "--no-update",
  "--verbose",
  "--help",
  "--show-secrets"
])

/** Options with two values. */
const pairs = new Set(["--parameter", "--extra-config"])

/** `lean`, or its module run by Python. */
const argumentsOf = ({ program, words }: ShellCommand): ReadonlyArray<string> | undefined => {
  if (program === "lean" || program === "lean.exe") return words.slice(1)
  const module = words.indexOf("-m")
  return /^python[0-9.]*$/u.test(program) && words[module + 1] === "lean"
    ? words.slice(module + 2)
    : undefined
}

const runOf = (command: ShellCommand): BacktestRun | undefined => {
  const all = argumentsOf(command)
  if (all === undefined) return undefined
  const at = all.findIndex((word) => !word.startsWith("-"))
  if (all[at] !== "backtest") return undefined
  const args = all.slice(at + 1)
  const operands: Array<string> = []
  let output: string | undefined
  let detached = false
  for (let place = 0; place < args.length; place++) {
    const word = args[place] ?? ""
    if (word === "--help") return undefined
    if (word === "--detach" || word === "-d") detached = true
    if (word === "--output") output = args[place + 1]
    else if (word.startsWith("--output=")) output = word.slice("--output=".length)
    if (!word.startsWith("-")) operands.push(word)
    else if (pairs.has(word)) place += 2
    else if (!flags.has(word) && !word.includes("=")) place += 1
  }
  const [cwd = "/"] = command.cwds
  const [project] = operands
  if (project === undefined || !isPlain(cwd + project)) return undefined
  const path = lexical(seenFrom(cwd, project))
  return {
    // A project may be named by its main file.
    project: /\.(?:py|cs|ipynb)$/u.test(path) ? path.slice(0, path.lastIndexOf("/")) : path,
    output: output === undefined || !isPlain(output) ? undefined : lexical(seenFrom(cwd, output)),
    detached
  }
}

/** The backtests that `text` runs, each once. */
export const backtestRuns = (text: string, from: ShellSurroundings): ReadonlyArray<BacktestRun> => {
  // Most commands have nothing to do with it.
  if (!/lean/iu.test(text.replaceAll(/["'\\]/gu, ""))) return []
  const runs = shellCommands(text, from).commands.flatMap((command) => runOf(command) ?? [])
  return [...new Map(runs.map((run) => [`${run.project}\n${run.output ?? ""}`, run])).values()]
}
