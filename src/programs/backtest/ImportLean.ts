/** Results of LEAN among this program's own: of a run somewhere else, or of a project that is played now. */
import { resolve } from "node:path"
import { Clock, Effect, Result } from "effect"
import type { BacktestResult } from "../../backtest/BacktestResult.ts"
import { movedCutoff, withCutoff } from "../../backtest/robustness/Contaminated.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { quoted } from "../../session/ShellWord.ts"
import type { LeanAlgorithm } from "./Algorithms.ts"
import { RunRefused } from "../RunSetup.ts"
import { cutoffWords } from "./BacktestCommandLine.ts"
import { failedOf, keepBacktest, resultOf } from "./KeepBacktest.ts"
import { backtestFailure } from "./LeanFailure.ts"
import { leanProject } from "./LeanProject.ts"
import { importLean } from "./LeanOutput.ts"
import { type LeanRunOptions, runLean } from "./LeanRunner.ts"
import type { StrategyParameters } from "../../session/Strategy.ts"

/** A backtest of LEAN that is kept, and what to mind of it. */
export interface KeptLean {
  readonly result: BacktestResult
  readonly notes: ReadonlyArray<string>
}

/** A project's own, or the later one that is said besides. */
const cutoffOf = (name: string, declared: SessionDate | undefined, asked: SessionDate | undefined) =>
  Effect.mapError(
    Effect.fromResult(movedCutoff(declared, asked)),
    (message) => new RunRefused({ message: `${name}: ${message}` })
  )

/** Takes the LEAN run at a path in: a result, the folder it lies in, or a project. */
export const importBacktest = Effect.fn("importBacktest")(function* (
  path: string,
  folder: string,
  knowledgeCutoff?: SessionDate
) {
  const ranAt = yield* Clock.currentTimeMillis
  const { content, inputs: declared, notes } = yield* importLean(resolve(folder, path))
  const { algorithm } = declared
  const cutoff = yield* cutoffOf(algorithm.name, algorithm.knowledgeCutoff, knowledgeCutoff)
  const inputs = withCutoff(declared, cutoff)
  const command = `backtest import ${quoted(path)}${cutoffWords(knowledgeCutoff)}`
  const result = resultOf({ inputs, command, ranAt, wallMillis: 0 }, content)
  yield* keepBacktest(result, "import")
  const kept: KeptLean = { result, notes }
  return kept
})

/** Hands a project to LEAN and keeps what it comes to; a failure of which nobody knows what was played is not kept. */
export const runLeanBacktest = Effect.fn("runLeanBacktest")(function* (
  { folder, name }: LeanAlgorithm,
  parameters: StrategyParameters,
  options: LeanRunOptions & {
    /** Besides the one of the project's config.json. */
    readonly knowledgeCutoff?: SessionDate | undefined
  }
) {
  const project = yield* leanProject(folder)
  const cutoff = yield* cutoffOf(name, project.knowledgeCutoff, options.knowledgeCutoff)
  const ranAt = yield* Clock.currentTimeMillis
  const ran = yield* Effect.result(runLean({ project: folder, parameters }, options))
  const wallMillis = (yield* Clock.currentTimeMillis) - ranAt
  const words = Object.entries(parameters).flatMap(([key, value]) => ["--param", `${key}=${String(value)}`])
  const command = `backtest run ${[name, ...words].map(quoted).join(" ")}${cutoffWords(options.knowledgeCutoff)}`
  if (Result.isFailure(ran)) {
    if (ran.failure.inputs === undefined) return yield* ran.failure
    const inputs = withCutoff(ran.failure.inputs, cutoff)
    const failed = failedOf({ inputs, command, ranAt, wallMillis }, backtestFailure(ran.failure))
    yield* keepBacktest(failed, "backtest")
    const kept: KeptLean = { result: failed, notes: [] }
    return kept
  }
  const { content, notes } = ran.success
  const inputs = withCutoff(ran.success.inputs, cutoff)
  const result = resultOf({ inputs, command, ranAt, wallMillis }, content)
  yield* keepBacktest(result, "backtest")
  const kept: KeptLean = { result, notes }
  return kept
})
