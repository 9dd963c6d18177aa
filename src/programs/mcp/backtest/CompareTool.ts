/** `compare_backtests`. */
import canonicalize from "canonicalize"
import { Effect, Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"
import { formatResumePolicy } from "../../../risk/ResumePolicy.ts"
import type { RunFile } from "../../RunFolder.ts"
import { tool } from "../kit/Tool.ts"
import { snakeCase } from "../kit/Wire.ts"
import { type BookFigures, bookFigures, rounded, statisticNames, toldSymbols } from "./Figures.ts"
import { onPlatform } from "./Platform.ts"
import { AskedId, shelfSteps } from "./ResultsTool.ts"
import { type Backtests, runsOf } from "./RunTool.ts"
import { finished, readBooks } from "./Shelf.ts"

const MAX_COMPARED = 10

const value = Schema.NullOr(Schema.Finite)

const Output = Schema.Struct({
  /** The books compared, in the order asked; those of one run stand together. */
  columns: Schema.Array(
    Schema.Struct({ backtestId: Schema.String, algorithm: Schema.String, journalHash: Schema.String })
  ),
  /** Whether all were made on the same inputs, but for the algorithm. */
  fair: Schema.Boolean,
  /** What of the inputs differs; a value for each id. */
  differing: Schema.Array(Schema.Struct({ input: Schema.String, values: Schema.Array(Schema.String) })),
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

/** Characters of an input's value that are told. */
const MAX_VALUE = 120
const short = (text: string): string => (text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text)

/** Every input that a result depends on besides the algorithm: how it is told, and what has to be equal. */
const inputsOf = ({
  folder,
  inputs,
  market
}: RunFile): ReadonlyArray<readonly [name: string, told: string, whole: unknown]> => [
  ["dates", `${inputs.from} to ${inputs.to}`, [inputs.from, inputs.to]],
  ["symbols", toldSymbols(inputs.symbols).join(", "), inputs.symbols.toSorted()],
  ["profile", inputs.profile.label, inputs.profile],
  ["cash", formatMicros(inputs.cash, 2), inputs.cash],
  ["resume_policy", formatResumePolicy(inputs.resumePolicy), inputs.resumePolicy],
  ["seed", String(inputs.seed), inputs.seed],
  ["models", canonicalize(inputs.models) ?? "", inputs.models],
  [
    "market",
    market.source === "lean" ? `lean ${market.path}` : market.source,
    market.source === "embedded" ? [market.source] : [market, folder]
  ]
]

const differingOf = (files: ReadonlyArray<RunFile>): (typeof Output.Type)["differing"] => {
  const all = files.map(inputsOf)
  const [first] = all
  return (first ?? []).flatMap(([name], i) => {
    const wholes = new Set(all.map((inputs) => canonicalize(inputs[i]?.[2])))
    return wholes.size > 1 ? [{ input: name, values: all.map((inputs) => short(inputs[i]?.[1] ?? "")) }] : []
  })
}

const measures: ReadonlyArray<readonly [name: string, of: (book: BookFigures) => number | null]> = [
  ...statisticNames.map(
    (name) => [snakeCase(name), ({ statistics }: BookFigures) => statistics[name]] as const
  ),
  ["sessions", ({ sessions }) => sessions],
  ["orders", ({ orders }) => orders],
  ["fills", ({ fills }) => fills],
  ["denied", ({ denied }) => denied],
  ["daily_loss_trips", ({ dailyLossTrips }) => dailyLossTrips],
  ["drawdown_trips", ({ drawdownTrips }) => drawdownTrips]
]

const rowsOf = (books: ReadonlyArray<BookFigures>): (typeof Output.Type)["rows"] =>
  measures.map(([statistic, of]) => {
    const values = books.map(of)
    const [base = null] = values
    return {
      statistic,
      values,
      differences: values.map((one) => (one === null || base === null ? null : rounded(one - base)))
    }
  })

const notesOn = (books: ReadonlyArray<BookFigures>, fair: boolean): ReadonlyArray<string> => {
  const errors = books.flatMap(({ statistics }) => statistics.sharpeStandardError ?? [])
  const hashes = new Set(books.map(({ algorithm, journalHash }) => `${algorithm} ${journalHash}`))
  return [
    ...(fair
      ? []
      : ["the runs were not made on the same inputs: a difference between them need not be the algorithm's"]),
    ...(errors.length === 0
      ? []
      : [
          `Sharpe ratios that differ by less than about ${(2 * Math.max(...errors)).toFixed(2)} (two standard errors) cannot be told apart`
        ]),
    ...(hashes.size < books.length ? ["some of these are the same run: their journals are equal"] : [])
  ]
}

export const compareBacktests = (backtests: Backtests) =>
  tool({
    name: "compare_backtests",
    title: "Compare backtests",
    description:
      "Finished runs side by side, with differences from the first; says when their inputs differ, so that the comparison is not fair.",
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
    next: shelfSteps,
    handle: ({ ids }) =>
      onPlatform(
        Effect.gen(function* () {
          const runs = runsOf(backtests)
          const found = yield* Effect.forEach(ids, (id) => finished(runs, id, backtests.running.has(id)))
          const read = yield* Effect.forEach(found, (one) =>
            Effect.map(readBooks(one), (books) =>
              books.map(({ strategy, summary }) => ({
                id: one.folder.id,
                figures: bookFigures(strategy, summary, one.file.inputs.cash)
              }))
            )
          )
          const columns = read.flat()
          const books = columns.map(({ figures }) => figures)
          const differing = differingOf(found.map(({ file }) => file))
          const fair = differing.length === 0
          return {
            columns: columns.map(({ figures, id }) => ({
              backtestId: id,
              algorithm: figures.algorithm,
              journalHash: figures.journalHash
            })),
            fair,
            differing,
            rows: rowsOf(books),
            notes: notesOn(books, fair)
          }
        })
      ),
    text: ({ columns, differing, fair }) =>
      `${columns.length} books of ${columns.map(({ backtestId }) => backtestId).join(", ")}${
        fair ? "" : `; not a fair comparison: ${differing.map(({ input }) => input).join(", ")} differ`
      }`
  })
