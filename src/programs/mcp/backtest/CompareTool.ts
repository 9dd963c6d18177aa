/** `compare_backtests`. */
import { Effect, Schema } from "effect"
import { comparisonOf } from "../../../backtest/Comparison.ts"
import { toFloat } from "../../../domain/Money.ts"
import {
  contaminationOf,
  contaminationWords,
  isPromotable
} from "../../../backtest/robustness/Contaminated.ts"
import { modelledCaveat } from "../../../session/RunReportData.ts"
import { tool } from "../kit/Tool.ts"
import { snakeCase } from "../kit/Wire.ts"
import { type Backtests, storeOf } from "./Backtests.ts"
import {
  type Figures,
  figuresOf,
  promotionNotes,
  rounded,
  short,
  shortHash,
  statisticNames
} from "./Figures.ts"
import { type Finished, found, foundSteps } from "./Found.ts"
import { AskedId } from "./ResultsTool.ts"

const MAX_COMPARED = 10

/** Characters of an input's value that are told. */
const MAX_VALUE = 120

const value = Schema.NullOr(Schema.Finite)

const Output = Schema.Struct({
  /** In the order asked. */
  columns: Schema.Array(
    Schema.Struct({
      backtestId: Schema.String,
      algorithm: Schema.String,
      engine: Schema.String,
      profileLabel: Schema.String,
      promotable: Schema.Boolean,
      resultHash: Schema.String
    })
  ),
  /** Whether all were made under the same conditions: the same data, cash, limits, models and engine. */
  comparable: Schema.Boolean,
  /** What of the inputs differs; a value for each. */
  differing: Schema.Array(
    Schema.Struct({
      input: Schema.String,
      /** Of what was tried, or of the conditions it was tried under. */
      of: Schema.Literals(["algorithm", "conditions"]),
      values: Schema.Array(Schema.String)
    })
  ),
  rows: Schema.Array(
    Schema.Struct({
      statistic: Schema.String,
      values: Schema.Array(value),
      /** From the first column's. */
      differences: Schema.Array(value)
    })
  ),
  notes: Schema.Array(Schema.String)
})

const measures: ReadonlyArray<readonly [name: string, of: (figures: Figures) => number | null]> = [
  ...statisticNames.map((name) => [snakeCase(name), ({ statistics }: Figures) => statistics[name]] as const),
  ["sessions", ({ sessions }) => sessions],
  ["orders", ({ orders }) => orders],
  ["fills", ({ fills }) => fills],
  ["trades", ({ trades }) => trades],
  ["denied", ({ denied }) => denied],
  ["fees", ({ fees }) => Number(fees)],
  ["daily_loss_trips", ({ dailyLossTrips }) => dailyLossTrips],
  ["drawdown_trips", ({ drawdownTrips }) => drawdownTrips]
]

const rowsOf = (all: ReadonlyArray<Figures>): (typeof Output.Type)["rows"] =>
  measures.map(([statistic, of]) => {
    const values = all.map(of)
    const [base = null] = values
    return {
      statistic,
      values,
      differences: values.map((one) => (one === null || base === null ? null : rounded(one - base)))
    }
  })

const notesOn = (
  all: ReadonlyArray<Finished>,
  figures: ReadonlyArray<Figures>,
  comparable: boolean
): ReadonlyArray<string> => {
  const errors = figures.flatMap(({ statistics }) => statistics.sharpeStandardError ?? [])
  const hashes = new Set(all.map(({ hash }) => hash))
  const labels = new Map(all.map(({ result: { inputs } }) => [inputs.profile.label, inputs.profile]))
  return [
    ...(comparable
      ? []
      : [
          "not comparable: they were made under other conditions, so a difference between them need not be the algorithm's"
        ]),
    ...[...labels.values()].flatMap(promotionNotes),
    ...all.flatMap(({ content, result }) => {
      const words = contaminationWords(contaminationOf(result.inputs, content.dates))
      return words === undefined ? [] : [`${result.id}: ${words}`]
    }),
    ...all.flatMap(({ content, result }) => {
      const caveat = modelledCaveat(content.optionOrders)
      return caveat === undefined ? [] : [`${result.id}: ${caveat}`]
    }),
    ...(errors.length === 0
      ? []
      : [
          `Sharpe ratios that differ by less than about ${(2 * Math.max(...errors)).toFixed(2)} (two standard errors) cannot be told apart`
        ]),
    ...(hashes.size < all.length ? ["some of them came to the very same result"] : [])
  ]
}

export const compareBacktests = (backtests: Backtests) =>
  tool({
    name: "compare_backtests",
    title: "Compare backtests",
    description:
      "Finished backtests side by side, with differences from the first, and what of their code, parameters, data, models and limits differs: whether they can be compared.",
    annotations: { readOnly: true },
    evenWithoutMarket: true,
    input: Schema.Struct({
      ids: Schema.Array(AskedId).pipe(
        Schema.check(
          Schema.isMinLength(2),
          Schema.isMaxLength(MAX_COMPARED),
          Schema.makeFilter<ReadonlyArray<string>>(
            (ids) => new Set(ids).size === ids.length || "expected ids that differ"
          )
        )
      )
    }),
    output: Output,
    next: foundSteps,
    handle: ({ ids }) =>
      Effect.gen(function* () {
        const all = yield* Effect.forEach(ids, (id) => found(id, backtests.running))
        const { comparable, differences } = comparisonOf(all.map(({ result }) => result.inputs))
        const figures = all.map(({ content, result }) => figuresOf(content, toFloat(result.inputs.cash)))
        return {
          columns: all.map(({ content, hash, result: { id, inputs } }) => ({
            backtestId: id,
            algorithm: short(inputs.algorithm.name, 64),
            engine: inputs.engine.name,
            profileLabel: short(inputs.profile.label, MAX_VALUE),
            promotable: isPromotable(inputs, content.dates),
            resultHash: shortHash(hash)
          })),
          comparable,
          differing: differences.map(({ input, of, values }) => ({
            input,
            of,
            values: values.map((one) => short(one, MAX_VALUE))
          })),
          rows: rowsOf(figures),
          notes: notesOn(all, figures, comparable)
        }
      }).pipe(Effect.provide(storeOf(backtests))),
    text: ({ columns, comparable, differing, notes }) =>
      [
        `${columns.map(({ backtestId }) => backtestId).join(", ")}: ${comparable ? "comparable" : "not comparable"}; ${
          differing.length === 0
            ? "nothing of their inputs differs"
            : `${differing.map(({ input }) => input).join(", ")} differ`
        }`,
        ...notes
      ].join("\n")
  })
