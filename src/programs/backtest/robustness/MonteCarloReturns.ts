/** What Monte Carlo resamples: a file's returns, or a backtest's sessions or trades. */
import { Effect, Result } from "effect"
import type { BacktestContent, FinishedBacktest } from "../../../backtest/BacktestResult.ts"
import type { ReturnSeries } from "../../../backtest/robustness/ReturnSeries.ts"
import { BadRequest, tooFew, type TooFewObservations } from "../../../backtest/robustness/RobustnessError.ts"
import { MICROS } from "../../../domain/Money.ts"
import { exchangeDate } from "../../../market/TradingCalendar.ts"
import type { AskedReturns } from "./ReturnsAsked.ts"
import { foundReturns } from "./ReturnsAsked.ts"

/** "returns": of sessions, or whatever a file's are of. */
export type Resampled = "returns" | "trades"

/** Fewer trades are no sample. */
const LEAST_TRADES = 2

/**
 * Each closed trade's profit over the account's equity before it: at the close before the session it was entered in,
 * the starting cash where that was the first.
 */
export const tradeReturns = (
  name: string,
  { dates, equity, trades }: Pick<BacktestContent, "dates" | "equity" | "trades">,
  cash: number
): Result.Result<ReturnSeries, BadRequest | TooFewObservations> => {
  const closed = trades.filter(({ exitTime }) => exitTime !== undefined)
  if (closed.length < LEAST_TRADES) {
    return Result.fail(tooFew("a bootstrap of trades", "closed trades", LEAST_TRADES, closed.length))
  }
  const returns: Array<number> = []
  for (const { entryTime, profit } of closed) {
    const date = exchangeDate(entryTime)
    const next = dates.findIndex((one) => one >= date)
    const before = equity[(next < 0 ? dates.length : next) - 1] ?? cash / MICROS
    if (!(before > 0)) {
      return Result.fail(
        new BadRequest({
          message: `${name} was worth nothing when it traded on ${date}: no return can be told`
        })
      )
    }
    returns.push(profit / MICROS / before)
  }
  return Result.succeed({
    name: `${name}, ${closed.length} trades`,
    returns: Float64Array.from(returns),
    dates: undefined
  })
}

export interface MonteCarloReturns {
  readonly series: ReturnSeries
  readonly of: Resampled
  /** Where they are a backtest's. */
  readonly result: FinishedBacktest | undefined
  /** Trades that were open at the end, and are not among the returns. */
  readonly open: number
}

/** The returns that are to be resampled; relative paths are relative to `folder`. */
export const monteCarloReturns = Effect.fnUntraced(function* (
  asked: AskedReturns,
  of: Resampled,
  folder: string
) {
  const { backtest, series } = yield* foundReturns(asked, folder)
  if (of === "returns") {
    const found: MonteCarloReturns = { series, of, result: backtest?.result, open: 0 }
    return found
  }
  if (backtest === undefined) {
    return yield* new BadRequest({
      message:
        "a file has returns and no trades: leave --of trades out, and give each trade's return as a line"
    })
  }
  const { content, result } = backtest
  const trades = yield* Effect.fromResult(tradeReturns(result.id, content, result.inputs.cash))
  const found: MonteCarloReturns = {
    series: trades,
    of,
    result,
    open: content.trades.filter(({ exitTime }) => exitTime === undefined).length
  }
  return found
})
