/**
 * LEAN's trade statistics, by its names (QuantConnect/Lean,
 * `Common/Statistics/TradeStatistics.cs`), of the closed trades in the order they
 * were closed. Dollars; profits before fees, which are told beside them; a trade
 * that brought nothing is a loss.
 *
 * Trades are flat to flat here, where LEAN's are by default one for each pair of
 * fills. Where LEAN writes 0 for want of an answer, or 10 for a ratio whose
 * denominator is zero, there is none here.
 */
import { toFloat } from "../../domain/Money.ts"
import { type Timestamp, toIso } from "../../domain/Timestamp.ts"
import { mean, none, type Statistic, value } from "../../portfolio/Performance.ts"
import type { ClosedTrade } from "./ClosedTrades.ts"
import { sampleVariance } from "./Moments.ts"
import { timeSpan } from "./TimeSpan.ts"

type Trades = ReadonlyArray<ClosedTrade>

const isWin = ({ gross }: ClosedTrade): boolean => gross > 0
const isLoss = (trade: ClosedTrade): boolean => !isWin(trade)
const durationOf = ({ entryTime, exitTime }: ClosedTrade): number => exitTime - entryTime

/** Exact: micros are added before they become dollars. */
const sumOf = (trades: Trades, of: (trade: ClosedTrade) => number): number =>
  toFloat(trades.reduce((sum, trade) => sum + of(trade), 0))

const averageOf = (trades: Trades, of: (trade: ClosedTrade) => number): Statistic =>
  trades.length === 0 ? none("no such trade") : value(sumOf(trades, of) / trades.length)

/** The highest of them and zero. */
const largestOf = (trades: Trades, of: (trade: ClosedTrade) => number): number =>
  toFloat(trades.reduce((most, trade) => Math.max(most, of(trade)), 0))

/** The lowest of them and zero. */
const lowestOf = (trades: Trades, of: (trade: ClosedTrade) => number): number =>
  toFloat(trades.reduce((least, trade) => Math.min(least, of(trade)), 0))

const grossOf = ({ gross }: ClosedTrade): number => gross

/** √(Σ(x − μ)² ÷ (n − 1)) of the profits. */
const deviationOf = (trades: Trades): Statistic =>
  trades.length < 2
    ? none("needs 2 such trades")
    : value(Math.sqrt(sampleVariance(Float64Array.from(trades, ({ gross }) => toFloat(gross)))))

const middle = (sorted: Float64Array): number => {
  const half = sorted.length >>> 1
  const high = sorted[half] ?? 0
  return sorted.length % 2 === 1 ? high : ((sorted[half - 1] ?? 0) + high) / 2
}

const averageDuration = (trades: Trades): string =>
  timeSpan(trades.length === 0 ? 0 : mean(Float64Array.from(trades, durationOf)))

const medianDuration = (trades: Trades): string =>
  timeSpan(trades.length === 0 ? 0 : middle(Float64Array.from(trades, durationOf).toSorted()))

