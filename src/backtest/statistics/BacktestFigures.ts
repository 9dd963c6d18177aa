/**
 * All statistics of a backtest: this program's own, and LEAN's by LEAN's names.
 *
 * The curve begins with the starting cash, on the day before the first session:
 * n sessions have n returns, the first one's from the cash to its close. So it
 * is for our own, here as in a run's report and in a sweep, and for all growth
 * and drawdown. LEAN leaves the first session out of whatever is made of the
 * spread of returns (variance, Sharpe, beta and the rest), because of the
 * benchmark it has no open for; its statistics are of the n − 1 returns between
 * closes here too.
 */
import { Option, Result } from "effect"
import { type Money, toFloat } from "../../domain/Money.ts"
import { symbolOf, type InstrumentId } from "../../domain/Identifiers.ts"
import { dateOfDay, dayOfDate, type SessionDate } from "../../domain/Timestamp.ts"
import type { RateRow } from "../../market/lean/LeanInterestRate.ts"
import {
  dailyReturns,
  type EquityCurve,
  equityCurve,
  ruinedOn,
  type InvalidEquityCurve
} from "../../portfolio/EquityCurve.ts"
import {
  maxDrawdown,
  mapValue,
  none,
  performance,
  type Statistic,
  statisticDefinitions,
  value
} from "../../portfolio/Performance.ts"
import type { BacktestStatistics } from "../BacktestResult.ts"
import type { OrderRow, TradeRow } from "../BacktestRows.ts"
import type { Played, PlayedBars } from "../Played.ts"
import {
  alpha,
  annualStandardDeviation,
  annualVariance,
  beta,
  informationRatio,
  leanSharpe,
  leanSortino,
  trackingError,
  treynor
} from "./BenchmarkStatistics.ts"
import { closedTrades } from "./ClosedTrades.ts"
import {
  compoundingAnnualReturn,
  drawdownRecovery,
  normalValueAtRisk,
  portfolioTurnover,
  totalNetProfit,
  yearsBetween
} from "./EquityStatistics.ts"
import {
  capacityText,
  decimalText,
  dollarText,
  drawdownText,
  equityText,
  floatText,
  percentText
} from "./LeanText.ts"
import { leanProbabilisticSharpe } from "./ProbabilisticSharpe.ts"
import { averageRiskFreeRate } from "./RiskFreeRate.ts"
import { type Capacity, strategyCapacity } from "./StrategyCapacity.ts"
import { tradeStatistics } from "./TradeStatistics.ts"
import { winsAndLosses } from "./WinsAndLosses.ts"

export interface MeasuredBacktest {
  readonly played: Played
  readonly cash: Money
  readonly trades: ReadonlyArray<TradeRow>
  readonly bars: ReadonlyMap<InstrumentId, PlayedBars>
  /** Empty: the policy rate that comes with the program. */
  readonly riskFree: ReadonlyArray<RateRow>
}

const begun = (dates: ReadonlyArray<SessionDate>): ReadonlyArray<SessionDate> => {
  const [first] = dates
  return first === undefined ? dates : [dateOfDay(dayOfDate(first) - 1), ...dates]
}

/** Of n sessions n + 1 points, the first one the starting cash; or why there is none. */
type Curve = Result.Result<EquityCurve, InvalidEquityCurve>

const curveOf = ({ cash, played: { dates, equity } }: Pick<MeasuredBacktest, "cash" | "played">): Curve =>
  equityCurve(begun(dates), Float64Array.of(toFloat(cash), ...equity))

const numberOf = (statistic: Statistic): number | null =>
  statistic._tag === "Value" ? statistic.value : null

const numbersOf = (statistics: Readonly<Record<string, Statistic>>): Record<string, number | null> =>
  Object.fromEntries(Object.entries(statistics).map(([name, one]) => [name, numberOf(one)]))

const noOwn = Object.fromEntries(statisticDefinitions.map(({ key }) => [key, null]))

