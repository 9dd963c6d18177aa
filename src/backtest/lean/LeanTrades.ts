/** LEAN's closed trades. Profit, MAE and MFE are in dollars of the whole position; LEAN's profit is before fees, ours after. */
import { clientOrderId } from "../../domain/Identifiers.ts"
import { dollars, money } from "../../domain/Money.ts"
import type { TradeRow } from "../BacktestRows.ts"
import type { LeanResult, LeanTrade } from "./LeanResult.ts"
import { leanInstrument, leanPrice, leanQuantity, leanTime } from "./LeanValues.ts"

/** LEAN's `TradeDirection`. */
const SHORT = 1

const symbolOf = ({ symbol, symbols }: LeanTrade): string => symbol?.value ?? symbols?.[0]?.value ?? "UNNAMED"

const tradeRow = (trade: LeanTrade): TradeRow | string => {
  const entryTime = leanTime(trade.entryTime)
  const exitTime = leanTime(trade.exitTime)
  const entryPrice = leanPrice(trade.entryPrice)
  const exitPrice = leanPrice(trade.exitPrice)
  const count = leanQuantity(trade.quantity)
  if (
    entryTime === undefined ||
    exitTime === undefined ||
    entryPrice === undefined ||
    exitPrice === undefined ||
    count === undefined
  ) {
    return `a trade of ${symbolOf(trade)} on ${trade.entryTime}: its quantity or a price is none that the books hold`
  }
  return {
    instrumentId: leanInstrument(symbolOf(trade)),
    direction: trade.direction === SHORT ? "SHORT" : "LONG",
    quantity: count,
    entryTime,
    entryPrice,
    exitTime,
    exitPrice,
    profit: money(dollars(trade.profitLoss) - dollars(trade.totalFees)),
    fees: dollars(trade.totalFees),
    // Never above and never below the entry, whatever rounding did to them.
    mae: dollars(Math.min(0, trade.mae)),
    mfe: dollars(Math.max(0, trade.mfe)),
    orders: (trade.orderIds ?? []).map((id) => clientOrderId(`lean-${id}`))
  }
}

export interface LeanTrades {
  /** Undefined where the result has none although trades were closed: a summary leaves them out, and so do old files. */
  readonly trades: ReadonlyArray<TradeRow> | undefined
  readonly leftOut: ReadonlyArray<string>
}

export const leanTrades = ({ totalPerformance }: LeanResult): LeanTrades => {
  const closed = totalPerformance?.closedTrades ?? []
  const counted = Number(totalPerformance?.tradeStatistics?.["totalNumberOfTrades"] ?? Number.NaN)
  // Not counted is not none.
  if (closed.length === 0 && counted !== 0) return { trades: undefined, leftOut: [] }
  const rows = closed.map(tradeRow)
  return {
    trades: rows.filter((row) => typeof row !== "string"),
    leftOut: rows.filter((row) => typeof row === "string")
  }
}
