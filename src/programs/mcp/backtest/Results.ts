/** A finished backtest as it is answered, by whichever tool. */
import { Effect, Schema } from "effect"
import { formatResumePolicy } from "../../../risk/ResumePolicy.ts"
import type { OptionSummary } from "../../../session/OptionTrail.ts"
import { optionCaveats, separatePeriod } from "../../../session/RunReportData.ts"
import { MarketClock } from "../../../market/MarketClock.ts"
import { exchangeDate } from "../../../market/TradingCalendar.ts"
import { BookFigures, bookFigures, InputFigures, inputFigures } from "./Figures.ts"
import { readBooks, type Shelved } from "./Shelf.ts"

/** Characters that are told of the command. */
const MAX_COMMAND = 1000

export const Results = Schema.Struct({
  backtestId: Schema.String,
  /** True when an earlier run of the same inputs is given instead of a new one. */
  reused: Schema.Boolean,
  inputs: InputFigures,
  resumePolicy: Schema.String,
  /** Over all books; a single book's own. */
  journalHash: Schema.String,
  /** One for each algorithm. */
  books: Schema.Array(BookFigures),
  report: Schema.String,
  /** The command line that gives this run again. */
  command: Schema.String,
  notes: Schema.Array(Schema.String)
})
export type Results = typeof Results.Type

/** A Sharpe ratio that luck alone could give. */
const luckNotes = (books: ReadonlyArray<BookFigures>): ReadonlyArray<string> =>
  books.flatMap(({ algorithm, statistics: { sharpe, sharpeStandardError } }) =>
    sharpe !== null && sharpeStandardError !== null && Math.abs(sharpe) < 2 * sharpeStandardError
      ? [
          `the Sharpe ratio of ${algorithm}, ${sharpe.toFixed(2)} ± ${sharpeStandardError.toFixed(2)}, is within two standard errors of zero: luck alone could give it`
        ]
      : []
  )

/** What has to be known to judge the figures. */
const notesOn = Effect.fnUntraced(function* (
  { file }: Extract<Shelved, { status: "finished" }>,
  books: ReadonlyArray<BookFigures>,
  options: ReadonlyArray<OptionSummary>
) {
  const { inputs } = file
  const separate = separatePeriod(inputs.symbols)
  // Whoever trades the desk must not have seen its future; a desk without a clock has none.
  const today = yield* MarketClock.use((clock) => clock.now).pipe(
    Effect.map(exchangeDate),
    Effect.catchTag("MarketClockUnavailable", () => Effect.succeed(undefined))
  )
  return [
    ...(today !== undefined && inputs.to > today
      ? [
          `the run goes on past the desk's market time (${today}): what it shows of the days after is the future of the desk's replay and must not decide its orders`
        ]
      : []),
    ...optionCaveats(options),
    ...(inputs.profile.promotable ? [] : [`made under ${inputs.profile.label}`]),
    ...(separate !== undefined && inputs.from < separate.date
      ? [`${separate.reason} Look at a run from ${separate.date} on as well.`]
      : []),
    ...luckNotes(books)
  ]
})

/** The results of a finished run, told from its journals. */
export const resultsOf = Effect.fnUntraced(function* (
  found: Extract<Shelved, { status: "finished" }>,
  reused: boolean
) {
  const { file, folder, result } = found
  const { inputs } = file
  const read = yield* readBooks(found)
  const books = read.map(({ strategy, summary }) => bookFigures(strategy, summary, inputs.cash))
  const results: Results = {
    backtestId: folder.id,
    reused,
    inputs: inputFigures(inputs),
    resumePolicy: formatResumePolicy(inputs.resumePolicy),
    journalHash: result.journal_hash,
    books,
    report: folder.report,
    command: `plimsoll ${file.command}`.slice(0, MAX_COMMAND),
    notes: yield* notesOn(
      found,
      books,
      read.map(({ options }) => options)
    )
  }
  return results
})

const percent = (ratio: number | null): string => (ratio === null ? "-" : `${(100 * ratio).toFixed(2)}%`)

/** Results in a line a book. */
export const resultsText = ({ backtestId, books, inputs, reused }: Results): string =>
  [
    `backtest ${backtestId}${reused ? " (an earlier run)" : ""}, ${inputs.startDate} to ${inputs.endDate}, ${inputs.profileLabel}`,
    ...books.map(
      ({ algorithm, statistics: { maxDrawdown, sharpe, totalReturn } }) =>
        `${algorithm}: return ${percent(totalReturn)}, Sharpe ${sharpe === null ? "-" : sharpe.toFixed(2)}, drawdown ${percent(maxDrawdown)}`
    )
  ].join("\n")
