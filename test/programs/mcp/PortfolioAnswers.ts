/** What the portfolio server's tools answer, decoded: the shapes on the wire, once. */
import { Schema } from "effect"
import { parseMicros } from "../../../src/domain/Money.ts"
import type { ServedDesk } from "./McpDesk.ts"

const Text = Schema.String
const Amount = Schema.NullOr(Text)
const Ratio = Schema.NullOr(Schema.Finite)

const decodeSummary = Schema.decodeUnknownSync(
  Schema.Struct({
    trading_mode: Text,
    trading_state: Text,
    as_of: Text,
    session: Schema.NullOr(Schema.Struct({ date: Text, open: Schema.Boolean })),
    equity: Amount,
    cash: Text,
    market_value: Amount,
    prior_close_equity: Text,
    day_result: Amount,
    drawdown: Ratio,
    position_count: Schema.Int,
    positions: Schema.Array(
      Schema.Struct({ symbol: Text, quantity: Text, mark: Amount, market_value: Amount, ratio: Ratio })
    ),
    next_cursor: Amount
  })
)

const exposureFigures = {
  long: Text,
  short: Text,
  gross: Text,
  net: Text,
  gross_ratio: Ratio,
  net_ratio: Ratio
}
const decodeExposure = Schema.decodeUnknownSync(
  Schema.Struct({
    equity: Amount,
    total: Schema.Struct({ ...exposureFigures, long_ratio: Ratio, short_ratio: Ratio }),
    by_sector: Schema.Array(Schema.Struct({ sector: Text, positions: Schema.Int, ...exposureFigures })),
    by_symbol: Schema.Array(
      Schema.Struct({ symbol: Text, sector: Text, side: Text, market_value: Amount, ratio: Ratio })
    ),
    next_cursor: Amount,
    unpriced_count: Schema.Int,
    unpriced: Schema.Array(Text)
  })
)

const parts = {
  realised: Text,
  unrealised_change: Amount,
  dividends: Text,
  fees: Text,
  corrections: Text,
  total: Amount
}
const DayRow = Schema.Struct({ session: Amount, state: Text, ...parts, ratio: Ratio })
const decodePnl = Schema.decodeUnknownSync(
  Schema.Struct({
    session: DayRow,
    since: Amount,
    prior_close_equity: Text,
    net_flows: Text,
    equity: Amount,
    by_symbol: Schema.Array(Schema.Struct({ symbol: Text, ...parts })),
    next_cursor: Amount,
    cash_corrections: Text,
    unattributed: Amount,
    days: Schema.Array(DayRow),
    days_left_out: Schema.Int
  })
)

const Figure = Schema.Struct({ value: Ratio, reason: Amount })
const decodeRisk = Schema.decodeUnknownSync(
  Schema.Struct({
    equity: Amount,
    holdings: Schema.Struct({
      count: Schema.Int,
      observations: Schema.Int,
      from: Amount,
      to: Amount,
      limited_by: Amount,
      covered: Ratio,
      left_out_count: Schema.Int,
      left_out: Schema.Array(Schema.Struct({ symbol: Text, reason: Text }))
    }),
    value_at_risk: Schema.Array(
      Schema.Struct({
        confidence: Schema.Finite,
        method: Text,
        var: Amount,
        var_ratio: Ratio,
        cvar: Amount,
        cvar_ratio: Ratio,
        observations_needed: Schema.Int,
        reason: Amount
      })
    ),
    account: Schema.Struct({
      closes: Schema.Int,
      from: Amount,
      to: Amount,
      volatility: Figure,
      sharpe: Figure,
      sharpe_standard_error: Figure,
      sortino: Figure,
      calmar: Figure,
      max_drawdown: Figure,
      drawdown_peak: Amount,
      drawdown_trough: Amount,
      drawdown_recovery: Amount
    })
  })
)

export const answer = async (at: ServedDesk, name: string, args: Readonly<Record<string, unknown>> = {}) => {
  const { isError, text, value } = await at.call(name, args)
  if (isError) throw new Error(text)
  return value
}
export const summaryOf = async (at: ServedDesk, args = {}) =>
  decodeSummary(await answer(at, "get_portfolio_summary", args), { onExcessProperty: "ignore" })
export const exposureOf = async (at: ServedDesk, args = {}) =>
  decodeExposure(await answer(at, "get_exposure", args))
export const pnlOf = async (at: ServedDesk, args = {}) => decodePnl(await answer(at, "get_daily_pnl", args))
export const riskOf = async (at: ServedDesk, args = {}) =>
  decodeRisk(await answer(at, "get_risk_metrics", args))

/** Micros of a decimal text. */
export const micros = (text: string | null): number => {
  const found = parseMicros(text ?? "")
  if (found._tag === "None") throw new Error(`${text} is no decimal`)
  return found.value
}
