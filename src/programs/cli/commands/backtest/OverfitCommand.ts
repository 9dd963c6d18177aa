/** `plimsoll backtest overfit`: is the best of many trials an edge, or luck? */
import { Clock, Effect, Layer, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { EvidenceStore } from "../../../../backtest/robustness/Evidence.ts"
import {
  FEWEST_BLOCKS,
  MOST_BLOCKS,
  USUAL_BLOCKS
} from "../../../../backtest/robustness/overfitting/OverfittingProbability.ts"
import { contaminationLines } from "../../../../backtest/robustness/Contaminated.ts"
import { backtestServices, backtestsOf } from "../../../backtest/BacktestServices.ts"
import { prepareSweep } from "../../../backtest/PrepareSweep.ts"
import { evidenceStore } from "../../../backtest/robustness/EvidenceFolder.ts"
import { overfitEvidence } from "../../../backtest/robustness/OverfitEvidence.ts"
import { overfitJson } from "../../../backtest/robustness/OverfitJson.ts"
import {
  type Overfit,
  type OverfitOptions,
  overfitOfBacktest,
  overfitOfFile,
  overfitOfGrid
} from "../../../backtest/robustness/OverfitRun.ts"
import { answer, documented, errorStyle, jsonFlag, optional, style } from "../../CommandKit.ts"
import { badUsage } from "../../Failures.ts"
import { invocation } from "../../Invocation.ts"
import { checkTarget, writeWhole } from "../../OutputFile.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"
import { anyOf, askedOf, backtestFlags } from "./BacktestFlags.ts"
import { sweepBar } from "./BacktestBar.ts"
import { overfitLines } from "./OverfitText.ts"
import { missingLines } from "./SensitivityText.ts"

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
  subject: Argument.String("algorithm or backtest").pipe(
    Argument.withDescription(
      'with --grid: a strategy whose grid is played; without: a stored backtest, by its id, the beginning of one, or "latest"'
    ),
    Argument.optional
  ),
  grid: Flag.String("grid").pipe(
    Flag.withMetavar("name=values"),
    Flag.withDescription(
      "a parameter and its values, fast=5,8,10 or fast=5..40:5; may be given several times; the best point is judged"
    ),
    Flag.atLeast(0)
  ),
  returns: optional(
    Flag.String("returns").pipe(Flag.withMetavar("file")),
    "returns of trials from a file, a column each"
  ),
  column: optional(
    Flag.String("column"),
    "the column that is judged; the one with the highest Sharpe ratio when left out"
  ),
  blocks: Flag.Int("blocks").pipe(
    Flag.withDescription(
      `blocks that the returns are cut into, an even number from ${FEWEST_BLOCKS} to ${MOST_BLOCKS}; ${USUAL_BLOCKS} when left out`
    ),
    Flag.withDefault(USUAL_BLOCKS)
  ),
  freeParameters: optional(
    whole("free-parameters", 0, 1000),
    "how many parameters were chosen by their results; those with more than one value among the trials when left out"
  ),
  ...backtestFlags,
  workers: optional(whole("workers", 1, 256), "threads; as many as there are cores when left out"),
  timeLimit: optional(
    whole("time-limit", 1, 86_400).pipe(Flag.withMetavar("seconds")),
    `a point that takes longer has failed; ${POINT_LIMIT_SECONDS} seconds when left out`
  ),
  resume: Flag.Boolean("resume").pipe(
    Flag.withDescription("go on with this very grid where it was interrupted"),
    Flag.withDefault(false)
  ),
  html: optional(Flag.String("html").pipe(Flag.withMetavar("file")), "write a page with the pictures"),
  json: jsonFlag
}
type OverfitFlags = Command.Command.Config.Infer<typeof flags>

/** What was judged, with the command that gives it again (from "backtest" on). */
interface Done {
  readonly overfit: Overfit
  readonly command: string
}

const moreFlags = ({ blocks, freeParameters }: OverfitFlags): string =>
  [
    ...(blocks === USUAL_BLOCKS ? [] : [` --blocks ${blocks}`]),
    ...Option.toArray(freeParameters).map((count) => ` --free-parameters ${count}`)
  ].join("")

const optionsOf = ({ blocks, freeParameters }: OverfitFlags): OverfitOptions => ({
  blocks,
  freeParameters: Option.getOrUndefined(freeParameters)
})

const ofGrid = Effect.fnUntraced(function* (algorithm: string, asked: OverfitFlags) {
  const { cwd, folder } = surroundings()
  const backtest = yield* askedOf(algorithm, asked)
  const prepared = yield* prepareSweep(
    { ...backtest, grid: asked.grid },
    { project: folder.project, folder: cwd }
  )
  for (const line of [...contaminationLines(prepared.sweep.inputs), ...prepared.caveats])
    err(errorStyle().yellow(`! ${line}`))
  for (const line of prepared.notes) err(printable(line))
  const command = `${prepared.command.replace(/^backtest sensitivity/u, "backtest overfit")}${moreFlags(asked)}`
  const bar = sweepBar()
  const begun = yield* Clock.currentTimeMillis
  const { overfit, sweep } = yield* overfitOfGrid(prepared, {
    ...optionsOf(asked),
    backtests: backtestsOf(folder),
    workers: asked.workers,
    pointLimitMillis: 1000 * Option.getOrElse(asked.timeLimit, () => POINT_LIMIT_SECONDS),
    resume: asked.resume,
    onProgress: (progress) => Effect.map(Clock.currentTimeMillis, (now) => bar.update(progress, now - begun))
  }).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        bar.stop()
        err(
          printable(
            `plimsoll: interrupted; ${invocation()} ${command} --resume goes on with the points that are left`
          )
        )
      })
    ),
    Effect.ensuring(Effect.sync(bar.stop))
  )
  for (const line of missingLines(sweep.points)) err(errorStyle().yellow(printable(line)))
  const done: Done = { overfit, command }
  return done
})

