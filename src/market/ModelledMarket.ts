/** What the volatility model makes of an instrument's market at a quote of it. */
import { Effect, Option, Schema } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import { toFloat } from "../domain/Money.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import { dateOfDay, dayOfDate, type SessionDate, type Timestamp } from "../domain/Timestamp.ts"
import type { MarketData } from "./MarketData.ts"
import type { ModelledTerm, ModelledUnderlying } from "./ModelledOptions.ts"
import { listedExpiries } from "./OptionListing.ts"
import { rootOf } from "./OptionRoot.ts"
import { expiryClose, yearsToExpiry } from "./OptionTime.ts"
import { policyRate } from "./PolicyRate.ts"
import {
  exchangeDate,
  firstDate,
  fromExchangeTime,
  sessionsBetween,
  toExchangeTime
} from "./TradingCalendar.ts"
import { indexSmile, MAX_RETURNS, MIN_RETURNS, shareSmile, varianceLevel } from "./VolatilityModel.ts"

/** Neither the source nor the model has options of the symbol now. */
export class NoOptions extends Schema.TaggedError<NoOptions>()("NoOptions", {
  symbol: Schema.String,
  message: Schema.String
}) {}

const DAYS_A_YEAR = 365

/** Closes of sessions that had ended at an instant, as many as the model looks at, splits and dividends taken out. */
const knownCloses = Effect.fnUntraced(function* (data: MarketData["Service"], of: Instrument, at: Timestamp) {
  const today = dayOfDate(exchangeDate(at))
  // Returns are of sessions, of which a week has at most five.
  const from = Math.max(dayOfDate(firstDate), today - Math.ceil((MAX_RETURNS * 7) / 4.7))
  const bars = yield* data
    .bars({
      instrumentId: of.id,
      resolution: "1d",
      from: fromExchangeTime(dateOfDay(from), 0),
      until: at,
      adjustment: "adjusted"
    })
    .pipe(Effect.catchTag("ResolutionUnavailable", () => Effect.succeed([])))
  return bars.map(({ close }) => toFloat(close))
})

/** Dividends with an ex-date in the year up to an instant, in its shares, over the price. */
export const trailingYield = Effect.fnUntraced(function* (
  data: MarketData["Service"],
  of: Instrument,
  at: Timestamp,
  spot: number
) {
  const today = exchangeDate(at)
  const from = Math.max(dayOfDate(firstDate), dayOfDate(today) - DAYS_A_YEAR + 1)
  let paid = 0
  for (const { date, open } of sessionsBetween(dateOfDay(from), today)) {
    if (open > at) break
    for (const action of yield* data.corporateActions(of.id, date)) {
      if (action._tag === "Dividend") paid += toFloat(action.amountPerShare)
      else paid *= action.denominator / action.numerator
    }
  }
  return paid / spot
})

/** What the model makes of an instrument's market at its newest quote. */
export interface ModelledMarket {
  readonly quote: QuoteTick
  readonly underlying: ModelledUnderlying
  readonly terms: ReadonlyArray<ModelledTerm>
}

/** What is listed at a quote and has not expired since. */
export const expiriesAt = ({ tsEvent }: QuoteTick, now: Timestamp): ReadonlyArray<SessionDate> =>
  listedExpiries(tsEvent).filter((expiry) => Option.exists(expiryClose(expiry), (close) => close > now))

/**
 * Made of what was known at the quote, and nothing that came after: the same
 * quote gives the same market whenever it is asked for.
 */
export const modelledMarket = Effect.fnUntraced(function* (
  data: MarketData["Service"],
  instrument: Instrument,
  quote: QuoteTick,
  expiries: ReadonlyArray<SessionDate>
) {
  const at = quote.tsEvent
  const level = varianceLevel(yield* knownCloses(data, instrument, at))
  if (level === undefined) {
    return yield* new NoOptions({
      symbol: instrument.symbol,
      message: `${instrument.symbol} has no options at ${toExchangeTime(at)}: its source has none, and a volatility is modelled from ${MIN_RETURNS + 1} daily closes at least, which it does not have yet`
    })
  }
  const spot = toFloat(quote.bid + quote.ask) / 2
  const isIndex = instrument._tag === "Index"
  const underlying: ModelledUnderlying = {
    root: rootOf(instrument),
    style: isIndex ? "EUROPEAN" : "AMERICAN",
    spot,
    halfSpread: toFloat(quote.ask - quote.bid) / 2,
    rate: policyRate(exchangeDate(at)).rate,
    dividendYield: yield* trailingYield(data, instrument, at, spot),
    level,
    shape: isIndex ? indexSmile : shareSmile
  }
  const terms = expiries.flatMap((expiry): ReadonlyArray<ModelledTerm> => {
    const years = Option.getOrElse(yearsToExpiry(expiry, at), () => 0)
    return years > 0 ? [{ expiry, years }] : []
  })
  const market: ModelledMarket = { quote, underlying, terms }
  return market
})
