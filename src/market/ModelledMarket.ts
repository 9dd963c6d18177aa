/** What the volatility model makes of an instrument's market at a quote of it. */
import { Schema } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import { toFloat } from "../domain/Money.ts"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import { lastTradingTime, yearsLeft } from "./ContractTime.ts"
import type { MarketTick } from "./MarketTick.ts"
import type { ModelInputs } from "./ModelInputs.ts"
import type { ModelledTerm, ModelledUnderlying } from "./ModelledOptions.ts"
import { listedExpiries } from "./OptionListing.ts"
import { isOpenSettled, rootFor } from "./OptionRoot.ts"
import { toExchangeTime } from "./TradingCalendar.ts"
import { indexSmile, MIN_RETURNS, shareSmile } from "./VolatilityModel.ts"

/** Neither the source nor the model has options of the symbol now. */
export class NoOptions extends Schema.TaggedError<NoOptions>()("NoOptions", {
  symbol: Schema.String,
  message: Schema.String
}) {}

/** When a contract of this expiry stops trading and settles. */
const timesOf = (instrument: Instrument, expiry: SessionDate) => ({
  expiry,
  expirySession: isOpenSettled(instrument, expiry) ? ("AM" as const) : ("PM" as const)
})

/** First instant at which contracts of the expiry cannot be traded any more; undefined outside the calendar. */
export const lastTradingOf = (instrument: Instrument, expiry: SessionDate): Timestamp | undefined =>
  lastTradingTime(timesOf(instrument, expiry))

/** What is listed at an instant and can still be traded at another, not before it. */
export const expiriesAt = (
  instrument: Instrument,
  at: Timestamp,
  now: Timestamp
): ReadonlyArray<SessionDate> =>
  listedExpiries(at).filter((expiry) => {
    const last = lastTradingOf(instrument, expiry)
    return last !== undefined && last > now
  })

/** An expiry as the model sees it at an instant. */
export const termOf = (instrument: Instrument, expiry: SessionDate, at: Timestamp): ModelledTerm => ({
  expiry,
  root: rootFor(instrument, expiry),
  years: yearsLeft(timesOf(instrument, expiry), at)
})

/** Why there is no model of an instrument at an instant. */
export const noVolatility = ({ symbol }: Instrument, at: Timestamp): NoOptions =>
  new NoOptions({
    symbol,
    message: `${symbol} has no options at ${toExchangeTime(at)}: its source has none, and a volatility is modelled from ${MIN_RETURNS + 1} daily closes at least, which it does not have yet`
  })

/** The underlying at a bid and ask of its; undefined where its volatility is not known. */
export const underlyingAt = (
  instrument: Instrument,
  { level, paid, rate }: ModelInputs,
  { ask, bid }: Pick<MarketTick, "bid" | "ask">
): ModelledUnderlying | undefined => {
  if (level === undefined) return undefined
  const isIndex = instrument._tag === "Index"
  const spot = toFloat(bid + ask) / 2
  return {
    style: isIndex ? "EUROPEAN" : "AMERICAN",
    spot,
    halfSpread: toFloat(ask - bid) / 2,
    rate,
    dividendYield: paid / spot,
    level,
    shape: isIndex ? indexSmile : shareSmile
  }
}
