/** `plimsoll backtest walk-forward`: parameters chosen on one stretch, tried on the next, window after window. */
import { join } from "node:path"
import { Clock, Effect, Layer, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { contaminationLines } from "../../../../backtest/robustness/Contaminated.ts"
import { backtestsOf, trialLedger } from "../../../backtest/BacktestServices.ts"
import { evidenceStore } from "../../../backtest/robustness/EvidenceFolder.ts"
import { walkForwardJson } from "../../../backtest/robustness/WalkForwardJson.ts"
import { prepareWalkForward } from "../../../backtest/robustness/WalkForwardPrepare.ts"
import { runWalkForward } from "../../../backtest/robustness/WalkForwardRun.ts"
import { documented, errorStyle, jsonFlag, optional, style } from "../../CommandKit.ts"
import { exitCodes, Told } from "../../Failures.ts"
import { invocation } from "../../Invocation.ts"
import { checkTarget, writeWhole } from "../../OutputFile.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, out, printable } from "../../Terminal.ts"
import { sweepBar } from "./BacktestBar.ts"
import { algorithmArgument, askedOf, backtestFlags } from "./BacktestFlags.ts"
import { missingWalkLines, walkForwardLines } from "./WalkForwardText.ts"

/** A segment that takes longer has failed, unless another limit is given. */
const SEGMENT_LIMIT_SECONDS = 600

const whole = (name: string, least: number, most: number) =>
  Flag.Int(name).pipe(
    Flag.filter(
      (value) => value >= least && value <= most,
      (value) => `expected a whole number from ${least} to ${most}, not ${value}`
    )
  )

const sessions = (name: string, description: string) =>
  Flag.Int(name).pipe(Flag.withMetavar("sessions"), Flag.withDescription(description))

const flags = {
  algorithm: algorithmArgument,
  grid: Flag.String("grid").pipe(
    Flag.withMetavar("name=values"),
    Flag.withDescription(
      "a parameter and its values, fast=5,8,10 or fast=5..40:5; may be given several times, the last one goes fastest"
    ),
    Flag.atLeast(0)
  ),
  train: sessions("train", "sessions on which the best point is chosen; 504 are two years"),
  test: sessions("test", "sessions after them on which it is tried; 126 are half a year"),
  embargo: sessions("embargo", "sessions left out between the two; none when left out").pipe(
    Flag.withDefault(0)
  ),
  anchored: Flag.Boolean("anchored").pipe(
    Flag.withDescription("every train window begins with the first session, and grows"),
    Flag.withDefault(false)
  ),
  objective: Flag.String("objective").pipe(
    Flag.withDescription(
      "what the best has the most of: sharpe, the default, sortino, total_return, calmar, max_drawdown, omega, psr"
    ),
    Flag.withDefault("sharpe")
  ),
  ...backtestFlags,
  workers: optional(whole("workers", 1, 256), "threads; as many as there are cores when left out"),
  timeLimit: optional(
    whole("time-limit", 1, 86_400).pipe(Flag.withMetavar("seconds")),
    `a segment that takes longer has failed; ${SEGMENT_LIMIT_SECONDS} seconds when left out`
  ),
  resume: Flag.Boolean("resume").pipe(
    Flag.withDescription("go on with this very walk-forward where it was interrupted"),
    Flag.withDefault(false)
  ),
  html: optional(Flag.String("html").pipe(Flag.withMetavar("file")), "write a page with the curves"),
  json: jsonFlag
}
type WalkForwardFlags = Command.Command.Config.Infer<typeof flags>

const walkForward = Effect.fn("backtest walk-forward")(function* (asked: WalkForwardFlags) {
  const { cwd, folder } = surroundings()
  if (Option.isSome(asked.html)) yield* checkTarget(asked.html.value, folder)
  const { anchored, embargo, grid, objective, test, train } = asked
  const backtest = yield* askedOf(asked.algorithm, asked)
  const prepared = yield* prepareWalkForward(
    { ...backtest, grid, objective, windows: { train, test, embargo, anchored } },
    { project: folder.project, folder: cwd }
  )
  for (const line of [...contaminationLines(prepared.file.sweep.inputs), ...prepared.sweep.caveats])
    err(errorStyle().yellow(`! ${line}`))
  for (const line of prepared.sweep.notes) err(printable(line))
  const backtests = backtestsOf(folder)
  const again = `${invocation()} ${prepared.command}`
  const bar = sweepBar("segments")
  const begun = yield* Clock.currentTimeMillis
  const finished = yield* runWalkForward(prepared, {
    backtests,
    workers: asked.workers,
    pointLimitMillis: 1000 * Option.getOrElse(asked.timeLimit, () => SEGMENT_LIMIT_SECONDS),
    resume: asked.resume,
    onProgress: (progress) => Effect.map(Clock.currentTimeMillis, (now) => bar.update(progress, now - begun))
  }).pipe(
    Effect.provide(Layer.merge(trialLedger(folder), evidenceStore(folder))),
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        bar.stop()
        err(printable(`plimsoll: interrupted; ${again} --resume goes on with the segments that are left`))
      })
    ),
    Effect.ensuring(Effect.sync(bar.stop))
  )
  const seconds = ((yield* Clock.currentTimeMillis) - begun) / 1000
  if (Option.isSome(asked.html)) {
    // Drawing is only loaded when there is something to draw.
    const { walkForwardHtml } = yield* Effect.promise(
      () => import("../../../../backtest/report/robustness/WalkForwardHtml.ts")
    )
    const { walkForwardReport } = yield* Effect.promise(
      () => import("../../../backtest/robustness/WalkForwardPage.ts")
    )
    const page = walkForwardHtml(walkForwardReport(prepared, finished, again))
    yield* writeWhole(asked.html.value, page, folder)
  }
  if (asked.json) {
    for (const line of missingWalkLines(prepared, finished)) err(errorStyle().yellow(printable(line)))
    out(JSON.stringify(walkForwardJson(prepared, finished), null, 2))
  } else {
    const kept = join(backtests, "walk-forwards", prepared.id)
    for (const line of walkForwardLines({ prepared, finished, seconds, folder: kept }, style())) out(line)
  }
  if (finished.failed.length > 0) return yield* new Told({ exitCode: exitCodes.failed })
})

export const walkForwardCommand = Command.make("walk-forward", flags, walkForward).pipe(
  documented(
    "Whether choosing parameters works: in every window the best point of a grid on one stretch of the data is tried on the stretch after it, and those stretches together are one curve that no choice has seen. Every point is a trial, and the curve is one.",
    [
      "backtest walk-forward sma-cross --grid fast=5,10,20 --grid slow=50,100,200 --train 504 --test 126",
      "two years to choose, half a year to try"
    ],
    [
      "backtest walk-forward sma-cross --grid fast=5..40:5 --grid slow=50..200:25 --train 504 --test 126 --embargo 5 --anchored --objective calmar --html walk.html",
      "growing windows, five sessions between, by another objective"
    ],
    [
      "backtest walk-forward sma-cross --grid slow=50..200:10 --train 504 --test 126 --costs none --limits research --json",
      "for scripts"
    ]
  )
)
