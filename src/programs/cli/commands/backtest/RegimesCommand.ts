/** `plimsoll backtest regimes`: in which markets a result was made. */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Label, labelOf } from "../../../../backtest/robustness/Contaminated.ts"
import { DEFAULT_RUN_LENGTH, defaultCusum } from "../../../../backtest/robustness/regimes/Cusum.ts"
import {
  DEFAULT_FIRST_FIT,
  DEFAULT_REFIT,
  defaultWalk
} from "../../../../backtest/robustness/regimes/hmm/WalkForwardFilter.ts"
import { regimeMethods } from "../../../../backtest/robustness/regimes/MarketRegimes.ts"
import { quoted } from "../../../../session/ShellWord.ts"
import { backtestStore } from "../../../backtest/BacktestServices.ts"
import { findRegimes, regimesPage } from "../../../backtest/robustness/Regimes.ts"
import { answer, documented, flagWords, jsonFlag, optional, style } from "../../CommandKit.ts"
import { invocation } from "../../Invocation.ts"
import { checkTarget, writeWhole } from "../../OutputFile.ts"
import { surroundings } from "../../Surroundings.ts"
import { leftText, terminalBar } from "../../TerminalBar.ts"
import { keptOnTerminal } from "./Interrupted.ts"
import { regimesJson } from "./RegimesJson.ts"
import { regimesLines } from "./RegimesText.ts"

const sessions = (name: string, least: number, most: number) =>
  Flag.Int(name).pipe(
    Flag.withMetavar("sessions"),
    Flag.filter(
      (value) => value >= least && value <= most,
      (value) => `expected sessions from ${least} to ${most}, not ${value}`
    )
  )

const flags = {
  id: Argument.String("id").pipe(
    Argument.withDescription('a backtest: its id, the beginning of one that no other has, or "latest"'),
    Argument.optional
  ),
  returns: optional(
    Flag.String("returns").pipe(Flag.withMetavar("file")),
    "a file of returns in its place: one a line, or columns under their names"
  ),
  column: optional(Flag.String("column"), "which column of the file, where there are several"),
  market: optional(
    Flag.String("market").pipe(Flag.withMetavar("column")),
    "the file's column of the market; the series itself when left out. A backtest's market is its benchmark"
  ),
  method: optional(
    Flag.Literals("method", [...regimeMethods, "all"]),
    "rules: trend and volatility; hmm: two hidden states; cusum: changes of mean and variance; all when left out"
  ),
  first: optional(
    sessions("first", 100, 5000),
    `sessions before the first fit of the hidden states; ${DEFAULT_FIRST_FIT} when left out`
  ),
  refit: optional(
    sessions("refit", 1, 5000),
    `sessions from one fit to the next; ${DEFAULT_REFIT} when left out`
  ),
  arl: optional(
    sessions("arl", 50, 1_000_000),
    `sessions between false alarms of each chart; ${DEFAULT_RUN_LENGTH} when left out`
  ),
  seed: optional(Flag.Int("seed"), "where the fits begin is drawn from it; 1 when left out"),
  daily: Flag.Boolean("daily").pipe(
    Flag.withDescription("with --json: every session's labels and probabilities too"),
    Flag.withDefault(false)
  ),
  resume: Flag.Boolean("resume").pipe(
    Flag.withDescription("go on with these very fits where they were interrupted"),
    Flag.withDefault(false)
  ),
  html: optional(
    Flag.String("html").pipe(Flag.withMetavar("file")),
    "write a page with the regimes over the curve"
  ),
  json: jsonFlag
}
type RegimesFlags = Command.Command.Config.Infer<typeof flags>

/** Nothing where standard error is no terminal. */
const fitBar = () => {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined }
  const bar = terminalBar("{value} of {total} fits  {left} left")
  return {
    update: (step: { readonly done: number; readonly of: number }, elapsedMillis: number): void =>
      bar.update(step.done, step.of, { left: leftText(step, 0, elapsedMillis) }, elapsedMillis),
    stop: bar.stop
  }
}

