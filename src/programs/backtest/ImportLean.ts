/** Results of LEAN among this program's own: of a run somewhere else, or of a project that is played now. */
import { resolve } from "node:path"
import { Clock, Effect, Result } from "effect"
import type { BacktestResult } from "../../backtest/BacktestResult.ts"
import { quoted } from "../RunPreparation.ts"
import type { LeanAlgorithm } from "./Algorithms.ts"
import { failedOf, keepBacktest, resultOf } from "./KeepBacktest.ts"
import { backtestFailure } from "./LeanFailure.ts"
import { importLean } from "./LeanOutput.ts"
import { type LeanRunOptions, runLean } from "./LeanRunner.ts"
import type { StrategyParameters } from "../../session/Strategy.ts"

/** A backtest of LEAN that is kept, and what to mind of it. */
export interface KeptLean {
  readonly result: BacktestResult
  readonly notes: ReadonlyArray<string>
}

/** Takes the LEAN run at a path in: a result, the folder it lies in, or a project. */
export const importBacktest = Effect.fn("importBacktest")(function* (path: string, folder: string) {
  const ranAt = yield* Clock.currentTimeMillis
  const { content, inputs, notes } = yield* importLean(resolve(folder, path))
  const command = `backtest import ${quoted(path)}`
  const result = resultOf({ inputs, command, ranAt, wallMillis: 0 }, content)
  yield* keepBacktest(result, "import")
  const kept: KeptLean = { result, notes }
  return kept
})

/** Hands a project to LEAN and keeps what it comes to; a failure of which nobody knows what was played is not kept. */
export const runLeanBacktest = Effect.fn("runLeanBacktest")(function* (
  { folder, name }: LeanAlgorithm,
  parameters: StrategyParameters,
  options: LeanRunOptions
) {
  const ranAt = yield* Clock.currentTimeMillis
  const ran = yield* Effect.result(runLean({ project: folder, parameters }, options))
  const wallMillis = (yield* Clock.currentTimeMillis) - ranAt
  const words = Object.entries(parameters).flatMap(([key, value]) => ["--param", `${key}=${String(value)}`])
  const command = `backtest run ${[name, ...words].map(quoted).join(" ")}`
  if (Result.isFailure(ran)) {
    const { inputs } = ran.failure
    if (inputs === undefined) return yield* ran.failure
    const failed = failedOf({ inputs, command, ranAt, wallMillis }, backtestFailure(ran.failure))
    yield* keepBacktest(failed, "backtest")
    const kept: KeptLean = { result: failed, notes: [] }
    return kept
  }
  const { content, inputs, notes } = ran.success
  const result = resultOf({ inputs, command, ranAt, wallMillis }, content)
  yield* keepBacktest(result, "backtest")
  const kept: KeptLean = { result, notes }
  return kept
})