/** Results of LEAN may have fills and not say what was traded in a session: a column of zeros is no answer then. */
const isTradedUnknown = ({ fills, traded }: Played): boolean =>
  fills.length > 0 && traded.every((dollars) => dollars === 0)

/** By the names of `portfolio/Performance.ts`; null where there is none. */
const ownFigures = (curve: Curve, played: Played): BacktestStatistics["own"] => ({
  ...ownFiguresOf(curve, played),
  ...(isTradedUnknown(played) ? { turnover: null } : {})
})

const ownFiguresOf = (curve: Curve, { grossExposure, traded }: Played): BacktestStatistics["own"] =>
  Result.match(curve, {
    onFailure: () => noOwn,
    onSuccess: (whole) =>
      numbersOf(
        performance(whole, {
          grossExposures: Float64Array.of(0, ...grossExposure),
          tradedNotional: traded.reduce((sum, dollars) => sum + dollars, 0)
        }).statistics
      )
  })

/** The returns between closes, of the account and of what it is compared with; or why they mean nothing. */
interface Returns {
  readonly account: Float64Array
  readonly benchmark: Float64Array
  readonly problem: string | undefined
}

const changes = (closes: Float64Array): Float64Array =>
  closes.subarray(1).map((close, i) => close / (closes[i] ?? Number.NaN) - 1)

const nothing = new Float64Array()

const returnsOf = (curve: Curve, benchmark: Float64Array): Returns =>
  Result.match(curve, {
    onFailure: ({ message }) => ({ account: nothing, benchmark: nothing, problem: message }),
    onSuccess: (whole) => ({
      account: dailyReturns(whole).subarray(1),
      benchmark: changes(benchmark),
      problem: Option.match(ruinedOn(whole), {
        onNone: () => undefined,
        onSome: (date) => `the account was worth nothing or less on ${date}`
      })
    })
  })

/** LEAN's `portfolioStatistics`, in its order. */
const portfolioFigures = (curve: Curve, { cash, played, riskFree, trades }: MeasuredBacktest) => {
  const { account, benchmark, problem } = returnsOf(curve, played.benchmark)
  const start = toFloat(cash)
  const end = played.equity.at(-1) ?? start
  const rate = averageRiskFreeRate(played.dates, riskFree)
  const [first, last] = [played.dates[0], played.dates.at(-1)]
  const years = first === undefined || last === undefined ? 0 : yearsBetween(first, last)
  const ofReturns = (f: () => Statistic): Statistic => (problem === undefined ? f() : none(problem))
  const ofCurve = (f: (whole: EquityCurve) => Statistic): Statistic =>
    Result.match(Result.map(curve, f), {
      onFailure: ({ message }) => none(message),
      onSuccess: (statistic) => statistic
    })
  return {
    ...winsAndLosses(closedTrades(trades), cash),
    startEquity: value(start),
    endEquity: value(end),
    compoundingAnnualReturn: compoundingAnnualReturn({ start, end }, years),
    // Without a sign, as LEAN has it.
    drawdown: ofCurve((whole) => mapValue(maxDrawdown(whole), Math.abs)),
    totalNetProfit: totalNetProfit({ start, end }),
    sharpeRatio: ofReturns(() => leanSharpe(account, rate)),
    probabilisticSharpeRatio: ofReturns(() => leanProbabilisticSharpe(account, rate)),
    sortinoRatio: ofReturns(() => leanSortino(account, rate)),
    alpha: ofReturns(() => alpha(account, benchmark, rate)),
    beta: ofReturns(() => beta(account, benchmark)),
    annualStandardDeviation: ofReturns(() => annualStandardDeviation(account)),
    annualVariance: ofReturns(() => annualVariance(account)),
    informationRatio: ofReturns(() => informationRatio(account, benchmark)),
    trackingError: ofReturns(() => trackingError(account, benchmark)),
    treynorRatio: ofReturns(() => treynor(account, benchmark, rate)),
    portfolioTurnover: isTradedUnknown(played)
      ? none("what was traded in each session is not known")
      : portfolioTurnover(played.traded, played.equity),
    valueAtRisk99: ofReturns(() => normalValueAtRisk(account, 99)),
    valueAtRisk95: ofReturns(() => normalValueAtRisk(account, 95)),
    drawdownRecovery: ofCurve((whole) => value(drawdownRecovery(whole)))
  } satisfies Record<string, Statistic>
}

