/** `plimsoll run`. */
import { join } from "node:path"
import { Clock, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { SessionDate } from "../../domain/Timestamp.ts"
import { ResumePolicyFromText } from "../../risk/ResumePolicy.ts"
import { sessionsBetween } from "../../market/TradingCalendar.ts"
import { definitions } from "../../session/strategies/Strategies.ts"
import * as RunFolder from "../RunFolder.ts"
import { runFile, runInputs } from "../RunPreparation.ts"
import { openSources, skippedLines } from "../RunSetup.ts"
import { nextSteps, resumeCommand, runToReport } from "../RunToReport.ts"
import { optional } from "./CommandKit.ts"
import { paramFlag, typedParameters } from "./commands/backtest/BacktestFlags.ts"
import { BadUsage, misused } from "./Failures.ts"
import { invocation } from "./Invocation.ts"
import { CashText, listed, marketFlags, marketOf } from "./MarketFlags.ts"
import { progressBar } from "./RunProgress.ts"
import { summaryLines } from "./RunTable.ts"
import { surroundings } from "./Surroundings.ts"
import { err, out, printable } from "./Terminal.ts"

const words = { from: "--from", to: "--to", symbols: "--symbols" }

const flags = {
  ...marketFlags,
  symbols: optional(Flag.String("symbols"), "symbols to trade, separated by commas"),
  from: optional(Flag.String("from").pipe(Flag.withSchema(SessionDate)), "first session, YYYY-MM-DD"),
  to: optional(Flag.String("to").pipe(Flag.withSchema(SessionDate)), "last session, YYYY-MM-DD"),
  cash: optional(
    Flag.String("cash").pipe(Flag.withSchema(CashText)),
    "starting cash of each book; 100000 by default"
  ),
  strategy: optional(
    Flag.String("strategy"),
    `${[...definitions.keys()].join(", ")} or one of the project's algorithms/, or several separated by commas; trend,guarded-holder by default`
  ),
  param: paramFlag,
  limits: optional(
    Flag.String("limits"),
    "limits profile: desk, single-index or research; single-index for one index, else desk"
  ),
  resumePolicy: Flag.String("resume-policy").pipe(
    Flag.withSchema(ResumePolicyFromText),
    Flag.withDescription(
      'after a drawdown trip: "never", or "sessions:N" to resume at the N-th open after it; sessions:20 by default'
    ),
    Flag.optional
  ),
  seed: optional(Flag.Int("seed"), "what the modelled path inside a bar is drawn from; 1 by default"),
  resume: Flag.Boolean("resume").pipe(
    Flag.withDescription("go on with the latest run that was interrupted, or with the one named by --run"),
    Flag.withDefault(false)
  ),
  run: optional(Flag.String("run"), "with --resume: the run's id"),
  json: Flag.Boolean("json").pipe(Flag.withDescription("print the result as JSON"), Flag.withDefault(false))
}
type RunFlags = Command.Command.Config.Infer<typeof flags>

/** A new run as the flags ask for it. */
const prepare = Effect.fnUntraced(function* (asked: RunFlags, runs: string, cwd: string, project: string) {
  const market = yield* marketOf(asked)
  const { lines, sources } = yield* openSources(market, cwd)
  for (const line of lines) err(printable(line))
  const symbols = listed(asked.symbols).map((symbol) => symbol.toUpperCase())
  const strategies = listed(asked.strategy)
  const typed = yield* misused(typedParameters(asked.param))
  const inputs = yield* runInputs({ ...asked, market, symbols, strategies, typed, project, words }, sources)
  const file = runFile(inputs, market, cwd, project)
  return { folder: yield* RunFolder.create(runs, file), file, sources }
})

/** With --resume nothing else is asked: a run's inputs are what they were. */
const reopen = Effect.fnUntraced(function* (asked: RunFlags, runs: string) {
  const { data, csv, symbols, from, to, cash, strategy, limits, resumePolicy, seed } = asked
  const others = [data, csv, symbols, from, to, cash, strategy, limits, resumePolicy, seed]
  if (asked.skipBadRows || asked.param.length > 0 || others.some((other) => Option.isSome<unknown>(other))) {
    return yield* new BadUsage({
      message: "--resume goes on with a run as it was begun: leave the other options out"
    })
  }
  const { file, folder } = yield* RunFolder.reopen(runs, asked.run)
  const { sources } = yield* openSources(file.market, file.folder)
  return { folder, file, sources }
})

const run = Effect.fn("run")(function* (asked: RunFlags) {
  if (Option.isSome(asked.run) && !asked.resume) {
    return yield* new BadUsage({ message: "--run names the run that --resume goes on with: add --resume" })
  }
  const { cwd, folder: desk } = surroundings()
  const runs = join(desk.home, "runs")
  const { file, folder, sources } = yield* asked.resume
    ? reopen(asked, runs)
    : prepare(asked, runs, cwd, desk.project)
  const begun = yield* Clock.currentTimeMillis
  const name = invocation()
  const bar = progressBar(sessionsBetween(file.inputs.from, file.inputs.to).length)
  const { finished, result } = yield* runToReport({
    folder,
    file,
    sources,
    name,
    onProgress: (progress, elapsedMillis) => Effect.sync(() => bar.update(progress, elapsedMillis))
  }).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        bar.stop()
        err(`plimsoll: interrupted; ${resumeCommand(name, folder.id)} goes on where it stopped`)
      })
    ),
    Effect.ensuring(Effect.sync(bar.stop))
  )
  for (const line of skippedLines(finished.report.market.skippedRows)) err(printable(line))
  if (asked.json) {
    out(JSON.stringify(result))
    return
  }
  const seconds = ((yield* Clock.currentTimeMillis) - begun) / 1000
  for (const line of summaryLines(finished, { folder, seconds, next: nextSteps(name, folder) })) out(line)
})

export const runCommand = Command.make("run", flags, run).pipe(
  Command.withDescription(
    "Plays a paper session on real history: strategies trade it through the guarded broker, each in a book of its own. The desk's account is left alone."
  ),
  Command.withExamples([
    { command: "plimsoll run", description: "twenty years of the S&P 500, two strategies" },
    { command: "plimsoll run --csv MYFUND=prices.csv --strategy trend", description: "your own prices" },
    {
      command: "plimsoll run --data ~/lean/data --symbols SPY,AAPL --from 2010-01-04",
      description: "a LEAN folder"
    },
    {
      command:
        "plimsoll run --symbols AAPL --from 2017-01-03 --to 2017-12-29 --strategy covered-call,put-spread",
      description: "options on modelled quotes"
    },
    { command: "plimsoll run --resume", description: "go on with a run that was interrupted" }
  ])
)
