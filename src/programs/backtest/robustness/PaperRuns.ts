/**
 * The paper sessions of a strategy: finished runs (`plimsoll run`) that begin
 * after a backtest's last session. The desk's own journal does not know of which
 * code an order is, so nothing of it counts.
 */
import { join } from "node:path"
import { Effect, Option, Schema } from "effect"
import type { BacktestInputs } from "../../../backtest/BacktestInputs.ts"
import { otherConditions, otherParameter, subjectOf } from "../../../backtest/robustness/Evidence.ts"
import type { PaperRun } from "../../../backtest/robustness/promotion/Promotion.ts"
import { sessionsBetween } from "../../../market/TradingCalendar.ts"
import type { RunInputs } from "../../../session/RunInputs.ts"
import { formatResumePolicy } from "../../../risk/ResumePolicy.ts"
import { partsOf } from "../../../session/ShellWord.ts"
import type { MarketConfig } from "../../DeskConfig.ts"
import type { DeskFolder } from "../../DeskFolder.ts"
import * as RunFolder from "../../RunFolder.ts"

/** What is read of a run's result; it has more. */
const Result = Schema.fromJsonString(
  Schema.Struct({ books: Schema.Array(Schema.Struct({ strategy: Schema.String, fills: Schema.Int })) })
)
const decode = Schema.decodeUnknownOption(Result)

const sorted = (values: ReadonlyArray<string>): string => values.toSorted().join(",")

const parametersDiffer = (
  { parameters }: NonNullable<RunInputs["algorithms"]>[string],
  wanted: BacktestInputs["algorithm"]["parameters"]
): ReadonlyArray<string> =>
  [...new Set([...Object.keys(wanted), ...Object.keys(parameters)])].flatMap((name) => {
    const [theirs, ours] = [parameters, wanted].map((all) =>
      Object.hasOwn(all, name) ? all[name] : undefined
    )
    return otherParameter(name, theirs, ours)
  })

/** Where a backtest's prices are from, by the command that gives it again. */
const sourceOf = (command: string): MarketConfig["source"] => {
  const options = new Set(partsOf(command).map(({ name }) => name))
  if (options.has("--csv")) return "csv"
  return options.has("--data") ? "lean" : "embedded"
}

const ofRun = Effect.fnUntraced(function* (runs: string, id: string, asked: PaperAsked) {
  const { algorithm, data } = asked.inputs
  const folder = yield* RunFolder.named(runs, id)
  if (!(yield* RunFolder.isRun(folder))) return []
  const text = yield* RunFolder.result(folder)
  if (Option.isNone(text)) return []
  const { inputs, market } = yield* RunFolder.read(folder)
  const begun = inputs.algorithms?.[algorithm.name]
  if (begun === undefined || inputs.from <= data.to) return []
  const book = Option.flatMap(decode(text.value), ({ books }) =>
    Option.fromUndefinedOr(books.find(({ strategy }) => strategy === algorithm.name))
  )
  if (Option.isNone(book)) return []
  const found: PaperRun = {
    run: id,
    differs: [
      ...otherConditions(
        {
          codeHash: begun.codeHash,
          profile: inputs.profile.name,
          cash: inputs.cash,
          resumePolicy: formatResumePolicy(inputs.resumePolicy)
        },
        subjectOf(asked.inputs)
      ),
      ...parametersDiffer(begun, algorithm.parameters),
      ...(sorted(inputs.symbols) === sorted(data.symbols)
        ? []
        : [`other symbols: ${inputs.symbols.join(", ")}`]),
      ...(market.source === sourceOf(asked.command) ? [] : [`other prices: ${market.source}`])
    ],
    sessions: sessionsBetween(inputs.from, inputs.to).map(({ date }) => date),
    fills: book.value.fills
  }
  return [found]
})

/** A backtest, and the command that gives it again. */
export interface PaperAsked {
  readonly inputs: BacktestInputs
  readonly command: string
}

/** Those of the strategy, with what they have other than the backtest. */
export const paperRuns = Effect.fn("paperRuns")(function* (asked: PaperAsked, { home }: DeskFolder) {
  const runs = join(home, "runs")
  const all = yield* Effect.forEach(yield* RunFolder.list(runs), (id) => ofRun(runs, id, asked))
  return all.flat()
})