type PortfolioFigures = ReturnType<typeof portfolioFigures>

/** LEAN counts orders that reached its market; what the rules denied did not. */
const ordersSent = (orders: ReadonlyArray<OrderRow>): number =>
  orders.filter(({ status }) => status !== "Denied").length

/** LEAN's `statistics`, in its order and as it writes them: zero where there is no number. */
const leanTexts = (
  figures: PortfolioFigures,
  beside: { readonly orders: number; readonly fees: Money; readonly capacity: Capacity }
): Record<string, string> => ({
  "Total Orders": String(beside.orders),
  "Average Win": percentText(figures.averageWinRate, 2),
  "Average Loss": percentText(figures.averageLossRate, 2),
  "Compounding Annual Return": percentText(figures.compoundingAnnualReturn, 3),
  Drawdown: drawdownText(figures.drawdown),
  Expectancy: decimalText(figures.expectancy, 3),
  "Start Equity": equityText(figures.startEquity),
  "End Equity": equityText(figures.endEquity),
  "Net Profit": percentText(figures.totalNetProfit, 3),
  "Sharpe Ratio": floatText(figures.sharpeRatio),
  "Sortino Ratio": floatText(figures.sortinoRatio),
  "Probabilistic Sharpe Ratio": percentText(figures.probabilisticSharpeRatio, 3),
  "Loss Rate": percentText(figures.lossRate, 0),
  "Win Rate": percentText(figures.winRate, 0),
  "Profit-Loss Ratio": decimalText(figures.profitLossRatio, 2),
  Alpha: floatText(figures.alpha),
  Beta: floatText(figures.beta),
  "Annual Standard Deviation": floatText(figures.annualStandardDeviation),
  "Annual Variance": floatText(figures.annualVariance),
  "Information Ratio": floatText(figures.informationRatio),
  "Tracking Error": floatText(figures.trackingError),
  "Treynor Ratio": floatText(figures.treynorRatio),
  "Total Fees": dollarText(toFloat(beside.fees)),
  "Estimated Strategy Capacity": capacityText(beside.capacity.dollars),
  "Lowest Capacity Asset": beside.capacity.lowest === undefined ? "" : symbolOf(beside.capacity.lowest),
  "Portfolio Turnover": percentText(figures.portfolioTurnover, 2),
  "Drawdown Recovery": decimalText(figures.drawdownRecovery, 0)
})

const tradeFigures = (trades: ReadonlyArray<TradeRow>): BacktestStatistics["trade"] =>
  Object.fromEntries(
    Object.entries(tradeStatistics(closedTrades(trades))).map(([name, figure]) => [
      name,
      typeof figure === "object" && figure !== null ? numberOf(figure) : figure
    ])
  )

/** Everything that is to be told in numbers. */
export const backtestFigures = (measured: MeasuredBacktest): BacktestStatistics => {
  const { bars, played, trades } = measured
  const curve = curveOf(measured)
  const figures = portfolioFigures(curve, measured)
  const { dates, equity, fees, fills, moves, orders } = played
  const capacity = strategyCapacity({ dates, equity, fills, moves, bars })
  return {
    own: ownFigures(curve, played),
    lean: leanTexts(figures, { orders: ordersSent(orders), fees, capacity }),
    portfolio: numbersOf(figures),
    trade: tradeFigures(trades)
  }
}
