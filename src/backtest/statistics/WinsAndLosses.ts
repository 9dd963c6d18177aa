/**
 * How often trades won, and how much: LEAN's portfolio statistics of its
 * `profitLoss` record (QuantConnect/Lean, `Common/Statistics/PortfolioStatistics.cs`).
 *
 * A trade's rate is its profit over the running capital: the starting cash and
 * the profits of the trades closed before it. One that brought nothing is a
 * loss. LEAN's record has one entry for each *fill* that closes, less twice its
 * fee; here it is one for each trade, less the fees it paid.
 */
import { none, type Statistic, value } from "../../portfolio/Performance.ts"
import type { ClosedTrade } from "./ClosedTrades.ts"

interface Tally {
  readonly wins: number
  readonly losses: number
  /** Sums of the rates. */
  readonly won: number
  readonly lost: number
}

const tally = (trades: ReadonlyArray<ClosedTrade>, startingCash: number): Tally => {
  let capital = startingCash
  let [wins, losses, won, lost] = [0, 0, 0, 0]
  for (const { net } of trades) {
    if (net > 0) {
      wins += 1
      won += net / capital
    } else {
      losses += 1
      lost += net / capital
    }
    capital += net
  }
  return { wins, losses, won, lost }
}

export interface WinsAndLosses {
  /** Mean rate of the trades that won, and of those that lost, zero or below. */
  readonly averageWinRate: Statistic
  readonly averageLossRate: Statistic
  /** Average win rate ÷ |average loss rate|. */
  readonly profitLossRatio: Statistic
  /** Winning trades ÷ closed ones, and losing ones. */
  readonly winRate: Statistic
  readonly lossRate: Statistic
  /** Win rate × profit-loss ratio − loss rate: what a trade brings on average, in average losses. */
  readonly expectancy: Statistic
}

const noTrade = none("no trade was closed")

/** Of the closed trades in their order; `startingCash` in micros, as the profits. */
export const winsAndLosses = (trades: ReadonlyArray<ClosedTrade>, startingCash: number): WinsAndLosses => {
  if (trades.length === 0) {
    return {
      averageWinRate: noTrade,
      averageLossRate: noTrade,
      profitLossRatio: noTrade,
      winRate: noTrade,
      lossRate: noTrade,
      expectancy: noTrade
    }
  }
  const { losses, lost, wins, won } = tally(trades, startingCash)
  const averageWin = wins === 0 ? 0 : won / wins
  const averageLoss = losses === 0 ? 0 : lost / losses
  const ratio = averageWin / Math.abs(averageLoss)
  const untold = losses === 0 ? none("no trade lost") : none("the trades that lost brought exactly nothing")
  const isTold = averageLoss !== 0
  return {
    averageWinRate: wins === 0 ? none("no trade won") : value(averageWin),
    averageLossRate: losses === 0 ? none("no trade lost") : value(averageLoss),
    profitLossRatio: isTold ? value(ratio) : untold,
    winRate: value(wins / trades.length),
    lossRate: value(losses / trades.length),
    expectancy: isTold ? value((wins / trades.length) * ratio - losses / trades.length) : untold
  }
}
