/** The risk-free rates that a backtest on a market is measured against: a LEAN folder's own; of other markets none, and the policy rate stands for them. */
import { resolve } from "node:path"
import { Effect } from "effect"
import type { RateRow } from "../../market/lean/LeanInterestRate.ts"
import { readLeanRates } from "../../market/lean/LeanRates.ts"
import type { MarketConfig } from "../DeskConfig.ts"

const none: ReadonlyArray<RateRow> = []

/** Relative paths are relative to `folder`. */
export const riskFreeRates = Effect.fn("riskFreeRates")(function* (market: MarketConfig, folder: string) {
  if (market.source !== "lean") return none
  const { rows } = yield* readLeanRates({
    path: resolve(folder, market.path),
    skipBadRows: market.badRows === "skip"
  })
  return rows
})
