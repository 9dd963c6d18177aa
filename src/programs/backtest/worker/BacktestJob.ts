/** A worker's whole backtest: its market opened, played to its end or to where it is told to stop. */
import { Effect, Exit, Fiber, Option } from "effect"
import type { EngineCheckpoint } from "../../../backtest/engine/Engine.ts"
import { playBacktest } from "../../../backtest/engine/PlayBacktest.ts"
import { marketOptions } from "../../MarketSources.ts"
import { openSources, RunRefused } from "../../RunSetup.ts"
import { tapeOf } from "../BacktestTape.ts"
import { strategyNamed } from "../PrepareBacktest.ts"
import type { BacktestJob } from "./Messages.ts"
import type { Connection } from "./SweepJob.ts"

const changed = (what: string): RunRefused =>
  new RunRefused({ message: `${what} since the backtest was prepared: begin it anew` })

/** The strategy and the tape that the backtest's inputs name, by hash. */
const begin = Effect.fnUntraced(function* ({ file }: BacktestJob) {
  const { folder, inputs, market, project } = file
  const { algorithm, data } = inputs
  const { codeHash, definition } = yield* strategyNamed(algorithm.name, project)
  if (codeHash !== algorithm.codeHash) {
    return yield* changed(`the code of ${algorithm.name} has changed`)
  }
  const strategy = yield* Effect.fromResult(definition.bind(algorithm.parameters))
  const { sources } = yield* openSources(market, folder)
  const tape = yield* tapeOf(inputs, strategy, sources)
  if (tape.dataHash !== data.dataHash) return yield* changed("the prices have changed")
  return { strategy, sources, tape, published: yield* marketOptions({ market }, folder) }
})

export const playBacktestJob = Effect.fnUntraced(function* (
  job: BacktestJob,
  { beat, onOrder, report }: Connection
) {
  const begun = yield* Effect.result(begin(job))
  if (begun._tag === "Failure") return report({ _tag: "Unusable", message: begun.failure.message })
  const { cash, models, profile, resumePolicy, seed } = job.file.inputs
  let checkpoint: EngineCheckpoint | undefined
  const fiber = yield* Effect.forkChild(
    playBacktest({
      ...begun.success,
      cash,
      models,
      profile,
      resumePolicy,
      seed,
      heartbeat: beat,
      onProgress: (progress) => Effect.sync(() => report({ _tag: "Progress", progress })),
      onCheckpoint: (at) => Effect.sync(() => void (checkpoint = at)),
      ...(job.resume === undefined ? {} : { resume: job.resume })
    })
  )
  onOrder((order) => {
    if (order._tag === "Stop") Effect.runFork(Fiber.interrupt(fiber))
  })
  const exit = yield* Fiber.await(fiber)
  if (Exit.isSuccess(exit)) return report({ _tag: "Finished", played: exit.value })
  if (Exit.hasInterrupts(exit)) return report({ _tag: "Stopped", checkpoint })
  const fault = Exit.findErrorOption(exit)
  // A defect ends the worker, and that tells its cause.
  if (Option.isNone(fault)) return yield* Effect.asVoid(exit)
  return report({ _tag: "Failed", failure: fault.value.failure })
})
