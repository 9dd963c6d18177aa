/** `plimsoll backtest monte-carlo`: how else the same returns might have come. */
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { defaultOptions, planMonteCarlo } from "../../../../backtest/robustness/montecarlo/MonteCarloPlan.ts"
import { quoted } from "../../../../session/ShellWord.ts"
import { backtestStore } from "../../../backtest/BacktestServices.ts"
import { keptPaths } from "../../../backtest/robustness/MonteCarloFile.ts"
import { monteCarloJson } from "../../../backtest/robustness/MonteCarloJson.ts"
import { monteCarloPage } from "../../../backtest/robustness/MonteCarloPage.ts"
import { monteCarloReturns } from "../../../backtest/robustness/MonteCarloReturns.ts"
import { type MonteCarloProgress, runMonteCarlo } from "../../../backtest/robustness/MonteCarloRun.ts"
import { keptWhile } from "../../../backtest/robustness/Unfinished.ts"
import { answer, documented, flagWords, jsonFlag, optional, style } from "../../CommandKit.ts"
import { invocation } from "../../Invocation.ts"
import { checkTarget, writeWhole } from "../../OutputFile.ts"
import { surroundings } from "../../Surroundings.ts"
import { leftText, terminalBar } from "../../TerminalBar.ts"
import { keptOnTerminal } from "./Interrupted.ts"
import { monteCarloLines } from "./MonteCarloText.ts"

const flags = {
  id: Argument.String("id").pipe(
    Argument.withDescription('a backtest: its id, the beginning of one that no other has, or "latest"'),
    Argument.optional
  ),
  returns: optional(
    Flag.String("returns").pipe(Flag.withMetavar("file")),
    "a file of returns in its place: one a line (0.01 is 1%), or columns under their names"
  ),
  column: optional(Flag.String("column"), "which column of the file, where there are several"),
  method: optional(
    Flag.Literals("method", ["iid", "block", "shuffle"]),
    "iid: one by one, with replacement, the default; block: in runs of neighbours; shuffle: another order"
  ),
  paths: optional(Flag.Int("paths"), `${defaultOptions.paths} when left out`),
  seed: optional(
    Flag.Int("seed"),
    `${defaultOptions.seed} when left out; the same seed gives the same paths`
  ),
  block: optional(
    Flag.Finite("block").pipe(Flag.withMetavar("returns")),
    "mean length of blocks; chosen from the returns when left out"
  ),
  length: optional(
    Flag.Int("length").pipe(Flag.withMetavar("returns")),
    "of a path; as many as there are when left out"
  ),
  of: optional(
    Flag.Literals("of", ["returns", "trades"]),
    "of a backtest: its daily returns, the default, or each trade's profit over the equity before it"
  ),
  ruin: optional(
    Flag.Finite("ruin").pipe(Flag.withMetavar("part")),
    `the fall that is ruin, as a part of the peak; ${defaultOptions.ruin} when left out`
  ),
  workers: optional(
    Flag.Int("workers").pipe(
      Flag.filter(
        (value) => value >= 1 && value <= 256,
        (value) => `expected a whole number from 1 to 256, not ${value}`
      )
    ),
    "threads; as many as there are cores when left out, and one for few paths"
  ),
  resume: Flag.Boolean("resume").pipe(
    Flag.withDescription("go on with these very paths where they were interrupted"),
    Flag.withDefault(false)
  ),
  html: optional(
    Flag.String("html").pipe(Flag.withMetavar("file")),
    "write a page with the fan of paths and the drawdowns"
  ),
  json: jsonFlag
}
type MonteCarloFlags = Command.Command.Config.Infer<typeof flags>

/** Nothing where standard error is no terminal. */
const pathBar = () => {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined }
  const bar = terminalBar("{value} of {total} paths  {left} left")
  return {
    update: ({ done, paths }: MonteCarloProgress, elapsedMillis: number): void =>
      bar.update(done, paths, { left: leftText({ done, of: paths }, 0, elapsedMillis) }, elapsedMillis),
    stop: bar.stop
  }
}

