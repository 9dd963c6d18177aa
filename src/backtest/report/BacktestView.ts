/**
 * What a page draws of a finished backtest: its curves, with the start before
 * them, and words for what the result does not hold. Results of LEAN may lack
 * a benchmark or what was exposed; one that was never played has no curve.
 */
import { Option, Result } from "effect"
import { type SessionDate, sessionDate } from "../../domain/Timestamp.ts"
import { dailyReturns, type EquityCurve, ruinedOn } from "../../portfolio/EquityCurve.ts"
import type { EquityPicture } from "../../session/report/EquityChart.ts"
import type { OptionEvent } from "../../session/OptionTrail.ts"
import { bookCurve, breakerEvents } from "../../session/RunReportData.ts"
import type { BacktestContent, FinishedBacktest } from "../BacktestResult.ts"

/** Dollars, one a point of the curve. */
export type Column = Float64Array

export interface BacktestView {
  readonly result: FinishedBacktest
  readonly content: BacktestContent
  /** The algorithm's. */
  readonly name: string
  /** Begins with the cash, on the day before the first session. */
  readonly curve: Option.Option<EquityCurve>
  readonly benchmark: Option.Option<EquityCurve>
  readonly gross: Option.Option<Column>
  readonly net: Option.Option<Column>
  readonly traded: Option.Option<Column>
  /** One a session; none without a curve, and once the account was worth nothing. */
  readonly returns: Option.Option<Float64Array>
  /** What the result does not hold, a sentence each. */
  readonly missing: ReadonlyArray<string>
}

/** The starting cash in the symbols, bought and held. */
export const BENCHMARK_NAME = "Held"

const isZero = (value: number): boolean => value === 0

/** With the zero of the start before it; none where the result has another number of values, or says nothing of what was traded. */
const columnOf = (content: BacktestContent, values: ReadonlyArray<number>): Option.Option<Column> =>
  values.length !== content.dates.length ||
  values.length === 0 ||
  (values.every(isZero) && content.orders.some(({ filledQuantity }) => filledQuantity > 0))
    ? Option.none()
    : Option.some(Float64Array.from([0, ...values]))

const curveOf = (
  { inputs }: FinishedBacktest,
  dates: ReadonlyArray<SessionDate>,
  equity: ReadonlyArray<number>
): Option.Option<EquityCurve> => Result.getSuccess(bookCurve({ dates, equity }, inputs.cash))

export const viewOf = (result: FinishedBacktest): BacktestView => {
  const { content } = result.outcome
  const curve = curveOf(result, content.dates, content.equity)
  const benchmark = content.benchmark.every(isZero)
    ? Option.none()
    : curveOf(result, content.dates, content.benchmark)
  const gross = columnOf(content, content.grossExposure)
  const net = columnOf(content, content.netExposure)
  const traded = columnOf(content, content.traded)
  const source = result.inputs.engine.name === "lean" ? "LEAN's result" : "The result"
  return {
    result,
    content,
    name: result.inputs.algorithm.name,
    curve,
    benchmark,
    gross,
    net,
    traded,
    returns: Option.map(
      Option.filter(curve, (made) => Option.isNone(ruinedOn(made))),
      dailyReturns
    ),
    missing: [
      ...(Option.isSome(curve) ? [] : [`${source} holds no curve of equity: nothing can be drawn of it.`]),
      ...(Option.isSome(benchmark) || Option.isNone(curve)
        ? []
        : [`${source} holds no benchmark: curves stand alone.`]),
      ...(Option.isSome(gross) || Option.isSome(net) || Option.isNone(curve)
        ? []
        : [`${source} does not say what was exposed: the chart of exposure is left out.`]),
      ...(Option.isSome(traded) || Option.isNone(curve)
        ? []
        : [`${source} does not say what was traded each session: the chart of turnover is left out.`]),
      ...(content.trades.length === 0 && content.fills.length > 0
        ? [`${source} holds no trades, only fills.`]
        : [])
    ]
  }
}

/** The view's curves and events as the charts of a run take them. */
export const pictureOf = (view: BacktestView, curve: EquityCurve): EquityPicture => ({
  books: [
    {
      curve,
      breakerEvents: eventsOf(view),
      options: { events: optionEventsOf(view) }
    }
  ],
  ...(Option.isSome(view.benchmark) ? { benchmark: { curve: view.benchmark.value } } : {})
})

/** The breaker's events in time order. */
export const eventsOf = ({ content }: BacktestView) =>
  breakerEvents({ stateChanges: content.states.map(({ date, ...event }) => ({ date, event })) })

/** Fills of options and what became of them, in time order. */
export const optionEventsOf = ({ content }: BacktestView): ReadonlyArray<OptionEvent> =>
  content.options.map(({ amount, price, ...event }) => ({
    ...event,
    price: price ?? undefined,
    amount: amount ?? undefined
  }))

/** The sessions of a curve, without the start before them. */
export const sessionsOf = ({ dates }: EquityCurve): ReadonlyArray<SessionDate> => dates.slice(1)

export const firstSession = ({ content, result }: BacktestView): SessionDate =>
  content.dates[0] ?? sessionDate(result.inputs.data.from)
export const lastSession = ({ content, result }: BacktestView): SessionDate =>
  content.dates.at(-1) ?? sessionDate(result.inputs.data.to)
