/** The figures of one LEAN backtest, from its result file: of today's casing and the older one. */
import { leanNumber } from "../../../backtest/lean/LeanNumber.ts"
import { isObject, type JsonObject } from "../kit/Json.ts"

export interface LeanFigures {
  readonly sharpe: number | undefined
  /** A ratio, at most 0: LEAN itself writes how deep it was, without a sign. */
  readonly drawdown: number | undefined
  /** Ratios. */
  readonly netReturn: number | undefined
  readonly annualReturn: number | undefined
  /** The probability that the true Sharpe ratio is above LEAN's benchmark of 1, 0 to 1. */
  readonly probabilisticSharpe: number | undefined
  readonly orders: number | undefined
  /** As LEAN writes them, with their currency. */
  readonly fees: string | undefined
  /** What LEAN says of the end of the run, such as "Completed". */
  readonly status: string | undefined
  readonly error: string | undefined
}

/** The value at a name, in camel case or in the Pascal case of files before May 2024. */
const at = (object: unknown, name: string): unknown => {
  if (!isObject(object)) return undefined
  const pascal = name.slice(0, 1).toUpperCase() + name.slice(1)
  return Object.hasOwn(object, name)
    ? object[name]
    : Object.hasOwn(object, pascal)
      ? object[pascal]
      : undefined
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined

const first = (...values: ReadonlyArray<number | undefined>): number | undefined =>
  values.find((value) => value !== undefined)

/** The figures, or `undefined` when this is no result with statistics. */
export const leanFigures = (result: JsonObject): LeanFigures | undefined => {
  // These keys are names, alike in both casings.
  const statistics = at(result, "statistics")
  const portfolio = at(at(result, "totalPerformance"), "portfolioStatistics")
  const state = at(result, "state")
  const hasStatistics = isObject(statistics) && Object.keys(statistics).length > 0
  if (!hasStatistics && !isObject(portfolio) && !isObject(state)) return undefined
  const stated = (name: string): unknown => (isObject(statistics) ? statistics[name] : undefined)
  const either = (exact: string, name: string): number | undefined =>
    first(leanNumber(at(portfolio, exact)), leanNumber(stated(name)))
  const depth = either("drawdown", "Drawdown")
  return {
    sharpe: either("sharpeRatio", "Sharpe Ratio"),
    // Never -0.
    drawdown: depth === undefined || depth === 0 ? depth : -Math.abs(depth),
    netReturn: either("totalNetProfit", "Net Profit"),
    annualReturn: either("compoundingAnnualReturn", "Compounding Annual Return"),
    probabilisticSharpe: either("probabilisticSharpeRatio", "Probabilistic Sharpe Ratio"),
    orders: first(leanNumber(stated("Total Orders")), leanNumber(stated("Total Trades"))),
    fees: textOf(stated("Total Fees")),
    status: textOf(at(state, "status")),
    error: textOf(at(state, "runtimeError"))
  }
}

const percent = (ratio: number): string => `${ratio > 0 ? "+" : ""}${(ratio * 100).toFixed(2)}%`

const or = (value: number | undefined, show: (value: number) => string): string =>
  value === undefined ? "not given" : show(value)

/** The figures in a line. */
export const figuresText = (figures: LeanFigures): string =>
  [
    `Sharpe ${or(figures.sharpe, (value) => value.toFixed(3))}`,
    `max drawdown ${or(figures.drawdown, percent)}`,
    `return ${or(figures.netReturn, percent)}${figures.annualReturn === undefined ? "" : ` (${percent(figures.annualReturn)} a year)`}`,
    `PSR ${or(figures.probabilisticSharpe, (value) => `${(value * 100).toFixed(1)}%`)}`,
    `orders ${or(figures.orders, String)}`,
    `fees ${figures.fees ?? "not given"}`
  ].join("; ")
