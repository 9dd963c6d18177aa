/**
 * The trades that were closed, in the order they were closed: what statistics of
 * trades are made of. Micros of a dollar, and microseconds.
 */
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { TradeRow } from "../BacktestRows.ts"

export interface ClosedTrade {
  readonly entryTime: Timestamp
  readonly exitTime: Timestamp
  /** Fees taken off. */
  readonly net: number
  /** Fees left in: LEAN's `ProfitLoss` of a trade. */
  readonly gross: number
  readonly fees: number
  readonly mae: number
  readonly mfe: number
}

/** By exit; those of one instant stay in the order of their entries. */
export const closedTrades = (trades: ReadonlyArray<TradeRow>): ReadonlyArray<ClosedTrade> =>
  trades
    .flatMap(({ entryTime, exitTime, fees, mae, mfe, profit }): ReadonlyArray<ClosedTrade> =>
      exitTime === undefined
        ? []
        : [{ entryTime, exitTime, net: profit, gross: profit + fees, fees, mae, mfe }]
    )
    .toSorted((a, b) => a.exitTime - b.exitTime)
