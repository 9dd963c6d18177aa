/**
 * Runs a prepared backtest in a thread of its own and keeps what it comes to.
 *
 * One that throws, takes too long or meets data nobody can trade on is kept as
 * failed. One that is interrupted leaves a checkpoint: gone on with, it comes to
 * the result that it would have come to.
 */
import { Clock, Effect, Option, Result, Schema } from "effect"
import { backtestId } from "../../backtest/BacktestId.ts"
import type { BacktestResult } from "../../backtest/BacktestResult.ts"
import { type BacktestCheckpoint, BacktestStore } from "../../backtest/BacktestStore.ts"
import type { BacktestProgress } from "../../backtest/engine/PlayBacktest.ts"
import { contentOf, playedBars } from "../../backtest/ResultOf.ts"
import { openSources, RunRefused } from "../RunSetup.ts"
import { version } from "../Version.ts"
import { BacktestFile } from "./BacktestFile.ts"
import { tapeOf } from "./BacktestTape.ts"
import { failedOf, keepBacktest, resultOf } from "./KeepBacktest.ts"
import { type PreparedBacktest, strategyNamed } from "./PrepareBacktest.ts"
import { ratesHash, riskFreeRates } from "./RiskFreeRates.ts"
import { playInWorker } from "./worker/PlayInWorker.ts"

/** What a backtest may take unless it is said. */
export const DEFAULT_TIME_LIMIT_MILLIS = 600_000

export interface RunBacktestOptions {
  readonly onProgress: (progress: BacktestProgress) => Effect.Effect<void>
  readonly timeLimitMillis?: number
  /** It was interrupted, and its checkpoint is kept. */
  readonly onKept?: () => void
  /** Where an earlier try of the very same backtest was interrupted. */
  readonly resume?: BacktestCheckpoint
  /** A worker's program; the tests' own. */
  readonly entry?: string
}

const encodeFile = Schema.encodeSync(Schema.fromJsonString(BacktestFile))
const decodeFile = Schema.decodeUnknownEffect(Schema.fromJsonString(BacktestFile), {
  onExcessProperty: "error"
})

/** Plays it; where it stands when it is interrupted is kept. */
const play = Effect.fnUntraced(function* (prepared: PreparedBacktest, options: RunBacktestOptions) {
  const store = yield* BacktestStore
  const { file, id, tape } = prepared
  let done = 0
  const keepCheckpoint = Effect.fnUntraced(function* (state: string) {
    const savedAt = yield* Clock.currentTimeMillis
    yield* store.putCheckpoint({
      version: 1,
      id,
      savedAt,
      done,
      of: tape.sessions.length,
      file: encodeFile(file),
      state
    })
    options.onKept?.()
  })
  return yield* playInWorker(
    { file, ...(options.resume === undefined ? {} : { resume: options.resume.state }) },
    {
      timeLimitMillis: options.timeLimitMillis ?? DEFAULT_TIME_LIMIT_MILLIS,
      onProgress: (progress) => {
        done = progress.session
        return options.onProgress(progress)
      },
      onCheckpoint: (state) =>
        Effect.catch(keepCheckpoint(state), (error) =>
          Effect.logWarning(`the backtest's checkpoint is lost: ${error.message}`)
        ),
      ...(options.entry === undefined ? {} : { entry: options.entry })
    }
  )
})

/** From its beginning, or from a checkpoint, to a result that is kept. */
export const runBacktest = Effect.fn("runBacktest")(function* (
  prepared: PreparedBacktest,
  options: RunBacktestOptions
) {
  const store = yield* BacktestStore
  const { file, id, riskFree, tape } = prepared
  const { inputs } = file
  const ranAt = yield* Clock.currentTimeMillis
  const played = yield* Effect.result(play(prepared, options))
  const wallMillis = (yield* Clock.currentTimeMillis) - ranAt
  const head = { inputs, command: file.command, ranAt, wallMillis }
  const result: BacktestResult = Result.isSuccess(played)
    ? resultOf(head, contentOf({ played: played.success, inputs, bars: playedBars(tape), riskFree }))
    : failedOf(head, played.failure.failure)
  yield* keepBacktest(result, "backtest")
  const isTooSlow = result.outcome._tag === "Failed" && result.outcome.failure.kind === "time-limit"
  // With a longer limit it can go on from there.
  if (!isTooSlow) yield* store.dropCheckpoint(id)
  return result
})

/** A backtest as it was prepared when it was begun; refused where its code, its prices or this program have changed since. */
const prepareAgain = Effect.fnUntraced(function* (checkpoint: BacktestCheckpoint) {
  const { id } = checkpoint
  const refuse = (what: string) =>
    new RunRefused({
      message: `${id} cannot be gone on with: ${what}; run it again from its beginning`
    })
  const file = yield* Effect.mapError(decodeFile(checkpoint.file), () =>
    refuse("it was begun by another version of this program")
  )
  const { inputs } = file
  if (inputs.engine.version !== version)
    return yield* refuse("it was begun by another version of this program")
  const algorithm = yield* strategyNamed(inputs.algorithm.name, file.project)
  if (algorithm.codeHash !== inputs.algorithm.codeHash) {
    return yield* refuse(`the code of ${inputs.algorithm.name} has changed since`)
  }
  const strategy = yield* Effect.fromResult(algorithm.definition.bind(inputs.algorithm.parameters))
  const { lines, sources } = yield* openSources(file.market, file.folder)
  const tape = yield* tapeOf(inputs, strategy, sources)
  if (tape.dataHash !== inputs.data.dataHash) return yield* refuse("the prices have changed since")
  const riskFree = yield* riskFreeRates(file.market, file.folder, inputs.data.to)
  if (ratesHash(riskFree).ratesHash !== inputs.data.ratesHash) {
    return yield* refuse("the interest rates beside the prices have changed since")
  }
  if (backtestId(inputs) !== id) return yield* refuse("its checkpoint is of other inputs")
  const prepared: PreparedBacktest = { id, file, algorithm, strategy, sources, tape, riskFree, notes: lines }
  return prepared
})

/** The interrupted backtest of that id, or the one that was interrupted last, ready to go on. */
export const reopenBacktest = Effect.fn("reopenBacktest")(function* (name: Option.Option<string>) {
  const store = yield* BacktestStore
  const resume = yield* store.checkpoint(Option.getOrElse(name, () => "latest"))
  return { prepared: yield* prepareAgain(resume), resume }
})
