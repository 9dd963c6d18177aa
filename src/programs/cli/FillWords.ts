/** Fills, and what else comes to pass on a desk by itself, in a few words. */
import type { FillEvent, JournalEvent } from "../../domain/JournalEvent.ts"
import { type FillRow, fillRows } from "../../portfolio/FillRows.ts"
import { decimal, priceWords, shareCount, usd } from "./Format.ts"
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

export interface ToldFill extends FillRow {
  /** Why a contract ended. */
  readonly reason?: string
}

/** The fills of an event; a contract's end with why it came. */
export const toldFills = (event: FillEvent): ReadonlyArray<ToldFill> => {
  const [first, ...delivered] = fillRows(event)
  if (first === undefined || event._tag === "OrderFilled") return fillRows(event)
  return [{ ...first, reason: event.reason }, ...delivered]
}

/** "assigned 1 AAPL 140613P00090000: assigned early: its time value …". */
export const toldWords = (fill: ToldFill): string =>
  fill.reason === undefined ? fillWords(fill) : `${fillWords(fill)}: ${fill.reason}`

const nightsWords = (nights: number): string => (nights === 1 ? "a night" : `${nights} nights`)

/**
 * Splits, dividends, what was borrowed, contracts that became others, and orders that went without anybody's asking: "AAPL split 7 for 1";
 * undefined of all else.
 */
export const happeningWords = (event: JournalEvent): string | undefined => {
  switch (event._tag) {
    case "SplitApplied":
      return `${symbolOf(event.instrumentId)} split ${event.numerator} for ${event.denominator}`
    case "DividendPaid":
      return `${symbolOf(event.instrumentId)} paid a dividend of $${decimal(event.amountPerShare)} a share: ${usd(event.amount)}`
    case "BorrowFeeCharged":
      return `${symbolOf(event.instrumentId)} short was borrowed for ${nightsWords(event.nights)}: ${usd(event.amount)}`
    case "InterestCharged":
      return `${usd(event.debit)} was owed for ${nightsWords(event.nights)}: ${usd(event.amount)} of interest`
    case "OptionAdjusted":
      return `${symbolOf(event.instrumentId)} became ${symbolOf(event.to)}, ${event.numerator} for ${event.denominator}: ${event.reason}`
    case "OrderCanceled":
      return `${event.clientOrderId} canceled: ${event.reason}`
    default:
      return undefined
  }
}