/** The longest run of such trades. */
const longestRun = (trades: Trades, such: (trade: ClosedTrade) => boolean): number => {
  let longest = 0
  let run = 0
  for (const trade of trades) {
    run = such(trade) ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}

/** The deepest fall of the summed profits below the highest they had been after an earlier trade, or zero. */
const closedTradeDrawdown = (trades: Trades): number => {
  let [sum, peak, deepest] = [0, 0, 0]
  for (const { gross } of trades) {
    sum += gross
    peak = Math.max(peak, sum)
    deepest = Math.min(deepest, sum - peak)
  }
  return deepest
}

/** The same with each trade's excursions: the peak counts its best moment, the fall its worst. */
const intraTradeDrawdown = (trades: Trades): number => {
  let [sum, peak, deepest] = [0, 0, 0]
  for (const { gross, mae, mfe } of trades) {
    peak = Math.max(peak, sum + mfe)
    deepest = Math.min(deepest, sum + mae - peak)
    sum += gross
  }
  return deepest
}

/** The longest time between two peaks of the summed profits with a loss in between; one that has not ended is not in it. */
const drawdownDuration = (trades: Trades): number => {
  let peakTime: Timestamp | undefined = trades[0]?.entryTime
  let [sum, peak, longest] = [0, 0, 0]
  let isBelow = false
  for (const trade of trades) {
    sum += trade.gross
    if (!isWin(trade)) {
      isBelow = true
    } else if (sum > peak) {
      peak = sum
      if (isBelow && peakTime !== undefined) longest = Math.max(longest, trade.exitTime - peakTime)
      peakTime = trade.exitTime
      isBelow = false
    }
  }
  return longest
}

const ratioOf = (numerator: Statistic, denominator: Statistic, zero: string): Statistic => {
  if (numerator._tag === "None") return numerator
  if (denominator._tag === "None") return denominator
  return denominator.value === 0 ? none(zero) : value(numerator.value / Math.abs(denominator.value))
}

const share = (count: number, trades: Trades): Statistic =>
  trades.length === 0 ? none("no trade was closed") : value(count / trades.length)

/** A time, a count of trades, a sum of dollars, a duration as .NET writes it, or a statistic. */
export type TradeFigure = Statistic | string | number | null

const timesOf = (trades: Trades) => {
  const first = trades.reduce<Timestamp | undefined>(
    (least, { entryTime }) => (least === undefined || entryTime < least ? entryTime : least),
    undefined
  )
  const last = trades.at(-1)?.exitTime
  return {
    startDateTime: first === undefined ? null : toIso(first),
    endDateTime: last === undefined ? null : toIso(last)
  }
}

/** In LEAN's order. */
export const tradeStatistics = (trades: Trades) => {
  const winning = trades.filter(isWin)
  const losing = trades.filter(isLoss)
  const totalProfitLoss = sumOf(trades, grossOf)
  const totalProfit = sumOf(winning, grossOf)
  const totalLoss = sumOf(losing, grossOf)
  const averageProfitLoss = averageOf(trades, grossOf)
  const averageProfit = averageOf(winning, grossOf)
  const averageLoss = averageOf(losing, grossOf)
  const deviation = deviationOf(trades)
  const downside = deviationOf(losing)
  const closedDrawdown = toFloat(closedTradeDrawdown(trades))
  const givenBack = ({ gross, mfe }: ClosedTrade): number => gross - mfe
  return {
    ...timesOf(trades),
    totalNumberOfTrades: trades.length,
    numberOfWinningTrades: winning.length,
    numberOfLosingTrades: losing.length,
    totalProfitLoss,
    totalProfit,
    totalLoss,
    largestProfit: largestOf(trades, grossOf),
    largestLoss: lowestOf(trades, grossOf),
    averageProfitLoss,
    averageProfit,
    averageLoss,
    averageTradeDuration: averageDuration(trades),
    averageWinningTradeDuration: averageDuration(winning),
    averageLosingTradeDuration: averageDuration(losing),
    medianTradeDuration: medianDuration(trades),
    medianWinningTradeDuration: medianDuration(winning),
    medianLosingTradeDuration: medianDuration(losing),
    maxConsecutiveWinningTrades: longestRun(trades, isWin),
    maxConsecutiveLosingTrades: longestRun(trades, isLoss),
    /** Average profit ÷ |average loss|. */
    profitLossRatio: ratioOf(averageProfit, averageLoss, "the losing trades brought exactly nothing"),
    winLossRatio: losing.length === 0 ? none("no trade lost") : value(winning.length / losing.length),
    winRate: share(winning.length, trades),
    lossRate: share(losing.length, trades),
    averageMAE: averageOf(trades, ({ mae }) => mae),
    averageMFE: averageOf(trades, ({ mfe }) => mfe),
    largestMAE: lowestOf(trades, ({ mae }) => mae),
    largestMFE: largestOf(trades, ({ mfe }) => mfe),
    maximumClosedTradeDrawdown: closedDrawdown,
    maximumIntraTradeDrawdown: toFloat(intraTradeDrawdown(trades)),
    profitLossStandardDeviation: deviation,
    /** Of the losing trades about their own average. */
    profitLossDownsideDeviation: downside,
    /** Total profit ÷ |total loss|. */
    profitFactor: ratioOf(value(totalProfit), value(totalLoss), "no trade lost"),
    /** Average profit ÷ standard deviation: of a trade, not of a year. */
    sharpeRatio: ratioOf(averageProfitLoss, deviation, "the profits do not vary"),
    sortinoRatio: ratioOf(averageProfitLoss, downside, "the losses do not vary"),
    profitToMaxDrawdownRatio: ratioOf(
      value(totalProfitLoss),
      value(closedDrawdown),
      "the profits never fell"
    ),
    /** The most that one trade gave back of its best moment, zero or below, and what they gave back on average. */
    maximumEndTradeDrawdown: lowestOf(trades, givenBack),
    averageEndTradeDrawdown: averageOf(trades, givenBack),
    maximumDrawdownDuration: timeSpan(drawdownDuration(trades)),
    totalFees: sumOf(trades, ({ fees }) => fees)
  } satisfies Record<string, TradeFigure>
}
