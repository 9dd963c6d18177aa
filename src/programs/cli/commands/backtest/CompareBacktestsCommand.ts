/** `plimsoll backtest compare`: stored backtests side by side. */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { FinishedBacktest } from "../../../../backtest/BacktestResult.ts"
import { BacktestStore } from "../../../../backtest/BacktestStore.ts"
import { type Comparison, comparisonOf } from "../../../../backtest/Comparison.ts"
import { statisticDefinitions } from "../../../../portfolio/Performance.ts"
import { contaminationOf, contaminationWords } from "../../../../backtest/robustness/Contaminated.ts"
import { modelledCaveat } from "../../../../session/RunReportData.ts"
import { backtestStore } from "../../../backtest/BacktestServices.ts"
import { answer, documented, jsonFlag, optional, style } from "../../CommandKit.ts"
import { badUsage } from "../../Failures.ts"
import { type Style, table, usd } from "../../Format.ts"
import { checkTarget, writeWhole } from "../../OutputFile.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"
import { backtestJson } from "./BacktestJson.ts"
import { figureCell } from "./BacktestText.ts"
import { finishedOf } from "./Telling.ts"

/** More columns than that nobody reads side by side. */
const MOST_COMPARED = 12

const flags = {
  ids: Argument.String("ids").pipe(
    Argument.withDescription('ids, or the beginnings of some, or "latest"; two at least'),
    Argument.atLeast(0)
  ),
  html: optional(Flag.String("html").pipe(Flag.withMetavar("file")), "write the comparison as a page"),
  json: jsonFlag
}
type CompareFlags = Command.Command.Config.Infer<typeof flags>

/** Names of LEAN's that have no counterpart among the own statistics. */
const leanNames = ["Total Orders", "Win Rate", "Profit-Loss Ratio", "Total Fees", "Portfolio Turnover"]

const rowsOf = (all: ReadonlyArray<FinishedBacktest>): ReadonlyArray<ReadonlyArray<string>> => {
  const each = (name: string, cell: (one: FinishedBacktest) => string) => [name, ...all.map(cell)]
  return [
    each("", ({ id }) => id),
    each("Equity at the end", ({ outcome }) => {
      const end = outcome.content.equity.at(-1)
      return end === undefined ? "-" : usd(Math.round(end * 100) * 10_000)
    }),
    ...statisticDefinitions.map(({ key, name }) =>
      each(name, ({ outcome }) => figureCell(key, outcome.content.statistics.own[key]))
    ),
    each("Orders", ({ outcome }) => String(outcome.content.orders.length)),
    each("Denied", ({ outcome }) =>
      String(outcome.content.denials.reduce((sum, { count }) => sum + count, 0))
    ),
    each("Trades", ({ outcome }) => String(outcome.content.trades.length)),
    ...leanNames.map((name) =>
      each(`LEAN: ${name}`, ({ outcome }) => outcome.content.statistics.lean[name] ?? "-")
    )
  ]
}

const compareLines = (
  all: ReadonlyArray<FinishedBacktest>,
  { comparable, differences }: Comparison,
  look: Style
): ReadonlyArray<string> => [
  ...(comparable
    ? []
    : [
        look.yellow(
          "! These were not made under the same conditions: their figures cannot be held against each other without a thought."
        )
      ]),
  ...all.flatMap(({ id, inputs }) =>
    inputs.profile.promotable ? [] : [look.yellow(`! ${id}: ${inputs.profile.label}, not promotable`)]
  ),
  ...all.flatMap(({ id, inputs, outcome }) => {
    const words = contaminationWords(contaminationOf(inputs, outcome.content.dates))
    return words === undefined ? [] : [look.yellow(`! ${id}: ${words}`)]
  }),
  ...all.flatMap(({ id, outcome }) => {
    const caveat = modelledCaveat(outcome.content.optionOrders)
    return caveat === undefined ? [] : [look.yellow(`! ${id}: ${caveat}`)]
  }),
  ...table(rowsOf(all), { right: all.map((_, i) => i + 1) }),
  "",
  ...(differences.length === 0
    ? ["Nothing differs in what they were made of."]
    : [
        "What differs",
        ...table(
          differences.map(({ input, values }) => [input, ...values.map(printable)]),
          { indent: "  " }
        )
      ])
]

const compare = Effect.fn("backtest compare")(function* ({ html, ids, json }: CompareFlags) {
  const { folder } = surroundings()
  if (ids.length < 2 || ids.length > MOST_COMPARED) {
    return yield* badUsage(`compare takes 2 to ${MOST_COMPARED} ids: "plimsoll backtest list" has them`)
  }
  if (Option.isSome(html)) yield* checkTarget(html.value, folder)
  const store = yield* BacktestStore
  const results = yield* Effect.forEach(ids, (id) => Effect.flatMap(store.get(id), finishedOf))
  const twice = results.find(({ id }, i) => results.findIndex((other) => other.id === id) !== i)
  if (twice !== undefined) return yield* badUsage(`${twice.id} is named twice`)
  const comparison = comparisonOf(results.map(({ inputs }) => inputs))
  if (Option.isSome(html)) {
    const { compareHtml } = yield* Effect.promise(() => import("../../../../backtest/report/Compare.ts"))
    yield* writeWhole(html.value, compareHtml(results), folder)
    err(printable(`The page is ${html.value}`))
  }
  yield* answer(
    json,
    {
      comparable: comparison.comparable,
      differences: comparison.differences,
      backtests: results.map((result) =>
        backtestJson(result, { result: store.folderOf(result.id).result, tearSheet: null })
      )
    },
    compareLines(results, comparison, style())
  )
})

export const compareBacktestsCommand = Command.make("compare", flags, (asked) =>
  Effect.suspend(() => Effect.provide(compare(asked), backtestStore(surroundings().folder)))
).pipe(
  documented(
    "Backtests side by side: their statistics, and what differs in parameters, code, data, limits and costs.",
    ["backtest compare sma-cross-3f9 sma-cross-81c", "two of them"],
    ["backtest compare latest trend-0d1 lean-sample-77a --html compare.html", "three, as a page"]
  )
)
