/** `plimsoll backtest run`: a strategy on history, by this program's engine, or a LEAN project by LEAN. */
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { BacktestResult } from "../../../../backtest/BacktestResult.ts"
import { findAlgorithm, type LeanAlgorithm } from "../../../backtest/Algorithms.ts"
import { backtestServices, backtestStore } from "../../../backtest/BacktestServices.ts"
import { runLeanBacktest } from "../../../backtest/ImportLean.ts"
import { prepareBacktest, type PreparedBacktest } from "../../../backtest/PrepareBacktest.ts"
import { DEFAULT_TIME_LIMIT_MILLIS, reopenBacktest, runBacktest } from "../../../backtest/RunBacktest.ts"
import type { BacktestCheckpoint } from "../../../../backtest/BacktestStore.ts"
import type { DeskFolder } from "../../../DeskFolder.ts"
import { documented, jsonFlag, optional } from "../../CommandKit.ts"
import { badUsage, BadUsage, exitCodes, misused, Told } from "../../Failures.ts"
import { invocation } from "../../Invocation.ts"
import { checkTarget } from "../../OutputFile.ts"
import { surroundings, type Surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"
import { backtestBar } from "./BacktestBar.ts"
import { anyOf, askedOf, backtestFlags, typedParameters } from "./BacktestFlags.ts"
import { tell, writePage } from "./Telling.ts"

const flags = {
  algorithm: Argument.String("algorithm").pipe(
    Argument.withDescription(
      "a built-in strategy, or one of the project's algorithms/, LEAN projects among them"
    ),
    Argument.optional
  ),
  ...backtestFlags,
  timeLimit: optional(
    Flag.Int("time-limit").pipe(
      Flag.withMetavar("seconds"),
      Flag.filter(
        (value) => value >= 1 && value <= 86_400,
        (value) => `expected a whole number from 1 to 86400, not ${value}`
      )
    ),
    `it is stopped and has failed after that; ${DEFAULT_TIME_LIMIT_MILLIS / 1000} seconds when left out`
  ),
  resume: Flag.Boolean("resume").pipe(
    Flag.withDescription("go on with the backtest that was interrupted last, or with the one named by --id"),
    Flag.withDefault(false)
  ),
  id: optional(Flag.String("id"), "with --resume: the backtest's id, or its beginning"),
  html: optional(
    Flag.String("html").pipe(Flag.withMetavar("file")),
    "write the tear sheet here too; it is always beside the result"
  ),
  json: jsonFlag
}
type RunFlags = Command.Command.Config.Infer<typeof flags>

const limitOf = ({ timeLimit }: RunFlags): number =>
  Option.match(timeLimit, { onNone: () => DEFAULT_TIME_LIMIT_MILLIS, onSome: (seconds) => seconds * 1000 })

interface Begun {
  readonly prepared: PreparedBacktest
  readonly resume?: BacktestCheckpoint
}

/** Plays one on this program's engine. */
const play = Effect.fnUntraced(function* (
  { prepared, resume }: Begun,
  timeLimitMillis: number,
  folder: DeskFolder
) {
  for (const line of prepared.notes) err(printable(line))
  const bar = backtestBar()
  const begun = yield* Clock.currentTimeMillis
  let done = resume?.done ?? 0
  let isKept = resume !== undefined
  return yield* runBacktest(prepared, {
    timeLimitMillis,
    onKept: () => {
      isKept = true
    },
    ...(resume === undefined ? {} : { resume }),
    onProgress: ({ date, equity, session, sessions }) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        done = session
        bar.update({ done: session, of: sessions, date, equity }, now - begun)
      })
  }).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        bar.stop()
        const goesOn = isKept
          ? `${invocation()} backtest run --resume --id ${prepared.id} goes on where it stopped`
          : "nothing is kept of it"
        err(`plimsoll: interrupted after ${done} of ${prepared.tape.sessions.length} sessions; ${goesOn}`)
      })
    ),
    Effect.ensuring(Effect.sync(bar.stop)),
    Effect.provide(backtestServices(folder))
  )
})

/** Thousandths of a LEAN run that are shown. */
const LEAN_STEPS = 1000

