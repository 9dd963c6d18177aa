/** From what an engine played to what there is to see of it, all statistics with it. Pure. */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { BarSeries } from "../market/BarSeries.ts"
import type { RateRow } from "../market/lean/LeanInterestRate.ts"
import type { BacktestContent } from "./BacktestResult.ts"
import type { BacktestInputs } from "./BacktestInputs.ts"
import type { TradeRow } from "./BacktestRows.ts"
import type { Played } from "./Played.ts"

export interface PlayedBacktest {
  readonly played: Played
  readonly inputs: BacktestInputs
  /** The bars that were played, raw, by instrument; those before and after do no harm. Options have none. */
  readonly bars: ReadonlyMap<InstrumentId, BarSeries>
  /** Risk-free rates of the LEAN folder that was played on; empty: the policy rate that comes with the program. */
  readonly riskFree: ReadonlyArray<RateRow>
  /** Trades of an engine that tells them itself, as LEAN does; told from the fills otherwise. */
  readonly trades?: ReadonlyArray<TradeRow>
  /** What LEAN says of its own run; empty otherwise. */
  readonly reported?: BacktestContent["reported"]
}

export type ContentOf = (backtest: PlayedBacktest) => BacktestContent
