/** From what the books did to what the report says. Pure. */
import { Option, Result } from "effect"
import { symbolOf } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { type Money, toFloat } from "../domain/Money.ts"
import { dateOfDay, dayOfDate, type SessionDate, sessionDate } from "../domain/Timestamp.ts"
import type { TradingStateCause } from "../domain/TradingState.ts"
import type { DeskStatus } from "../execution/DeskView.ts"
import type { BadRow } from "../market/MarketData.ts"
import { type EquityCurve, equityCurve, type InvalidEquityCurve } from "../portfolio/EquityCurve.ts"
import { formatResumePolicy } from "../risk/ResumePolicy.ts"
import type {
  BenchmarkReport,
  BookReport,
  BreakerEvent,
  MarketReport,
  RunReport
} from "./report/RunReport.ts"
import type { OptionSummary } from "./OptionTrail.ts"
import { feeModelWords, fillModelWords, slippageModelWords } from "./report/ModelWords.ts"
import type { RunInputs } from "./RunInputs.ts"
import type { BookSummary } from "./RunSummary.ts"
import type { Strategy } from "./Strategy.ts"

/** The embedded index: its opens say little before 2006, so what came after is told apart. */
const SEPARATE_FROM = sessionDate("2008-01-02")

/** One book as it ended. */
export interface FinishedBook {
  readonly strategy: Strategy
  readonly summary: BookSummary
  readonly options: OptionSummary
  readonly status: DeskStatus
}

/** A curve that begins with the starting cash, on the day before the first session. */
const curveOf = (
  dates: ReadonlyArray<SessionDate>,
  start: number,
  values: ReadonlyArray<number>
): Result.Result<EquityCurve, InvalidEquityCurve> => {
  const [first] = dates
  const begun = first === undefined ? dates : [dateOfDay(dayOfDate(first) - 1), ...dates]
  return equityCurve(begun, Float64Array.from([start, ...values]))
}

const kindOf = (cause: TradingStateCause): BreakerEvent["kind"] | undefined => {
  switch (cause) {
    case "daily-loss":
    case "drawdown":
      return cause
    case "kill-switch":
      return "halt"
    case "session-open":
      return "lapsed"
    case "resumed":
    case "resume-policy":
      return "resumed"
    case "opened":
      return undefined
  }
}

/** A book's equity at its closes, beginning with its cash; fails when it was never played. */
export const bookCurve = (
  { dates, equity }: Pick<BookSummary, "dates" | "equity">,
  cash: Money
): Result.Result<EquityCurve, InvalidEquityCurve> => curveOf(dates, toFloat(cash), equity)

/** What is told of a change of the trading state; a journal's events have it. */
interface StateChange {
  readonly cause: TradingStateCause
  readonly value?: number | undefined
  readonly limit?: number | undefined
  readonly equity: Money
  readonly reason: string
}

/** What the breaker and the kill switch did, in time order. */
export const breakerEvents = ({
  stateChanges
}: {
  readonly stateChanges: ReadonlyArray<{ readonly date: SessionDate; readonly event: StateChange }>
}): ReadonlyArray<BreakerEvent> =>
  stateChanges.flatMap(({ date, event }) => {
    const kind = kindOf(event.cause)
    return kind === undefined
      ? []
      : [
          {
            date,
            kind,
            ...(event.value === undefined ? {} : { value: event.value }),
            ...(event.limit === undefined ? {} : { limit: event.limit }),
            equity: event.equity,
            note: event.reason
          }
        ]
  })

const bookReport = (book: FinishedBook, cash: Money): Result.Result<BookReport, InvalidEquityCurve> => {
  const { options, status, strategy, summary } = book
  return Result.map(bookCurve(summary, cash), (curve) => ({
    name: strategy.title,
    summary: strategy.summary,
    description: strategy.description,
    parameters: Object.entries(strategy.parameters).map(([name, value]) => ({
      name,
      value: String(value),
      meaning: strategy.meanings[name] ?? ""
    })),
    startingCash: cash,
    curve,
    grossExposures: Float64Array.from([0, ...summary.grossExposure]),
    traded: Float64Array.from([0, ...summary.traded]),
    orders: summary.orders,
    fills: summary.fills,
    denied: summary.denied,
    denials: summary.denials,
    breakerEvents: breakerEvents(summary),
    positions: status.positions.flatMap(({ mark, marketValue, position }) =>
      Option.isSome(mark) && Option.isSome(marketValue)
        ? [
            {
              symbol: symbolOf(position.instrumentId),
              quantity: position.quantity,
              cost: position.cost,
              price: mark.value,
              marketValue: marketValue.value
            }
          ]
        : []
    ),
    options,
    fees: status.fees,
    cash: status.cash,
    tradingState: status.tradingState,
    journalHash: summary.journalHash
  }))
}

/** Closes of one instrument, dividends and splits taken out, by session. */
export interface Closes {
  readonly instrument: Instrument
  readonly dates: ReadonlyArray<SessionDate>
  readonly closes: ReadonlyArray<number>
}

/** The starting cash spread equally over the instruments at their first closes and held, without fees. */
const benchmark = (
  cash: Money,
  all: ReadonlyArray<Closes>
): Result.Result<BenchmarkReport, InvalidEquityCurve> => {
  const [first] = all
  const dates = first?.dates ?? []
  const start = toFloat(cash)
  const values = dates.map((_, i) => {
    let value = 0
    for (const { closes } of all) value += ((start / all.length) * (closes[i] ?? 0)) / (closes[0] ?? 1)
    return value
  })
  const names = all.map(({ instrument }) => instrument.symbol).join(", ")
  return Result.map(curveOf(dates, start, values), (curve) => ({
    name: "Buy and hold",
    description: `${names} bought with the whole starting cash at the first close and held, without fees.`,
    curve
  }))
}

