/**
 * The paper sessions of a strategy: finished runs (`plimsoll run`) that begin
 * after a backtest's last session. The desk's own journal does not know of which
 * code an order is, so nothing of it counts.
 */
import { join } from "node:path"
import { Effect, Option, Schema } from "effect"
import type { BacktestInputs } from "../../../backtest/BacktestInputs.ts"
import type { PaperRun } from "../../../backtest/robustness/promotion/Promotion.ts"
import { sessionsBetween } from "../../../market/TradingCalendar.ts"
import type { DeskFolder } from "../../DeskFolder.ts"
import * as RunFolder from "../../RunFolder.ts"

/** What is read of a run's result; it has more. */
const Result = Schema.fromJsonString(
  Schema.Struct({ books: Schema.Array(Schema.Struct({ strategy: Schema.String, fills: Schema.Int })) })
)
const decode = Schema.decodeUnknownOption(Result)

const sorted = (values: ReadonlyArray<string>): string => values.toSorted().join(",")

const ofRun = Effect.fnUntraced(function* (runs: string, id: string, { algorithm, data }: BacktestInputs) {
  const folder = yield* RunFolder.named(runs, id)
  const text = yield* RunFolder.result(folder)
  if (Option.isNone(text)) return []
  const { inputs } = yield* RunFolder.read(folder)
  const begun = inputs.algorithms?.[algorithm.name]
  if (begun === undefined || inputs.from <= data.to) return []
  const book = Option.flatMap(decode(text.value), ({ books }) =>
    Option.fromUndefinedOr(books.find(({ strategy }) => strategy === algorithm.name))
  )
  if (Option.isNone(book)) return []
  const found: PaperRun = {
    run: id,
    codeHash: begun.codeHash,
    sameParameters:
      Object.keys(begun.parameters).length === Object.keys(algorithm.parameters).length &&
      Object.entries(begun.parameters).every(([name, value]) => algorithm.parameters[name] === value),
    sameSymbols: sorted(inputs.symbols) === sorted(data.symbols),
    sessions: sessionsBetween(inputs.from, inputs.to).map(({ date }) => date),
    fills: book.value.fills
  }
  return [found]
})

/** Those of the strategy, whatever code, parameters and symbols they were of. */
export const paperRuns = Effect.fn("paperRuns")(function* (inputs: BacktestInputs, { home }: DeskFolder) {
  const runs = join(home, "runs")
  const all = yield* Effect.forEach(yield* RunFolder.list(runs), (id) => ofRun(runs, id, inputs))
  return all.flat()
})
