/** The risk-free rates that a backtest on a market is measured against: a LEAN folder's own; of other markets none, and the policy rate stands for them. */
import { hash } from "node:crypto"
import { resolve } from "node:path"
import { Effect } from "effect"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { RateRow } from "../../market/lean/LeanInterestRate.ts"
import { readLeanRates } from "../../market/lean/LeanRates.ts"
import type { MarketConfig } from "../DeskConfig.ts"

const none: ReadonlyArray<RateRow> = []

/** Those that count until a session: a row that comes later changes nothing, the first one stands for what is before it. */
const until = (rows: ReadonlyArray<RateRow>, last: SessionDate): ReadonlyArray<RateRow> =>
  rows.filter(({ date }, i) => i === 0 || date <= last)

/** Relative paths are relative to `folder`; `last` is the last session. */
export const riskFreeRates = Effect.fn("riskFreeRates")(function* (
  market: MarketConfig,
  folder: string,
  last: SessionDate
) {
  if (market.source !== "lean") return none
  const { rows } = yield* readLeanRates({
    path: resolve(folder, market.path),
    skipBadRows: market.badRows === "skip"
  })
  return until(rows, last)
})

/** Part of a backtest's inputs; nothing where there are no such rates. */
export const ratesHash = (rows: ReadonlyArray<RateRow>): { readonly ratesHash?: string } =>
  rows.length === 0
    ? {}
    : { ratesHash: hash("sha256", rows.map(({ date, percent }) => `${date} ${percent}\n`).join(""), "hex") }