/** What one of the three ways has that another was asked for. */
const problemOf = (asked: OverfitFlags): string | undefined => {
  const { column, grid, resume, returns, subject } = asked
  const isFile = Option.isSome(returns)
  const isGrid = grid.length > 0
  if (isFile && (isGrid || Option.isSome(subject))) {
    return "a file of returns is judged by itself: leave the algorithm, the backtest and --grid out, or --returns"
  }
  if (!isFile && Option.isSome(column))
    return "a column is of a file of returns: name the file with --returns"
  if (!isGrid && anyOf(asked)) {
    return "flags that describe backtests are for a grid that is to be played: give --grid NAME=VALUES, or leave them out"
  }
  if (!isGrid && (resume || Option.isSome(asked.workers) || Option.isSome(asked.timeLimit))) {
    return "--resume, --workers and --time-limit are for a grid that is played: give --grid NAME=VALUES, or leave them out"
  }
  if (!isFile && Option.isNone(subject)) {
    return 'name an algorithm with --grid NAME=VALUES, a backtest (its id, or "latest"), or a file of returns with --returns FILE'
  }
  return undefined
}

const ofBacktest = Effect.fnUntraced(function* (name: string, asked: OverfitFlags) {
  const overfit = yield* overfitOfBacktest(name, optionsOf(asked)).pipe(
    Effect.catchTag("BacktestNotFound", ({ message }) =>
      Effect.fail(
        badUsage(
          `${message}. To judge the best of an algorithm's parameters, give them with --grid NAME=VALUES`
        )
      )
    )
  )
  const done: Done = { overfit, command: `backtest overfit ${overfit.id ?? name}${moreFlags(asked)}` }
  return done
})

const ofFile = Effect.fnUntraced(function* (file: string, asked: OverfitFlags) {
  const overfit = yield* overfitOfFile(file, asked.column, optionsOf(asked), surroundings().cwd)
  const column = Option.toArray(asked.column).map((name) => ` --column '${name}'`)
  const done: Done = {
    overfit,
    command: `backtest overfit --returns ${file}${column.join("")}${moreFlags(asked)}`
  }
  return done
})

const doneOf = (asked: OverfitFlags) => {
  if (Option.isSome(asked.returns)) return ofFile(asked.returns.value, asked)
  const name = Option.getOrElse(asked.subject, () => "latest")
  return asked.grid.length > 0 ? ofGrid(name, asked) : ofBacktest(name, asked)
}

const overfit = Effect.fn("backtest overfit")(function* (asked: OverfitFlags) {
  const { folder } = surroundings()
  const problem = problemOf(asked)
  if (problem !== undefined) return yield* badUsage(problem)
  if (Option.isSome(asked.html)) yield* checkTarget(asked.html.value, folder)
  const { command, overfit } = yield* doneOf(asked)
  const { guarded, inputs } = overfit
  // With other blocks, or another price of parameters, whoever asks could choose the answer.
  const isUsual = asked.blocks === USUAL_BLOCKS && Option.isNone(asked.freeParameters)
  if (inputs !== undefined && isUsual) {
    const foundAt = yield* Clock.currentTimeMillis
    const store = yield* EvidenceStore
    yield* store.put(overfitEvidence(inputs, guarded, { command, foundAt }))
  } else if (inputs !== undefined) {
    err(printable("no evidence for a promotion: that takes the usual blocks and price of parameters"))
  }
  if (Option.isSome(asked.html)) {
    // Drawing is only loaded when there is something to draw.
    const { overfitPage } = yield* Effect.promise(() => import("../../../backtest/robustness/OverfitPage.ts"))
    yield* writeWhole(asked.html.value, overfitPage(overfit, `${invocation()} ${command}`), folder)
  }
  yield* answer(asked.json, overfitJson(overfit), overfitLines(overfit, style()))
})

export const overfitCommand = Command.make("overfit", flags, (asked) =>
  Effect.suspend(() => {
    const { folder } = surroundings()
    return Effect.provide(overfit(asked), Layer.merge(backtestServices(folder), evidenceStore(folder)))
  })
).pipe(
  documented(
    "Is the best of many trials an edge, or luck? The probability of backtest overfitting, the Sharpe ratio deflated by all trials on the data, and a recommendation: reject, paper-trade, promote.",
    [
      "backtest overfit sma-cross --grid fast=5..40:5 --grid slow=50..200:25",
      "plays the grid, each point a trial, and judges the best"
    ],
    ["backtest overfit latest", "a stored backtest among all trials on its data"],
    [
      "backtest overfit --returns trials.csv --html overfit.html",
      "the best column of a file among the others"
    ],
    ["backtest overfit --returns trials.csv --column mine --blocks 12 --json", "for scripts"]
  )
)