/** What was typed, without where the answer was to go; the backtest by its id, for another may be the latest by then. */
const commandOf = ({
  arl,
  column,
  first,
  id,
  market,
  method,
  refit,
  returns,
  seed
}: RegimesFlags): string => {
  return [
    "backtest regimes",
    ...Option.toArray(id).map(quoted),
    ...flagWords("returns", returns),
    ...flagWords("column", column),
    ...flagWords("market", market),
    ...flagWords("method", method),
    ...flagWords("first", first),
    ...flagWords("refit", refit),
    ...flagWords("arl", arl),
    ...flagWords("seed", seed)
  ].join(" ")
}

/** What stands over everything that is made of a backtest. */
const labelLines = (label: Label | undefined): ReadonlyArray<string> =>
  label === undefined
    ? []
    : [
        ...(label.contaminated === undefined ? [] : [label.contaminated]),
        ...(label.promotable ? [] : [`made under ${label.label}: not promotable`])
      ]

const regimes = Effect.fn("backtest regimes")(function* (asked: RegimesFlags) {
  const { cwd, folder } = surroundings()
  if (Option.isSome(asked.html)) yield* checkTarget(asked.html.value, folder)
  const commandFor = (id: string | undefined): string =>
    commandOf({ ...asked, id: Option.fromUndefinedOr(id) })
  const bar = fitBar()
  const found = yield* findRegimes(
    {
      backtest: asked.id,
      file: asked.returns,
      column: asked.column,
      market: asked.market,
      methods: Option.match(asked.method, {
        onNone: () => regimeMethods,
        onSome: (method) => (method === "all" ? regimeMethods : [method])
      }),
      walk: {
        first: Option.getOrElse(asked.first, () => defaultWalk.first),
        every: Option.getOrElse(asked.refit, () => defaultWalk.every),
        seed: Option.getOrElse(asked.seed, () => defaultWalk.seed)
      },
      cusum: {
        ...defaultCusum,
        averageRunLength: Option.getOrElse(asked.arl, () => defaultCusum.averageRunLength)
      }
    },
    cwd,
    {
      keep: (id) =>
        keptOnTerminal({
          resume: asked.resume,
          command: commandFor(id),
          left: "the fits that are left",
          bar
        }),
      onProgress: bar.update
    }
  ).pipe(Effect.ensuring(Effect.sync(bar.stop)))
  if (Option.isSome(asked.html)) {
    // Drawing is only loaded when there is something to draw.
    const { regimesHtml } = yield* Effect.promise(
      () => import("../../../../backtest/report/robustness/RegimesHtml.ts")
    )
    const page = regimesHtml(regimesPage(found, `${invocation()} ${commandFor(found.backtest?.result.id)}`))
    yield* writeWhole(asked.html.value, page, folder)
  }
  const label =
    found.backtest === undefined
      ? undefined
      : labelOf(found.backtest.result.inputs, found.backtest.content.dates)
  yield* answer(
    asked.json,
    asked.json
      ? { ...regimesJson(found.report, { daily: asked.daily }), contaminated: label?.contaminated ?? null }
      : undefined,
    asked.json ? [] : [...labelLines(label).map(style().yellow), ...regimesLines(found.report, style())]
  )
})

export const regimesCommand = Command.make("regimes", flags, (asked) =>
  Effect.suspend(() => Effect.provide(regimes(asked), backtestStore(surroundings().folder)))
).pipe(
  documented(
    "In which markets a result was made: bull, bear and sideways by rules, two hidden states, changes by CUSUM; and how the strategy did in each, by what was known at the time.",
    ["backtest regimes latest", "of the last backtest, its benchmark being the market"],
    ["backtest regimes sma-cross-3f9 --html regimes.html", "with the regimes over the curve"],
    [
      "backtest regimes --returns returns.csv --column fund --market spx --method hmm --json",
      "of a file's columns, for scripts"
    ]
  )
)
