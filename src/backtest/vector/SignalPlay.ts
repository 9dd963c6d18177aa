/**
 * A signal strategy as one loop over columns: the vectorised path of a sweep.
 *
 * What the event engine does with the same strategy, and nothing else: after a
 * close at which it wants in, all cash is spent at the next bar's open (to the
 * millionth of a share, the rest stays cash); after one at which it wants out,
 * all is sold at the next open; marked at closes. What is held at the end is
 * marked, not sold, and nothing comes of the last close. `Eligibility.ts` says
 * for which backtests that is so; the sums are exact, to the micro.
 */
import { MAX_MONEY_MICROS, MAX_QUANTITY_MICROS, MICROS } from "../../domain/Money.ts"
import { splitNotional, splitQuantity } from "./SplitProducts.ts"

/** Columns of equal length, micros of a dollar. */
export interface SignalBars {
  readonly length: number
  readonly open: Float64Array
  readonly close: Float64Array
}

export interface SignalPlay {
  /** Micros, at the closes of the bars from `first` on. */
  readonly equity: Float64Array
  /** Purchases and sales, which take turns. */
  readonly entries: number
  readonly exits: number
  /** What is left at the end, in micros. */
  readonly cash: number
  readonly held: number
}

/** Below this the planner of orders takes no order for worth it. */
const LEAST_CASH_MICROS = 2 * MICROS

/**
 * Plays `wants` (one a bar: 1 in, 0 out) with `cash` micros, from the bar
 * `first` on; those before are warm-up. Undefined where an order would pass what
 * one order can be, which the engine cuts: that backtest is the engine's.
 */
export const playSignal = (
  { close, length, open }: SignalBars,
  wants: Uint8Array,
  { cash: startingCash, first }: { readonly cash: number; readonly first: number }
): SignalPlay | undefined => {
  const equity = new Float64Array(length - first)
  let cash = startingCash
  let held = 0
  let entries = 0
  let exits = 0
  // What the bar before wanted; nothing was asked before the first one.
  let want = 0
  for (let bar = first; bar < length; bar++) {
    const price = open[bar] ?? 0
    if (want === 1) {
      if (held === 0) {
        if (cash < LEAST_CASH_MICROS || cash > MAX_MONEY_MICROS) return undefined
        held = splitQuantity(cash, price)
        if (held === 0 || held > MAX_QUANTITY_MICROS) return undefined
        cash -= splitNotional(price, held)
        entries += 1
      }
    } else if (held > 0) {
      cash += splitNotional(price, held)
      held = 0
      exits += 1
    }
    const value = held === 0 ? 0 : splitNotional(close[bar] ?? 0, held)
    if (value > MAX_MONEY_MICROS) return undefined
    equity[bar - first] = cash + value
    want = wants[bar] ?? 0
  }
  return { equity, entries, exits, cash, held }
}
