/** `run_backtest`: a run of the session engine, as `plimsoll run` plays it. */
import { join } from "node:path"
import canonicalize from "canonicalize"
import { Effect, Option, Schema, type Semaphore } from "effect"
import { MAX_MONEY_MICROS, MoneyFromDecimal, toFloat } from "../../../domain/Money.ts"
import { SessionDate } from "../../../domain/Timestamp.ts"
import type { RunProgress } from "../../../session/Run.ts"
import type { MarketConfig } from "../../DeskConfig.ts"
import type { DeskFolder } from "../../DeskFolder.ts"
import { loadConfig } from "../../DeskProgram.ts"
import * as RunFolder from "../../RunFolder.ts"
import { runFile, runInputs } from "../../RunPreparation.ts"
import { openSources } from "../../RunSetup.ts"
import { resumeCommand, runToReport } from "../../RunToReport.ts"
import { marketSteps } from "../kit/NextSteps.ts"
import { type Call, tool } from "../kit/Tool.ts"
import { onPlatform } from "./Platform.ts"
import { Results, resultsOf, resultsText } from "./Results.ts"
import { backtestIds, finished, shelved } from "./Shelf.ts"

/** Where the runs of a project are, and which of them this server is playing. */
export interface Backtests {
  readonly folder: () => DeskFolder
  /** One is played at a time: they share a processor. */
  readonly turn: Semaphore.Semaphore
  readonly running: Set<string>
  waiting: number
}

export const runsOf = ({ folder }: Backtests): string => join(folder().home, "runs")

/** As many are being played or wait for their turn as this server takes. */
export class BacktestsBusy extends Schema.TaggedError<BacktestsBusy>()("BacktestsBusy", {
  message: Schema.String
}) {}

/** The run stopped before its end; what was played is kept. */
export class BacktestFailed extends Schema.TaggedError<BacktestFailed>()("BacktestFailed", {
  backtestId: Schema.String,
  message: Schema.String
}) {}

/** Backtests that may wait for the one being played. */
const MAX_WAITING = 8
/** A call hears of its progress so many times. */
const PROGRESS_STEPS = 100
/** Runs looked through, newest first, for one of the same inputs. */
const MAX_LOOKED_THROUGH = 200

const Cash = MoneyFromDecimal.pipe(
  Schema.check(
    Schema.makeFilter<number>(
      (micros) =>
        (micros > 0 && micros <= MAX_MONEY_MICROS) ||
        "expected an amount above zero, at most a billion dollars"
    )
  )
)

const Input = Schema.Struct({
  algorithm: Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(64))),
  startDate: SessionDate,
  endDate: SessionDate,
  symbols: Schema.optionalKey(
    Schema.Array(Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(48)))).pipe(
      Schema.check(Schema.isMaxLength(100))
    )
  ),
  cash: Schema.optionalKey(Cash),
  profile: Schema.optionalKey(Schema.Literals(["desk", "single-index", "research"])),
  reuse: Schema.optionalKey(Schema.Boolean)
})
type Asked = typeof Input.Type

const words = { from: "start_date", to: "end_date", symbols: "symbols" }

/** A run as it is asked for, checked against what the desk's market has. */
const prepared = Effect.fnUntraced(function* (asked: Asked, folder: DeskFolder) {
  const { config, problem } = yield* loadConfig(folder)
  if (problem !== undefined) return yield* problem
  const market: MarketConfig = config.market ?? { source: "embedded" }
  const { sources } = yield* openSources(market, folder.project)
  const inputs = yield* runInputs(
    {
      market,
      symbols: (asked.symbols ?? config.universe ?? []).map((symbol) => symbol.trim().toUpperCase()),
      from: Option.some(asked.startDate),
      to: Option.some(asked.endDate),
      cash: Option.fromUndefinedOr(asked.cash),
      strategies: [asked.algorithm],
      limits: Option.fromUndefinedOr(asked.profile),
      resumePolicy: Option.none(),
      seed: Option.none(),
      words
    },
    sources
  )
  return { sources, file: runFile(inputs, market, folder.project) }
})

/** What two runs have in common that give the same journal. */
const sameness = ({ folder, inputs, market }: RunFolder.RunFile): string =>
  canonicalize([inputs, market, market.source === "embedded" ? "" : folder]) ?? ""

