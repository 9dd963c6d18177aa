/** `plimsoll backtest sensitivity`: one backtest at every point of a grid of parameters. */
import { join } from "node:path"
import { Clock, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import {
  contaminationLines,
  contaminationOf,
  contaminationWords
} from "../../../../backtest/robustness/Contaminated.ts"
import { MAX_POINTS } from "../../../../backtest/Grid.ts"
import { donePoints, machineRow } from "../../../../backtest/Sweep.ts"
import { backtestsOf, trialLedger } from "../../../backtest/BacktestServices.ts"
import { prepareSweep } from "../../../backtest/PrepareSweep.ts"
import { runSweep } from "../../../backtest/RunSweep.ts"
import { documented, errorStyle, jsonFlag, optional, style } from "../../CommandKit.ts"
import { exitCodes, Told } from "../../Failures.ts"
import { invocation } from "../../Invocation.ts"
import { checkTarget, writeWhole } from "../../OutputFile.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, out, printable } from "../../Terminal.ts"
import { algorithmArgument, askedOf, backtestFlags } from "./BacktestFlags.ts"
import { sweepBar } from "./BacktestBar.ts"
import { missingLines, sensitivityLines } from "./SensitivityText.ts"

/** A point that takes longer has failed, unless another limit is given. */
const POINT_LIMIT_SECONDS = 600

const whole = (name: string, least: number, most: number) =>
  Flag.Int(name).pipe(
    Flag.filter(
      (value) => value >= least && value <= most,
      (value) => `expected a whole number from ${least} to ${most}, not ${value}`
    )
  )

const flags = {
  algorithm: algorithmArgument,
  grid: Flag.String("grid").pipe(
    Flag.withMetavar("name=values"),
    Flag.withDescription(
      "a parameter and its values, fast=5,8,10 or fast=5..40:5; may be given several times, the last one goes fastest"
    ),
    Flag.atLeast(0)
  ),
  sample: optional(
    whole("sample", 1, MAX_POINTS).pipe(Flag.withMetavar("points")),
    "draw so many points of the grid at random, by --seed; the grid may then be large"
  ),
  ...backtestFlags,
  workers: optional(whole("workers", 1, 256), "threads; as many as there are cores when left out"),
  timeLimit: optional(
    whole("time-limit", 1, 86_400).pipe(Flag.withMetavar("seconds")),
    `a point that takes longer has failed; ${POINT_LIMIT_SECONDS} seconds when left out`
  ),
  resume: Flag.Boolean("resume").pipe(
    Flag.withDescription("go on with this very sweep where it was interrupted"),
    Flag.withDefault(false)
  ),
  html: optional(Flag.String("html").pipe(Flag.withMetavar("file")), "write a page with a map of the grid"),
  json: jsonFlag
}
type SensitivityFlags = Command.Command.Config.Infer<typeof flags>

const sensitivity = Effect.fn("backtest sensitivity")(function* (asked: SensitivityFlags) {
  const { cwd, folder } = surroundings()
  if (Option.isSome(asked.html)) yield* checkTarget(asked.html.value, folder)
  const backtest = yield* askedOf(asked.algorithm, asked)
  const prepared = yield* prepareSweep(
    { ...backtest, grid: asked.grid, sample: Option.getOrUndefined(asked.sample) },
    { project: folder.project, folder: cwd }
  )
  for (const line of [...contaminationLines(prepared.sweep.inputs), ...prepared.caveats])
    err(errorStyle().yellow(`! ${line}`))
  for (const line of prepared.notes) err(printable(line))
  const backtests = backtestsOf(folder)
  const again = `${invocation()} ${prepared.command}`
  const bar = sweepBar()
  const begun = yield* Clock.currentTimeMillis
  const finished = yield* runSweep(prepared, {
    backtests,
    workers: asked.workers,
    pointLimitMillis: 1000 * Option.getOrElse(asked.timeLimit, () => POINT_LIMIT_SECONDS),
    resume: asked.resume,
    onProgress: (progress) => Effect.map(Clock.currentTimeMillis, (now) => bar.update(progress, now - begun))
  }).pipe(
    Effect.provide(trialLedger(folder)),
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        bar.stop()
        err(printable(`plimsoll: interrupted; ${again} --resume goes on with the points that are left`))
      })
    ),
    Effect.ensuring(Effect.sync(bar.stop))
  )
  const seconds = ((yield* Clock.currentTimeMillis) - begun) / 1000
  const { points } = finished.sweep
  if (Option.isSome(asked.html)) {
    // Drawing is only loaded when there is something to draw.
    const { sensitivityHtml } = yield* Effect.promise(
      () => import("../../../../backtest/report/SensitivityHtml.ts")
    )
    const { sweepReport } = yield* Effect.promise(() => import("../../../backtest/SweepPage.ts"))
    const { caveats, costs } = prepared
    const page = sensitivityHtml(sweepReport(finished.sweep, { command: again, costs, caveats }))
    yield* writeWhole(asked.html.value, page, folder)
  }
  if (asked.json) {
    for (const line of missingLines(points)) err(errorStyle().yellow(printable(line)))
    const words = contaminationWords(contaminationOf(finished.sweep.inputs))
    const label = words === undefined ? {} : { contaminated: words }
    out(
      JSON.stringify(
        donePoints(points).map((point) => ({ ...machineRow(point), ...label })),
        null,
        2
      )
    )
  } else {
    const kept = join(backtests, "sweeps", prepared.id)
    const text = { finished, costs: prepared.costs, seconds, folder: kept }
    for (const line of sensitivityLines(text, style())) out(line)
  }
  if (points.some(({ _tag }) => _tag === "Failed")) {
    return yield* new Told({ exitCode: exitCodes.failed })
  }
})

export const sensitivityCommand = Command.make("sensitivity", flags, sensitivity).pipe(
  documented(
    "How much a result depends on its parameters: one backtest at every point of a grid. Every point is a trial that this data set's count remembers.",
    ["backtest sensitivity sma-cross --grid fast=5,8,10 --grid slow=50,60", "six points, a table"],
    [
      "backtest sensitivity sma-cross --grid fast=5..40:5 --grid slow=50..200:25 --costs none --limits research --html map.html",
      "without costs and limits, with a map"
    ],
    [
      "backtest sensitivity sma-cross --grid fast=2..100 --grid slow=20..400 --sample 200",
      "two hundred points of a large grid, drawn at random"
    ],
    ["backtest sensitivity sma-cross --grid slow=50..200:10 --param fast=8 --json", "for scripts"]
  )
)
