/** From what an engine played to what there is to see of it, all statistics with it. Pure: the same input gives the same bits. */
import type { InstrumentId } from "../domain/Identifiers.ts"
import { MICROS_PER_MINUTE, timestamp } from "../domain/Timestamp.ts"
import type { RateRow } from "../market/lean/LeanInterestRate.ts"
import { fromExchangeTime } from "../market/TradingCalendar.ts"
import type { BacktestContent } from "./BacktestResult.ts"
import type { BacktestInputs } from "./BacktestInputs.ts"
import type { TradeRow } from "./BacktestRows.ts"
import type { Tape } from "./engine/Tape.ts"
import type { Played, PlayedBars } from "./Played.ts"
import { backtestFigures } from "./statistics/BacktestFigures.ts"
import { tradesOf } from "./Trades.ts"

export interface PlayedBacktest {
  readonly played: Played
  readonly inputs: Pick<BacktestInputs, "cash">
  /** The bars that were played, raw, by instrument; those before and after do no harm. Options have none. */
  readonly bars: ReadonlyMap<InstrumentId, PlayedBars>
  /** Risk-free rates of the LEAN folder that was played on; empty: the policy rate that comes with the program. */
  readonly riskFree: ReadonlyArray<RateRow>
  /** Trades of an engine that tells them itself, as LEAN does; told from the fills otherwise. */
  readonly trades?: ReadonlyArray<TradeRow>
  /** What LEAN says of its own run; nothing otherwise. */
  readonly reported?: BacktestContent["reported"]
}

/** The bars of a tape, as a result is made of them. */
export const playedBars = ({ resolution, tracks }: Tape): ReadonlyMap<InstrumentId, PlayedBars> =>
  new Map(tracks.map(({ bars, instrument }) => [instrument.id, { ...bars, resolution }]))

const MICROS_PER_DAY = 24 * 60 * MICROS_PER_MINUTE

/** The result's content: columns, lists, trades, statistics. */
export const contentOf = (backtest: PlayedBacktest): BacktestContent => {
  const { bars, inputs, played, reported = {}, riskFree } = backtest
  const { dates, fills, held, moves } = played
  const last = dates.at(-1)
  const until = last === undefined ? timestamp(0) : fromExchangeTime(last, MICROS_PER_DAY - 1)
  const trades = backtest.trades ?? tradesOf({ fills, moves, bars, held, until })
  return {
    dates,
    equity: [...played.equity],
    grossExposure: [...played.grossExposure],
    netExposure: [...played.netExposure],
    traded: [...played.traded],
    benchmark: [...played.benchmark],
    cash: played.cash,
    fees: played.fees,
    dividends: played.dividends,
    bars: played.bars,
    orders: played.orders,
    fills,
    trades,
    denials: played.denials,
    states: played.states,
    held,
    options: played.options,
    ...(played.optionOrders === undefined ? {} : { optionOrders: played.optionOrders }),
    tradingState: played.tradingState,
    statistics: backtestFigures({ played, cash: inputs.cash, trades, bars, riskFree }),
    reported,
    ...(played.financing === undefined ? {} : { financing: played.financing })
  }
}