/** What was typed, without where the answer was to go. */
const commandOf = ({
  block,
  column,
  id,
  length,
  method,
  of,
  paths,
  returns,
  ruin,
  seed
}: MonteCarloFlags) => {
  return [
    "backtest monte-carlo",
    ...Option.toArray(id).map(quoted),
    ...flagWords("returns", returns),
    ...flagWords("column", column),
    ...flagWords("of", of),
    ...flagWords("method", method),
    ...flagWords("paths", paths),
    ...flagWords("seed", seed),
    ...flagWords("block", block),
    ...flagWords("length", length),
    ...flagWords("ruin", ruin)
  ].join(" ")
}

const monteCarlo = Effect.fn("backtest monte-carlo")(function* (asked: MonteCarloFlags) {
  const { cwd, folder } = surroundings()
  if (Option.isSome(asked.html)) yield* checkTarget(asked.html.value, folder)
  const found = yield* monteCarloReturns(
    { backtest: asked.id, file: asked.returns, column: asked.column },
    Option.getOrElse(asked.of, () => "returns" as const),
    cwd
  )
  const plan = yield* Effect.fromResult(
    planMonteCarlo(found.series, {
      method: Option.getOrElse(asked.method, () => defaultOptions.method),
      paths: Option.getOrElse(asked.paths, () => defaultOptions.paths),
      seed: Option.getOrElse(asked.seed, () => defaultOptions.seed),
      block: Option.getOrUndefined(asked.block),
      length: Option.getOrUndefined(asked.length),
      ruin: Option.getOrElse(asked.ruin, () => defaultOptions.ruin)
    })
  )
  // By its id: another may be the latest by the time that the command is typed again.
  const command = commandOf({ ...asked, id: Option.fromUndefinedOr(found.result?.id) })
  const bar = pathBar()
  const begun = yield* Clock.currentTimeMillis
  const carlo = yield* keptWhile(
    keptPaths(plan),
    keptOnTerminal({ resume: asked.resume, command, left: "the paths that are left", bar }),
    (unfinished) =>
      runMonteCarlo(plan, {
        unfinished,
        workers: Option.getOrUndefined(asked.workers),
        onProgress: (progress) =>
          Effect.map(Clock.currentTimeMillis, (now) => bar.update(progress, now - begun))
      })
  ).pipe(Effect.ensuring(Effect.sync(bar.stop)))
  if (Option.isSome(asked.html)) {
    // Drawing is only loaded when there is something to draw.
    const { monteCarloHtml } = yield* Effect.promise(
      () => import("../../../../backtest/report/robustness/MonteCarloHtml.ts")
    )
    const page = monteCarloHtml(monteCarloPage(found, carlo, `${invocation()} ${command}`))
    yield* writeWhole(asked.html.value, page, folder)
  }
  yield* answer(
    asked.json,
    asked.json ? monteCarloJson(found, carlo) : undefined,
    asked.json ? [] : monteCarloLines(found, carlo, style())
  )
})

export const monteCarloCommand = Command.make("monte-carlo", flags, (asked) =>
  Effect.suspend(() => Effect.provide(monteCarlo(asked), backtestStore(surroundings().folder)))
).pipe(
  documented(
    "How else the same returns might have come: drawdown, return and time under water of thousands of resampled paths, with how exact they are.",
    ["backtest monte-carlo latest", "of the last backtest's daily returns"],
    [
      "backtest monte-carlo sma-cross-3f9 --method block --html paths.html",
      "in blocks, with the fan of paths"
    ],
    ["backtest monte-carlo latest --of trades --method shuffle", "its trades in other orders"],
    ["backtest monte-carlo --returns returns.csv --paths 10000 --seed 1 --json", "of a file, for scripts"]
  )
)
