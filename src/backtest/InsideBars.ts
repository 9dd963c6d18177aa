/** Orders that were decided inside bars, where prices may be modelled from what was still to come. */
import { sessionsBetween } from "../market/TradingCalendar.ts"
import type { BacktestInputs } from "./BacktestInputs.ts"
import type { OrderRow } from "./BacktestRows.ts"

/** In words; undefined where there are none, and of bars that are shorter than a day. */
export const insideBarsCaveat = (
  { data, engine }: Pick<BacktestInputs, "data" | "engine">,
  orders: ReadonlyArray<Pick<OrderRow, "tsEvent">>
): string | undefined => {
  if (engine.name === "lean" || data.resolution !== "1d" || orders.length === 0) return undefined
  const known = new Set<number>()
  for (const { close, open } of sessionsBetween(data.from, data.to)) known.add(open).add(close)
  const inside = orders.filter(({ tsEvent }) => !known.has(tsEvent)).length
  return inside === 0
    ? undefined
    : `${inside} of ${orders.length} orders were decided inside daily bars, where prices are modelled from the whole bar unless the data has finer ones: plimsoll backtest lookahead tells whether they hang on what was still to come.`
}
