/** Instants, orders and models in words, as the pages print them. */
import { type InstrumentId, isOptionId, symbolOf } from "../../domain/Identifiers.ts"
import { MICROS } from "../../domain/Money.ts"
import type { OrderSize, OrderType } from "../../domain/Order.ts"
import type { Resolution } from "../../domain/Quote.ts"
import { fromMillis, type Timestamp, toIso } from "../../domain/Timestamp.ts"
import { toExchangeTime } from "../../market/TradingCalendar.ts"
import { covers } from "../../market/TradingDays.ts"
import { decimal, dollars, exactDecimal, MINUS } from "../../session/report/Format.ts"

/** What was played, by its resolution. */
export const resolutionWords = {
  "1m": "minute bars",
  "5m": "five-minute bars",
  "1h": "hour bars",
  "1d": "daily bars"
} as const satisfies Record<Resolution, string>

/** "2004-06-10 16:00" on the exchange's clock; in UTC, and marked so, where the calendar does not reach. */
export const instantText = (at: Timestamp): string =>
  covers(at) ? toExchangeTime(at).slice(0, -4) : `${toIso(at).slice(0, 16).replace("T", " ")} UTC`

/** As above; of daily bars only the date. */
export const whenText = (at: Timestamp, resolution: Resolution): string =>
  resolution === "1d" ? instantText(at).slice(0, 10) : instantText(at)

/** A combination of contracts and a contract by their own names. */
export const instrumentText = (id: InstrumentId): string => symbolOf(id)

/** Dollars that a price of one is worth, of what is traded; of a contract without a fill a hundred. */
export const multiplierOf = (id: InstrumentId, known: ReadonlyMap<InstrumentId, number>): number =>
  known.get(id) ?? (isOptionId(id) ? 100 : 1)

/** A price with two decimals at least. */
export const priceText = (micros: number): string =>
  `${micros < 0 ? MINUS : ""}${exactDecimal(Math.abs(micros), 2)}`

export const sizeText = (size: OrderSize): string =>
  size._tag === "Quantity" ? exactDecimal(size.quantity) : dollars(size.notional)

/** An average of prices: to the cent, below a dollar to its hundredth. */
export const averageText = (micros: number): string =>
  decimal(micros / MICROS, Math.abs(micros) < MICROS ? 4 : 2)

/** "market", "limit 115.00" */
export const typeText = (type: OrderType): string => {
  switch (type._tag) {
    case "Market":
      return "market"
    case "Limit":
      return `limit ${priceText(type.limitPrice)}`
    case "NetLimit":
      return `net ${priceText(type.netPrice)}`
    case "StopMarket":
      return `stop ${priceText(type.stopPrice)}`
    case "StopLimit":
      return `stop ${priceText(type.stopPrice)}, limit ${priceText(type.limitPrice)}`
    case "TrailingStopMarket":
      return `trailing stop ${priceText(type.trailingOffset)}`
  }
}

/** Micros as a float. */
export const float = (micros: number): number => micros / MICROS

/** Milliseconds as people say them: "0.41 s", "12 ms". */
export const tookText = (millis: number): string =>
  millis < 100
    ? `${Math.max(1, Math.round(millis))} ms`
    : `${(millis / 1000).toFixed(millis < 10_000 ? 2 : 0)} s`

/** The day on the computer's clock, UTC: "2026-11-27 10:15 UTC". */
export const ranAtText = (millis: number): string =>
  `${toIso(fromMillis(millis)).slice(0, 16).replace("T", " ")} UTC`
