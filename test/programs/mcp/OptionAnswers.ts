/** Asks the option tools, and reads their answers by what the wire has. */
import { Effect, Schema } from "effect"
import { expect } from "vitest"
import { sessionDate, type Timestamp } from "../../../src/domain/Timestamp.ts"
import { MarketClockControl } from "../../../src/market/MarketClockControl.ts"
import { fromExchangeTime } from "../../../src/market/TradingCalendar.ts"
import type { ServedDesk } from "./McpDesk.ts"

const Cell = Schema.NullOr(Schema.Union([Schema.String, Schema.Finite]))

const Chain = Schema.Struct({
  symbol: Schema.String,
  snapshot_id: Schema.String,
  source: Schema.String,
  modelled: Schema.Array(Schema.String),
  exercise_style: Schema.String,
  as_of: Schema.String,
  market_time: Schema.String,
  age_seconds: Schema.Finite,
  underlying_price: Schema.String,
  expiries: Schema.Array(
    Schema.Struct({
      expiry: Schema.String,
      days: Schema.Finite,
      contracts: Schema.Int,
      usable_strikes: Schema.Int,
      forward: Schema.NullOr(Schema.String),
      atm_iv: Schema.NullOr(Schema.Finite),
      expected_move: Schema.NullOr(Schema.String)
    })
  ),
  other_expiries: Schema.Array(Schema.String),
  dropped: Schema.Array(Schema.Struct({ reason: Schema.String, count: Schema.Int })),
  contracts_in_range: Schema.Int,
  contracts_shown: Schema.Int,
  columns: Schema.Array(Schema.String),
  contracts: Schema.Array(Schema.Array(Cell)),
  notes: Schema.Array(Schema.String),
  next_cursor: Schema.NullOr(Schema.String)
})
const decodeChain = Schema.decodeUnknownSync(Chain)

const Greeks = Schema.Struct({
  contract: Schema.String,
  quote_id: Schema.NullOr(Schema.String),
  snapshot_id: Schema.String,
  source: Schema.String,
  age_seconds: Schema.Finite,
  iv: Schema.NullOr(Schema.Finite),
  iv_status: Schema.String,
  inputs: Schema.Struct({
    spot: Schema.Finite,
    years: Schema.Finite,
    rate: Schema.Finite,
    dividend_yield: Schema.Finite,
    dividend_yield_from: Schema.String,
    volatility: Schema.Finite,
    volatility_from: Schema.String
  }),
  model: Schema.String,
  why: Schema.String,
  mid: Schema.NullOr(Schema.String),
  value: Schema.Finite,
  delta: Schema.Finite,
  gamma: Schema.Finite,
  theta_per_day: Schema.Finite,
  vega_per_point: Schema.Finite,
  rho_per_point: Schema.Finite,
  notes: Schema.Array(Schema.String)
})
const decodeGreeks = Schema.decodeUnknownSync(Greeks)

const Ratio = Schema.NullOr(Schema.Finite)
const Surface = Schema.Struct({
  symbol: Schema.String,
  source: Schema.String,
  model: Schema.String,
  quotes: Schema.Int,
  kept: Schema.Int,
  rms_error: Schema.Finite,
  expiries: Schema.Array(
    Schema.Struct({
      expiry: Schema.String,
      atm_iv: Ratio,
      risk_reversal: Ratio,
      butterfly: Ratio,
      iv: Schema.Array(Ratio),
      trust: Schema.String
    })
  ),
  moneyness: Schema.Array(Schema.Finite),
  constant_maturity: Schema.Array(Schema.Struct({ days: Schema.Finite, iv: Ratio, trust: Schema.String })),
  slope: Schema.NullOr(Schema.Struct({ ratio: Schema.Finite, shape: Schema.String })),
  arbitrage: Schema.Struct({
    butterfly_before: Schema.Int,
    calendar_before: Schema.Int,
    butterfly_after: Schema.Int,
    calendar_after: Schema.Int
  }),
  notes: Schema.Array(Schema.String)
})
const decodeSurface = Schema.decodeUnknownSync(Surface)

type Arguments = Readonly<Record<string, unknown>>

const answerOf = async (desk: ServedDesk, tool: string, args: Arguments) => {
  const { isError, text, value } = await desk.call(tool, args)
  if (isError) throw new Error(text)
  return value
}

export const chainOf = async (desk: ServedDesk, args: Arguments) =>
  decodeChain(await answerOf(desk, "get_option_chain", args))
export const greeksOf = async (desk: ServedDesk, args: Arguments) =>
  decodeGreeks(await answerOf(desk, "get_greeks", args))
export const surfaceOf = async (desk: ServedDesk, args: Arguments) =>
  decodeSurface(await answerOf(desk, "get_vol_surface", args))

export const refusal = async (desk: ServedDesk, tool: string, args: Arguments) => {
  const { isError, text } = await desk.call(tool, args)
  expect([text, isError]).toEqual([text, true])
  return text
}

export const stepTo = (desk: ServedDesk, at: Timestamp) =>
  desk.onDesk(Effect.flatMap(MarketClockControl, (clock) => clock.step({ _tag: "To", at })))
export const at = (date: string, hours: number) => fromExchangeTime(sessionDate(date), hours * 3_600_000_000)

type Page = typeof Chain.Type

/** A row by its columns' names. */
export const cellOf = ({ columns }: Page, row: Page["contracts"][number], name: string) =>
  row[columns.indexOf(name)] ?? null

export const pagesOf = async (desk: ServedDesk, args: Arguments): Promise<ReadonlyArray<Page>> => {
  const pages = [await chainOf(desk, args)]
  for (let cursor = pages[0]?.next_cursor ?? null; cursor !== null;) {
    const page = await chainOf(desk, { ...args, cursor })
    pages.push(page)
    cursor = page.next_cursor
  }
  return pages
}