/** Hands a project to LEAN: what it logs goes to standard error. */
const playLean = Effect.fnUntraced(function* (algorithm: LeanAlgorithm, asked: RunFlags, folder: DeskFolder) {
  if (anyOf({ ...asked, param: [], knowledgeCutoff: Option.none() })) {
    return yield* new BadUsage({
      message: `${algorithm.name} is a LEAN project and says in its own code what it is tested on: leave out everything but --param, --knowledge-cutoff and --time-limit`
    })
  }
  const parameters = yield* misused(typedParameters(asked.param))
  const bar = backtestBar()
  const begun = yield* Clock.currentTimeMillis
  let now = begun
  const isBar = process.stderr.isTTY
  const { notes, result } = yield* runLeanBacktest(algorithm, parameters, {
    timeLimitMillis: limitOf(asked),
    knowledgeCutoff: Option.getOrUndefined(asked.knowledgeCutoff),
    onLog: (line) => {
      if (!isBar) err(printable(line))
    },
    onProgress: ({ date, phase, ratio }) => {
      now = performance.timeOrigin + performance.now()
      bar.update(
        {
          done: Math.round((ratio ?? 0) * LEAN_STEPS),
          of: LEAN_STEPS,
          date: date ?? phase,
          equity: undefined
        },
        now - begun
      )
    }
  }).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        bar.stop()
        err("plimsoll: interrupted; LEAN and what it started are ended, and nothing of this run is kept")
      })
    ),
    Effect.ensuring(Effect.sync(bar.stop)),
    Effect.provide(backtestServices(folder))
  )
  for (const note of notes) err(printable(`mind: ${note}`))
  return result
})

/** A new one as the flags ask for it. */
const fresh = Effect.fnUntraced(function* (asked: RunFlags, { cwd, folder }: Surroundings) {
  if (Option.isNone(asked.algorithm)) {
    return yield* badUsage(
      `which algorithm? "${invocation()} backtest run sma-cross", or a name from the project's algorithms/`
    )
  }
  const algorithm = yield* findAlgorithm(asked.algorithm.value, folder.project)
  if (algorithm._tag === "Lean") return yield* playLean(algorithm, asked, folder)
  const backtest = yield* askedOf(asked.algorithm.value, asked)
  const prepared = yield* prepareBacktest(backtest, { project: folder.project, folder: cwd })
  return yield* play({ prepared }, limitOf(asked), folder)
})

/** One that was interrupted: with --resume nothing else is asked, its inputs are what they were. */
const resumed = Effect.fnUntraced(function* (asked: RunFlags, folder: DeskFolder) {
  if (anyOf(asked) || Option.isSome(asked.algorithm)) {
    return yield* badUsage(
      "--resume goes on with a backtest as it was begun: leave the algorithm and the other options out"
    )
  }
  const begun = yield* Effect.provide(reopenBacktest(asked.id), backtestStore(folder))
  return yield* play(begun, limitOf(asked), folder)
})

const told = Effect.fnUntraced(function* (result: BacktestResult, asked: RunFlags, folder: DeskFolder) {
  const isFinished = result.outcome._tag === "Finished"
  const tearSheet = isFinished ? yield* writePage(result, asked.html, folder) : undefined
  yield* tell(result, { json: asked.json, tearSheet, folder })
  if (!isFinished) return yield* new Told({ exitCode: exitCodes.failed })
})

const run = Effect.fn("backtest run")(function* (asked: RunFlags) {
  if (Option.isSome(asked.id) && !asked.resume) {
    return yield* badUsage("--id names the backtest that --resume goes on with: add --resume")
  }
  const around = surroundings()
  if (Option.isSome(asked.html) && asked.html.value !== "")
    yield* checkTarget(asked.html.value, around.folder)
  const { folder } = around
  const result = asked.resume ? yield* resumed(asked, folder) : yield* fresh(asked, around)
  yield* Effect.provide(told(result, asked, folder), backtestStore(folder))
})

export const runBacktestCommand = Command.make("run", flags, run).pipe(
  documented(
    "Test a strategy on history: bars, orders, risk rules, fills and books as on the desk. The same inputs give the same result under the same id.",
    ["backtest run sma-cross", "with its own parameters, on the prices that come along"],
    [
      "backtest run sma-cross --param fast=8 --param slow=60 --from 2010-01-04 --costs lean",
      "other parameters, a later start, LEAN's costs"
    ],
    ["backtest run trend --data ~/lean/data --symbol SPY --symbol AAPL", "two symbols of a LEAN folder"],
    ["backtest run sma-cross --csv MYFUND=prices.csv --limits research", "your own prices, wide limits"],
    ["backtest run --resume", "go on with a backtest that was interrupted"]
  )
)
