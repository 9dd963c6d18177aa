/** `plimsoll backtest list`, `trials` and `remove`: what is kept, and how much was tried. */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type BacktestEntry, BacktestStore } from "../../../../backtest/BacktestStore.ts"
import type { BacktestSummary } from "../../../../backtest/BacktestSummary.ts"
import type { DatasetCount } from "../../../../backtest/TrialLedger.ts"
import { fromMillis, toIso } from "../../../../domain/Timestamp.ts"
import { backtestStore, trialCounts } from "../../../backtest/BacktestServices.ts"
import { answer, documented, jsonFlag, optional, style } from "../../CommandKit.ts"
import { counted, type Style, table } from "../../Format.ts"
import { surroundings } from "../../Surroundings.ts"
import { printable } from "../../Terminal.ts"
import { entryJson } from "./BacktestJson.ts"
import { figureCell } from "./BacktestText.ts"

/** Backtests that are listed unless more are asked for. */
const LISTED_BACKTESTS = 50

const minuteOf = (millis: number): string => toIso(fromMillis(millis)).slice(0, 16).replace("T", " ")

const parametersText = ({ parameters }: BacktestSummary): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(" ")

const cellsOf = (summary: BacktestSummary): ReadonlyArray<string> => {
  const { from, outcome, profile, promotable, ranAt, symbols, to } = summary
  const own = outcome._tag === "Finished" ? outcome.statistics : {}
  const figures =
    outcome._tag === "Finished"
      ? [
          figureCell("totalReturn", own["totalReturn"]),
          figureCell("sharpe", own["sharpe"]),
          figureCell("maxDrawdown", own["maxDrawdown"])
        ]
      : ["failed", "", ""]
  return [
    summary.id,
    minuteOf(ranAt),
    symbols.length > 3 ? `${symbols.slice(0, 3).join(",")} +${symbols.length - 3}` : symbols.join(","),
    `${from} to ${to}`,
    ...figures,
    `${profile}${promotable ? "" : ", not promotable"}${summary.contaminated === undefined ? "" : ", contaminated"}`,
    printable(parametersText(summary))
  ]
}

const interruptedCells = (entry: Extract<BacktestEntry, { readonly _tag: "Interrupted" }>) => [
  entry.id,
  minuteOf(entry.savedAt),
  "",
  `interrupted after ${entry.done} of ${entry.of} sessions: --resume --id ${entry.id}`
]

const listLines = (entries: ReadonlyArray<BacktestEntry>, look: Style): ReadonlyArray<string> => {
  if (entries.length === 0) return ['No backtests yet: "plimsoll backtest run sma-cross" makes one.']
  const rows = entries.flatMap((entry) =>
    entry._tag === "Stored"
      ? [cellsOf(entry.summary)]
      : entry._tag === "Interrupted"
        ? [interruptedCells(entry)]
        : []
  )
  const damaged = entries.flatMap((entry) => (entry._tag === "Damaged" ? [entry] : []))
  const head = [
    "Backtest",
    "Ran (UTC)",
    "On",
    "Sessions",
    "Return",
    "Sharpe",
    "Drawdown",
    "Limits",
    "Parameters"
  ]
  return [
    ...(rows.length === 0 ? [] : table([head, ...rows], { right: [4, 5, 6] })),
    ...damaged.map(({ file, problem }) => look.red(printable(`damaged: ${file}: ${problem}`)))
  ]
}

const trialLines = (counts: ReadonlyArray<DatasetCount>): ReadonlyArray<string> =>
  counts.length === 0
    ? []
    : [
        "",
        "Trials on each data set: every backtest and every point of a sweep that was ever run on it",
        ...table(
          counts.map(({ dataset, runs, trials }) => [
            printable(dataset),
            counted(trials, "trial"),
            runs === trials ? "" : counted(runs, "run")
          ]),
          { right: [1, 2], indent: "  " }
        )
      ]

const algorithmOf = (entry: BacktestEntry): string =>
  entry._tag === "Stored" ? entry.summary.algorithm : entry.id.slice(0, entry.id.lastIndexOf("-"))

const listFlags = {
  algorithm: optional(Flag.String("algorithm"), "only those of this algorithm"),
  limit: Flag.Int("limit").pipe(
    Flag.withDescription(`so many, the newest; ${LISTED_BACKTESTS} when left out`),
    Flag.filter(
      (value) => value >= 1,
      (value) => `expected a whole number above zero, not ${value}`
    ),
    Flag.withDefault(LISTED_BACKTESTS)
  ),
  json: jsonFlag
}

export const listBacktestsCommand = Command.make("list", listFlags, ({ algorithm, json, limit }) =>
  Effect.gen(function* () {
    const { folder } = surroundings()
    const { list } = yield* BacktestStore
    const all = (yield* list).filter((entry) =>
      Option.match(algorithm, { onNone: () => true, onSome: (name) => algorithmOf(entry) === name })
    )
    const entries = all.slice(0, limit)
    const counts = yield* trialCounts(folder)
    const more = all.length - entries.length
    yield* answer(json, { backtests: entries.map(entryJson), total: all.length, trials: counts }, [
      ...listLines(entries, style()),
      ...(more > 0 ? [`and ${more} older: --limit ${all.length}`] : []),
      ...trialLines(counts)
    ])
  }).pipe((work) => Effect.suspend(() => Effect.provide(work, backtestStore(surroundings().folder))))
).pipe(
  documented(
    "The backtests that are kept, newest first, and how many were tried on each data set.",
    ["backtest list", "the newest fifty"],
    ["backtest list --algorithm sma-cross --json", "those of one algorithm, for scripts"]
  )
)

export const removeBacktestCommand = Command.make(
  "remove",
  {
    id: Argument.String("id").pipe(Argument.withDescription("the backtest's id, or its beginning")),
    json: jsonFlag
  },
  ({ id, json }) =>
    Effect.gen(function* () {
      const { remove } = yield* BacktestStore
      const removed = yield* remove(id)
      yield* answer(json, { removed }, `Removed ${removed}. Its trial stays counted.`)
    }).pipe((work) => Effect.suspend(() => Effect.provide(work, backtestStore(surroundings().folder))))
).pipe(
  documented("Take a backtest's files away. That it was tried stays in the count of trials.", [
    "backtest remove sma-cross-3f9a0c1b2d",
    "the result, its page, its checkpoint"
  ])
)