/** The latest finished run of the same inputs. */
const earlier = Effect.fnUntraced(function* (runs: string, file: RunFolder.RunFile) {
  const wanted = sameness(file)
  for (const id of (yield* backtestIds(runs)).slice(0, MAX_LOOKED_THROUGH)) {
    const found = yield* shelved(runs, id)
    if (found.status === "finished" && sameness(found.file) === wanted) return Option.some(found)
  }
  return Option.none()
})

/** Tells the client now and then, and lets the server's other calls come between two sessions. */
const progressTo = (call: Call) => (progress: RunProgress) => {
  const { books, date, session, sessions } = progress
  const every = Math.max(1, Math.floor(sessions / PROGRESS_STEPS))
  const [book] = books
  const told =
    book !== undefined && (session % every === 0 || session === sessions)
      ? call.progress(
          session,
          sessions,
          `${date}: equity ${toFloat(book.equity).toFixed(2)}, ${book.tradingState}`
        )
      : Effect.void
  return Effect.andThen(told, Effect.yieldNow)
}

const play = Effect.fnUntraced(function* (
  backtests: Backtests,
  run: Effect.Success<ReturnType<typeof prepared>>,
  call: Call
) {
  const runs = runsOf(backtests)
  const folder = yield* RunFolder.create(runs, run.file)
  const { id } = folder
  const goesOn = `${resumeCommand("plimsoll", id)} goes on where it stopped`
  backtests.running.add(id)
  yield* runToReport({ ...run, folder, name: "plimsoll", onProgress: progressTo(call) }).pipe(
    Effect.mapError(
      (error) =>
        new BacktestFailed({
          backtestId: id,
          message: `backtest ${id} stopped: ${error.message}; ${goesOn}`
        })
    ),
    // The call is not answered any more: what it leaves says so itself, and this line tells how to go on.
    Effect.onInterrupt(() => Effect.logWarning(`backtest ${id} was canceled; ${goesOn}`)),
    Effect.ensuring(Effect.sync(() => backtests.running.delete(id)))
  )
  return yield* resultsOf(yield* finished(runs, id, false), false)
})

/** One at a time, and not without end. */
const inTurn = <A, E, R>(
  backtests: Backtests,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E | BacktestsBusy, R> =>
  Effect.suspend((): Effect.Effect<A, E | BacktestsBusy, R> => {
    if (backtests.waiting > MAX_WAITING) {
      return Effect.fail(
        new BacktestsBusy({
          message: `${backtests.waiting} backtests are being played or wait already, which is all this server takes`
        })
      )
    }
    backtests.waiting += 1
    return backtests.turn
      .withPermits(1)(work)
      .pipe(Effect.ensuring(Effect.sync(() => (backtests.waiting -= 1))))
  })

export const runBacktest = (backtests: Backtests) =>
  tool({
    name: "run_backtest",
    title: "Run a backtest",
    description:
      "Plays a built-in strategy (trend, guarded-holder, buy-and-hold, covered-call, put-spread) on the desk's market history under the risk rules, in a book of its own. profile: limits; single-index for one index, else desk, by default. Every call is a new run, unless reuse is true and one of the same inputs is there. A canceled run stays, unfinished, and can be resumed.",
    annotations: { readOnly: false, idempotent: false },
    input: Input,
    output: Results,
    next: {
      ...marketSteps,
      UnknownStrategy: "choose one of these; other algorithms cannot be run here.",
      RunRefused: "call it again with what would do.",
      ConfigInvalid: "tell a person: plimsoll.json has to be mended.",
      BacktestsBusy: "wait for those to end (list_backtests), then call again.",
      BacktestFailed: "tell a person; list_backtests shows it as unfinished.",
      BacktestDamaged: "run it again; the damaged run's folder is left as it is.",
      BacktestUnfinished: "look at list_backtests.",
      BacktestUnknown: "look at list_backtests.",
      PlatformError: "tell a person: the runs' folder cannot be read or written."
    },
    handle: (asked, call) =>
      onPlatform(
        Effect.gen(function* () {
          const run = yield* prepared(asked, backtests.folder())
          if (asked.reuse === true) {
            const found = yield* earlier(runsOf(backtests), run.file)
            if (Option.isSome(found)) return yield* resultsOf(found.value, true)
          }
          return yield* inTurn(backtests, play(backtests, run, call))
        })
      ),
    text: resultsText
  })
