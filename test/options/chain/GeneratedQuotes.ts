/** Raw chains made by a pricing model for tests: nothing here is a market's. */
import type { OptionStyle } from "../../../src/domain/OptionContract.ts"
import { printOcc } from "../../../src/domain/OccSymbol.ts"
import { dateOfDay, dayOfDate, sessionDate } from "../../../src/domain/Timestamp.ts"
import { bjerksundStensland2002 } from "../../../src/options/BjerksundStensland.ts"
import { europeanPrice } from "../../../src/options/BlackScholes.ts"
import type { RawChain, RawExpiry, RawQuote } from "../../../src/options/chain/OptionChain.ts"

export interface QuotesSettings {
  readonly style?: OptionStyle
  readonly spot?: number
  readonly rate?: number
  readonly dividendYield?: number
  readonly days?: ReadonlyArray<number>
  readonly strikes?: ReadonlyArray<number>
  /** At a strike. */
  readonly volatility?: (strike: number, spot: number) => number
  /** Half the spread, dollars. */
  readonly half?: number
  /** Changes one quote; undefined leaves it out. */
  readonly change?: (quote: RawQuote, expiry: number) => RawQuote | undefined
}

export const strikesFrom = (low: number, high: number, step: number): ReadonlyArray<number> =>
  Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step)

export const skewed = (strike: number, spot: number): number => 0.25 - 0.1 * Math.log(strike / spot)

export const generatedQuotes = ({
  change = (quote) => quote,
  days = [30, 91, 365],
  dividendYield = 0.02,
  half = 0.02,
  rate = 0.03,
  spot = 100,
  strikes = strikesFrom(70, 130, 2.5),
  style = "EUROPEAN",
  volatility = skewed
}: QuotesSettings = {}): RawChain => {
  const asOfDate = sessionDate("2014-06-06")
  const value = style === "EUROPEAN" ? europeanPrice : bjerksundStensland2002
  const expiries = days.map((day, index): RawExpiry => {
    const years = day / 365
    const expiry = dateOfDay(dayOfDate(asOfDate) + day)
    const quotes = strikes.flatMap((strike) =>
      (["CALL", "PUT"] as const).flatMap((right) => {
        const mid = value(
          right === "CALL" ? 1 : -1,
          spot,
          strike,
          years,
          rate,
          dividendYield,
          volatility(strike, spot)
        )
        const quote = change(
          {
            contract: printOcc({ root: "GEN", expiry, right, strike }),
            right,
            strike,
            bid: Math.max(0, mid - half),
            ask: mid + half,
            last: undefined,
            ageSeconds: 0,
            volume: undefined,
            openInterest: undefined
          },
          index
        )
        return quote === undefined ? [] : [quote]
      })
    )
    return { expiry, years, rate, quotes }
  })
  return { symbol: "GENERATED", style, spot, asOf: `${asOfDate}T20:00:00.000000Z`, expiries }
}
