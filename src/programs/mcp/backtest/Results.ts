/** A finished backtest as it is answered, by whichever tool. */
import { Effect, FileSystem, Option, Schema } from "effect"
import type { BacktestInputs } from "../../../backtest/BacktestInputs.ts"
import type { BacktestContent } from "../../../backtest/BacktestResult.ts"
import { BacktestStore } from "../../../backtest/BacktestStore.ts"
import {
  contaminationOf,
  contaminationWords,
  isPromotable
} from "../../../backtest/robustness/Contaminated.ts"
import { fromMillis, toIso } from "../../../domain/Timestamp.ts"
import { MarketClock } from "../../../market/MarketClock.ts"
import { exchangeDate } from "../../../market/TradingCalendar.ts"
import { insideBarsCaveat } from "../../../backtest/InsideBars.ts"
import { optionCaveats, separatePeriod } from "../../../session/RunReportData.ts"
import { type Backtests, trialsOn } from "./Backtests.ts"
import { luckNotes, promotionNotes, short, shortHash, type Statistics, statisticsOf } from "./Figures.ts"
import type { Finished } from "./Found.ts"
import { type AskedSections, sectionFields, sectionsOf } from "./Sections.ts"

/** Characters that are told of the command. */
const MAX_COMMAND = 1000
/** What was minded while it was made. */
const MAX_NOTES = 5

export const Results = Schema.Struct({
  backtestId: Schema.String,
  algorithm: Schema.String,
  /** True when the stored result of the same inputs is given instead of playing it again. */
  reused: Schema.Boolean,
  profileLabel: Schema.String,
  /** False: nothing of it may be carried over to a desk. */
  promotable: Schema.Boolean,
  resultHash: Schema.String,
  /** The computer's clock. */
  ranAt: Schema.String,
  /** Backtests ever run on this data; null where that cannot be told. */
  trialsOnData: Schema.NullOr(Schema.Int),
  /** A page for people; null where none was made. */
  tearSheet: Schema.NullOr(Schema.String),
  /** The command line that gives it again. */
  command: Schema.String,
  notes: Schema.Array(Schema.String),
  ...sectionFields
})
export type Results = typeof Results.Type

/** Whoever trades the desk must not have seen its future; a desk without a clock has none. */
export const futureNotes = Effect.fnUntraced(function* (to: string) {
  const today = yield* MarketClock.use((clock) => clock.now).pipe(
    Effect.map(exchangeDate),
    Effect.catchTag("MarketClockUnavailable", () => Effect.succeed(undefined))
  )
  return today !== undefined && to > today
    ? [
        `it goes on past the desk's market time (${today}): what it shows of the days after is the future of the desk's replay and must not decide its orders`
      ]
    : []
})

const contentNotes = ({ optionOrders, orders }: BacktestContent): ReadonlyArray<string> => [
  ...optionCaveats(optionOrders === undefined ? [] : [optionOrders]),
  ...(orders.length === 0 ? ["it sent no order: what its rules wait for did not come"] : [])
]

/** What has to be known to judge the figures. */
const notesOn = Effect.fnUntraced(function* ({ content, result }: Finished, trials: number | null) {
  const { data, engine, profile } = result.inputs
  const separate = separatePeriod(data.symbols)
  const inside = insideBarsCaveat(result.inputs, content.orders)
  return [
    ...promotionNotes(profile),
    ...contentNotes(content),
    ...(inside === undefined ? [] : [inside]),
    ...(yield* futureNotes(data.to)),
    ...(engine.name === "lean"
      ? ["LEAN played it, by its own rules and models: the desk's risk rules judged none of its orders"]
      : []),
    ...(separate !== undefined && data.from < separate.date
      ? [`${separate.reason} Look at a backtest from ${separate.date} on as well.`]
      : []),
    ...luckNotes(statisticsOf(content.statistics.own)),
    ...(trials !== null && trials > 1
      ? [
          `${trials} backtests were run on this data so far: the best of many looks better than what it was chosen for is`
        ]
      : [])
  ]
})

/** A finished backtest told with these sections. */
export const resultsOf = Effect.fnUntraced(function* (
  backtests: Backtests,
  found: Finished,
  asked: AskedSections,
  { notes, reused }: { readonly reused: boolean; readonly notes: ReadonlyArray<string> }
) {
  const { content, hash, result } = found
  const { algorithm, data, profile } = result.inputs
  const store = yield* BacktestStore
  const fs = yield* FileSystem.FileSystem
  const { tearSheet } = store.folderOf(result.id)
  const hasPage = yield* Effect.orElseSucceed(fs.exists(tearSheet), () => false)
  const trialsOnData = yield* trialsOn(backtests, data.dataset)
  const results: Results = {
    backtestId: result.id,
    algorithm: short(algorithm.name, 64),
    reused,
    profileLabel: short(profile.label),
    promotable: isPromotable(result.inputs),
    resultHash: shortHash(hash),
    ranAt: toIso(fromMillis(result.ranAt)),
    trialsOnData,
    tearSheet: hasPage ? tearSheet : null,
    command: short(`plimsoll ${result.command}`, MAX_COMMAND),
    notes: [
      ...contaminationNotes(result.inputs, content.dates),
      ...(yield* notesOn(found, trialsOnData)),
      ...notes.slice(0, MAX_NOTES).map((note) => short(note))
    ],
    ...(yield* sectionsOf(result, content, asked))
  }
  return results
})

const contaminationNotes = (
  inputs: BacktestInputs,
  dates: BacktestContent["dates"]
): ReadonlyArray<string> => {
  const words = contaminationWords(contaminationOf(inputs, dates))
  return words === undefined ? [] : [words]
}

const percent = (ratio: number | null): string => (ratio === null ? "-" : `${(100 * ratio).toFixed(2)}%`)

const statisticWords = ({ maxDrawdown, sharpe, totalReturn }: Statistics): string =>
  `return ${percent(totalReturn)}, Sharpe ${sharpe === null ? "-" : sharpe.toFixed(2)}, drawdown ${percent(maxDrawdown)}`

/** Results in a few lines; the label of the limits always. */
export const resultsText = (results: Results): string => {
  const { algorithm, backtestId, figures, notes, profileLabel, promotable, reused } = results
  const lists = [results.trades, results.orders, results.denied, results.held, results.options]
  const more = lists.some((list) => Option.isSome(Option.fromNullishOr(list?.nextCursor)))
  return [
    `backtest ${backtestId} of ${algorithm}${reused ? " (stored)" : ""}, ${profileLabel}${promotable ? "" : ", not promotable"}`,
    ...(figures === undefined
      ? []
      : [
          statisticWords(figures.statistics),
          `${figures.orders} orders, ${figures.fills} fills, ${figures.denied} denied`
        ]),
    ...(more ? ["there is more: ask for that list alone, with its next_cursor as cursor"] : []),
    ...notes
  ].join("\n")
}