/** What is known of the market the run was made on. */
export interface RunMarket {
  readonly source: string
  readonly instruments: ReadonlyArray<Instrument>
  readonly closes: ReadonlyArray<Closes>
  readonly skipped: ReadonlyArray<BadRow>
}

/** From when on results on these symbols are to be told apart, and why; undefined when there is no such date. */
export const separatePeriod = (symbols: ReadonlyArray<string>): MarketReport["separateFrom"] =>
  symbols.includes("SPX-REPLAY")
    ? {
        date: SEPARATE_FROM,
        reason:
          "Before 2006 nearly every open of this file is the prior close, so orders for the open fill at a price that was not there; from 2008 about one in twenty is."
      }
    : undefined

/** What the prices of options are worth, where any were traded; the caveat that matters most of such a run. */
export const optionCaveats = (
  books: ReadonlyArray<Pick<OptionSummary, "orders" | "modelledOrders">>
): ReadonlyArray<string> => {
  const orders = books.reduce((sum, options) => sum + options.orders, 0)
  const modelled = books.reduce((sum, options) => sum + options.modelledOrders, 0)
  if (orders === 0) return []
  if (modelled === 0) return ["Options were decided on published quotes and filled at bid and ask."]
  const which = modelled === orders ? "All" : `${modelled} of ${orders}`
  return [
    `${which} option orders were made on modelled quotes: no market showed these prices, the volatility model did. Premiums and marks are the model's, and say nothing of what could have been earned.`
  ]
}

/** The same of those whose option prices, or some of them, are a model's; undefined of others. */
export const modelledCaveat = (
  orders: Pick<OptionSummary, "orders" | "modelledOrders"> | undefined
): string | undefined =>
  orders === undefined || orders.modelledOrders === 0 ? undefined : optionCaveats([orders])[0]

/** Strategies that never ordered: that is told, and not left to be taken for a result. */
export const idleCaveats = (
  books: ReadonlyArray<{ readonly title: string; readonly orders: number }>
): ReadonlyArray<string> =>
  books
    .filter(({ orders }) => orders === 0)
    .map(
      ({ title }) =>
        `${title} sent no order: what its rules wait for did not come, or costs more than they give it of the starting cash.`
    )

/** Sessions of which a strategy's language model may have read how they ended. */
export const contaminatedCaveats = ({
  algorithms = {},
  from,
  to
}: Pick<RunInputs, "algorithms" | "from" | "to">): ReadonlyArray<string> =>
  Object.entries(algorithms).flatMap(([name, { knowledgeCutoff: cutoff }]) => {
    if (cutoff === undefined || cutoff <= from) return []
    return cutoff > to
      ? [
          `${name} is CONTAMINATED: not promotable; all of the run is before the knowledge cutoff ${cutoff}: its model has read how it ended.`
        ]
      : [
          `${name} is CONTAMINATED in part: not promotable; what is before the knowledge cutoff ${cutoff} its model has read about.`
        ]
  })

const marketReport = (
  { instruments, skipped, source }: RunMarket,
  books: ReadonlyArray<FinishedBook>,
  inputs: RunInputs
): MarketReport => {
  const separateFrom = separatePeriod(instruments.map(({ symbol }) => symbol))
  return {
    source,
    caveats: [
      ...contaminatedCaveats(inputs),
      ...idleCaveats(
        books.map(({ strategy, summary }) => ({ title: strategy.title, orders: summary.orders }))
      ),
      ...optionCaveats(books.map(({ options }) => options)),
      ...instruments.flatMap(({ caveats, symbol }) => caveats.map((caveat) => `${symbol}: ${caveat}.`)),
      "Inside a bar the prices between open, high, low and close are a modelled path; bid, ask and sizes are modelled too."
    ],
    ...(separateFrom === undefined ? {} : { separateFrom }),
    skippedRows: skipped
  }
}

/** The report of a finished run; fails when a book has no curve to show, as one that was never played. */
export const runReport = (options: {
  readonly runId: string
  readonly inputs: RunInputs
  readonly books: readonly [FinishedBook, ...ReadonlyArray<FinishedBook>]
  readonly market: RunMarket
  readonly command: string
  readonly generatedBy: string
  readonly next: RunReport["next"]
}): Result.Result<RunReport, InvalidEquityCurve> =>
  Result.gen(function* () {
    const { inputs, market } = options
    const [main, ...beside] = options.books
    const first = yield* bookReport(main, inputs.cash)
    const rest = yield* Result.all(beside.map((book) => bookReport(book, inputs.cash)))
    const held = yield* benchmark(inputs.cash, market.closes)
    return {
      runId: options.runId,
      title: `${market.instruments.map(({ symbol }) => symbol).join(", ")} ${inputs.from} to ${inputs.to}`,
      period: { from: inputs.from, to: inputs.to, sessions: main.summary.sessions },
      books: [first, ...rest] as const,
      benchmark: held,
      market: marketReport(market, options.books, options.inputs),
      profile: inputs.profile,
      resumePolicy: formatResumePolicy(inputs.resumePolicy),
      models: {
        fill: fillModelWords(inputs.models.fill),
        fee: feeModelWords(inputs.models.fee),
        slippage: slippageModelWords(inputs.models.slippage)
      },
      seed: inputs.seed,
      command: options.command,
      generatedBy: options.generatedBy,
      next: options.next
    }
  })
