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
import {
  MAX_MONEY_MICROS,
  MAX_QUANTITY_MICROS,
  MICROS,
  money,
  notional,
  price as priceOf,
  quantity,
  quantityFor
} from "../../domain/Money.ts"
import { markWhileWanted } from "./MarkWhileWanted.ts"

/** To the millionth of a share. */
const SMALLEST = quantity(1)

const worth = (price: number, held: number): number => notional(priceOf(price), quantity(held))

/** Columns of equal length, micros of a dollar. */
export interface SignalBars {
  readonly length: number
  readonly open: Float64Array
  readonly close: Float64Array
}

export interface SignalOptions {
  /** Micros. */
  readonly cash: number
  /** The first bar that is played. */
  readonly first: number
  /** The highest close of all bars. */
  readonly highest: number
  /** Where the equity goes, one value a bar from `first` on. */
  readonly equity: Float64Array
}

export interface SignalPlay {
  /** Purchases and sales, which take turns. */
  readonly entries: number
  readonly exits: number
  /** What is left at the end, in micros. */
  readonly cash: number
  readonly held: number
}

/** Whether a value at this price, and cash beside it, stay well below 2^53 micros. */
const isExact = (price: number, held: number): boolean => price * (held / MICROS) <= 8 * MAX_MONEY_MICROS

/** Below this the planner of orders takes no order for worth it. */
const LEAST_CASH_MICROS = 2 * MICROS

/**
 * Plays `wants` (one a bar: 1 in, 0 out) from the bar `first` on; those before
 * are warm-up. Undefined where an order would pass what one order can be, which
 * the engine cuts, or a sum what is exact: that backtest is the engine's.
 */
export const playSignal = (
  { close, length, open }: SignalBars,
  wants: Uint8Array,
  { cash: startingCash, equity, first, highest }: SignalOptions
): SignalPlay | undefined => {
  const columns = { price: close, wants, into: equity, offset: first }
  let cash = startingCash
  let held = 0
  let entries = 0
  let exits = 0
  let bar = first
  while (bar < length) {
    // Out: until the bar after one that wants in; nothing was asked before the first.
    const start = bar
    do bar += 1
    while (bar < length && wants[bar - 1] !== 1)
    equity.fill(cash, start - first, bar - first)
    if (bar >= length) break

    // In: bought at this open, until the one after a bar that does not want it any more.
    const price = open[bar] ?? 0
    if (cash < LEAST_CASH_MICROS || cash > MAX_MONEY_MICROS) return undefined
    held = quantityFor(money(cash), priceOf(price), SMALLEST)
    if (held === 0 || held > MAX_QUANTITY_MICROS || !isExact(highest, held)) return undefined
    cash -= worth(price, held)
    entries += 1
    bar = markWhileWanted(columns, bar, { cash, quantity: held })
    if (bar >= length) break
    if (worth(close[bar - 1] ?? 0, held) > MAX_MONEY_MICROS) return undefined
    cash += worth(open[bar] ?? 0, held)
    held = 0
    exits += 1
  }
  return { entries, exits, cash, held }
}
