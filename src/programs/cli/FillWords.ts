/** Fills in a few words. */
import type { FillRow } from "../../portfolio/FillRows.ts"
import { priceWords, shareCount } from "./Format.ts"
import { symbolOf } from "./LegWords.ts"

const past = (side: FillRow["side"]): string => (side === "BUY" ? "bought" : "sold")

/** "bought 10 AAPL at 93.70", "exercised 5 AAPL 140613C00090000", "sold 500 AAPL at 90.00, delivered". */
export const fillWords = ({ instrumentId, kind, price, quantity, side }: FillRow): string => {
  const what = `${shareCount(quantity)} ${symbolOf(instrumentId)}`
  const cash = price === 0 ? "" : `, settled in cash at ${priceWords(price)}`
  switch (kind) {
    case "TRADE":
      return `${past(side)} ${what} at ${priceWords(price)}`
    case "DELIVERY":
      return `${past(side)} ${what} at ${priceWords(price)}, delivered`
    case "EXERCISE":
      return `exercised ${what}${cash}`
    case "ASSIGNMENT":
      return `assigned ${what}${cash}`
    case "EXPIRY":
      return `${side === "SELL" ? "long" : "short"} ${what} expired`
  }
}
