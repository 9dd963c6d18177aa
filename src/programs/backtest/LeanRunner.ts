/**
 * Plays a LEAN project with QuantConnect's own command, `lean backtest`, and
 * reads what it leaves.
 *
 * The output goes where LEAN itself would put it, into the project's
 * `backtests/`, under the time it began: `lean` refuses folders outside of its
 * own. Nobody is asked anything on the way; where `lean` would ask, it ends.
 */
import { mkdirSync, rmdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { Clock, Duration, Effect, type FileSystem, Option, type Path, Result } from "effect"
import type { BacktestInputs } from "../../backtest/BacktestInputs.ts"
import { costsOf } from "../../backtest/CostsPreset.ts"
import { leanParameters, leanProfile } from "../../backtest/lean/LeanBacktest.ts"
import type { LeanResult } from "../../backtest/lean/LeanResult.ts"
import { dollars } from "../../domain/Money.ts"
import type { StrategyParameters } from "../../session/Strategy.ts"
import { LeanFailure } from "./LeanFailure.ts"
import { emptyLog, type LeanLog, type LeanProgress, type LeanTrouble, withLine } from "./LeanLog.ts"
import { type ImportedLean, importedLean, type LeanOutput, readLeanOutput } from "./LeanOutput.ts"
import { type LeanEnd, runLeanProcess } from "./LeanProcess.ts"
import { leanProgram, type LeanProject, leanProject, parameterArguments } from "./LeanProject.ts"

export interface LeanRun {
  /** The project's folder. */
  readonly project: string
  /** In the place of those of its config.json that go by the same names. */
  readonly parameters?: StrategyParameters
  /** A lean.json other than the nearest one. */
  readonly leanConfig?: string
  /** The process's own, with its PATH, unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

export interface LeanRunOptions {
  /** Every line that `lean` writes, as it comes. */
  readonly onLog?: (line: string) => void
  /** When it has come further. */
  readonly onProgress?: (progress: LeanProgress) => void
  readonly timeLimitMillis?: number
  /** What a run that is ended has after each signal, from SIGINT to SIGKILL. */
  readonly patienceMillis?: number
}

/** `lean` ends its container in that. */
const PATIENCE_MILLIS = 4_000

/** Folders that runs of the same second get. */
const MOST_IN_A_SECOND = 100

const two = (number: number): string => String(number).padStart(2, "0")

/** "2026-11-27_10-20-30", as LEAN names its runs: by the computer's own time. */
const stampOf = (millis: number): string => {
  const at = new Date(millis)
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${date}_${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}`
}

const inWords = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const hasCode = (cause: unknown, code: string): boolean =>
  cause instanceof Error && "code" in cause && cause.code === code

/** A folder that no other run has: made here. */
const makeOutput = (project: LeanProject, millis: number): string => {
  const runs = join(project.folder, "backtests")
  mkdirSync(runs, { recursive: true })
  for (let n = 1; ; n++) {
    const candidate = join(runs, n === 1 ? stampOf(millis) : `${stampOf(millis)}-${n}`)
    try {
      mkdirSync(candidate)
      return candidate
    } catch (cause) {
      if (!hasCode(cause, "EEXIST") || n === MOST_IN_A_SECOND) throw cause
    }
  }
}

const outputFor = (project: LeanProject, millis: number): Effect.Effect<string, LeanFailure> =>
  Effect.try({
    try: () => makeOutput(project, millis),
    catch: (cause) =>
      new LeanFailure({
        reason: "no-project",
        message: `no folder for the result could be made in ${join(project.folder, "backtests")}: ${inWords(cause)}`,
        lines: []
      })
  })

/** What nobody wrote into is not left behind. */
const dropIfEmpty = (output: string): void => {
  try {
    rmdirSync(output)
    rmdirSync(dirname(output))
  } catch {
    // There is something in it.
  }
}

/** Lines are not to be broken at the width of a terminal that is not there, and are to come at once. */
const unbroken = { COLUMNS: "500", PYTHONUNBUFFERED: "1", NO_COLOR: "1" }

const troubleText: Readonly<Record<LeanTrouble, string>> = {
  "no-docker":
    "Docker is not installed, does not run, or may not be used by this user: LEAN runs in a container (start Docker, then try again)",
  "no-lean-config":
    "lean found no lean.json in the project's folder or above it: run `lean init` in the folder that holds your projects, or name one",
  "old-lean": "this lean does not know an option that is needed: upgrade it with `pip install --upgrade lean`"
}

/** What is known of a run that left no result, where LEAN came so far as to say it. */
const inputsOf = (
  project: LeanProject,
  run: LeanRun,
  { span, version }: LeanLog
): BacktestInputs | undefined =>
  span === undefined
    ? undefined
    : {
        engine: { name: "lean", version: version ?? "unknown" },
        algorithm: {
          name: project.name,
          kind: "lean",
          codeHash: project.codeHash,
          parameters: { ...leanParameters(project.parameters), ...run.parameters }
        },
        data: {
          source: "LEAN",
          symbols: ["unknown"],
          resolution: "1d",
          from: span.from,
          to: span.to,
          dataset: "LEAN unknown",
          dataHash: "unknown"
        },
        cash: dollars(span.cash ?? 0),
        profile: leanProfile,
        resumePolicy: { _tag: "Never" },
        seed: 0,
        models: costsOf("lean")
      }

interface Ran {
  readonly run: LeanRun
  readonly project: LeanProject
  readonly output: string
  readonly log: LeanLog
  readonly end: LeanEnd
}

const failure = (
  { log, output, project, run }: Omit<Ran, "end">,
  reason: LeanFailure["reason"],
  message: string,
  exitCode?: number
): LeanFailure => {
  const inputs = inputsOf(project, run, log)
  return new LeanFailure({
    reason,
    message,
    lines: log.lines,
    output,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(inputs === undefined ? {} : { inputs })
  })
}

/** How the algorithm itself ended, by the result: undefined when well. */
const algorithmError = (result: LeanResult | undefined): string | undefined => {
  const { runtimeError, status } = result?.state ?? {}
  if (typeof runtimeError === "string" && runtimeError !== "") return runtimeError
  return typeof status === "string" && status !== "" && status !== "Completed"
    ? `LEAN says "${status}"`
    : undefined
}

/** Why the process's end is no good one; undefined when it is. */
const badEnd = (ran: Ran, result: LeanResult | undefined): LeanFailure | undefined => {
  const { end, log } = ran
  if (log.trouble !== undefined && (end._tag !== "Exited" || end.code !== 0)) {
    return failure(ran, log.trouble, troubleText[log.trouble])
  }
  const error = algorithmError(result)
  if (error !== undefined) return failure(ran, "algorithm", `the algorithm failed: ${error}`)
  switch (end._tag) {
    case "NotStarted":
      return failure(ran, "not-installed", `lean could not be started: ${end.why}`)
    case "Killed":
      return failure(ran, "exit", `lean was ended by ${end.signal}`)
    case "Exited": {
      if (end.code === 0) return undefined
      const said = log.error === undefined ? "" : `: ${log.error}`
      return failure(ran, "exit", `lean ended with exit code ${end.code}${said}`, end.code)
    }
  }
}

const readResult = Effect.fnUntraced(function* (output: string) {
  const read = yield* Effect.result(readLeanOutput(output))
  return Result.isFailure(read)
    ? { read, imported: undefined }
    : { read, imported: importedLean(read.success) }
})

const noData = ({ requests }: LeanOutput): boolean =>
  requests !== undefined && requests.asked > 0 && requests.failed === requests.asked

const outcome = Effect.fnUntraced(function* (
  ran: Ran
): Effect.fn.Return<ImportedLean, LeanFailure, FileSystem.FileSystem | Path.Path> {
  const { imported, read } = yield* readResult(ran.output)
  const result = imported !== undefined && Result.isSuccess(imported) ? imported.success.result : undefined
  const bad = badEnd(ran, result)
  if (bad !== undefined) return yield* bad
  if (Result.isFailure(read)) {
    const { message, reason } = read.failure
    const isMissing = reason === "no-result" || reason === "not-found"
    return yield* failure(
      ran,
      isMissing ? "no-result" : "bad-result",
      isMissing ? `lean ended well and left no result: ${message}` : message
    )
  }
  if (noData(read.success)) {
    return yield* failure(
      ran,
      "no-data",
      `LEAN found none of the ${read.success.requests?.asked ?? 0} data files it asked for: they belong into the data folder that lean.json names (which ones: failed-data-requests-*.txt in ${ran.output})`
    )
  }
  if (imported === undefined || Result.isFailure(imported)) {
    return yield* failure(ran, "bad-result", imported?.failure.message ?? `${ran.output} cannot be read`)
  }
  const { content, inputs, notes, path } = imported.success
  return { content, inputs, notes, path }
})

/** Interrupted, the whole of `lean` is ended before it returns: its processes and its container. */
export const runLean = Effect.fn("LeanRunner.runLean")(function* (
  run: LeanRun,
  options: LeanRunOptions = {}
): Effect.fn.Return<ImportedLean, LeanFailure, FileSystem.FileSystem | Path.Path> {
  const project = yield* leanProject(run.project)
  const environment = run.environment ?? process.env
  const program = yield* leanProgram(environment["PATH"])
  const output = yield* outputFor(project, yield* Clock.currentTimeMillis)
  let log = emptyLog
  const onLine = (line: string): void => {
    const before = log.progress
    log = withLine(log, line)
    options.onLog?.(line)
    if (log.progress !== before) options.onProgress?.(log.progress)
  }
  const playing = runLeanProcess({
    patienceMillis: options.patienceMillis ?? PATIENCE_MILLIS,
    program,
    args: [
      "backtest",
      project.folder,
      "--output",
      output,
      ...(run.leanConfig === undefined ? [] : ["--lean-config", run.leanConfig]),
      ...parameterArguments(project, run.parameters ?? {})
    ],
    cwd: project.folder,
    environment: { ...environment, ...unbroken },
    output,
    onLine
  }).pipe(Effect.ensuring(Effect.sync(() => dropIfEmpty(output))))
  const { timeLimitMillis } = options
  const ended =
    timeLimitMillis === undefined
      ? Option.some(yield* playing)
      : yield* Effect.timeoutOption(playing, Duration.millis(timeLimitMillis))
  if (Option.isNone(ended)) {
    return yield* failure(
      { run, project, output, log },
      "time-limit",
      `LEAN took longer than ${(timeLimitMillis ?? 0) / 1_000} s and was ended`
    )
  }
  return yield* outcome({ run, project, output, log, end: ended.value })
})
