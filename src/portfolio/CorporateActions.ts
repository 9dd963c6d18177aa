/** What a split or a dividend means for the books, as the journal event to record. */
import { Option } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { JournalEventOf } from "../domain/JournalEvent.ts"
import { money, notional, type Price, price, quantity } from "../domain/Money.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { LedgerState } from "./Ledger.ts"
import { splitSize } from "./Position.ts"

const signedNotional = (size: number, p: Price, multiplier: number) => {
  const value = notional(p, quantity(Math.abs(size)), multiplier)
  return money(size < 0 ? 0 - value : value)
}

/**
 * The split of what is held: whole shares stay, the fraction of a share is
 * paid out at `priceForFraction` (per new share). None when nothing is held.
 */
export const splitEvent = (
  state: LedgerState,
  split: {
    readonly instrumentId: InstrumentId
    /** New shares … */
    readonly numerator: number
    /** … for so many old ones. */
    readonly denominator: number
    readonly priceForFraction: Price
    readonly tsEvent: Timestamp
  }
): Option.Option<JournalEventOf<"SplitApplied">> => {
  const held = state.positions[split.instrumentId]
  if (held === undefined || held.quantity === 0) return Option.none()
  const { denominator, instrumentId, numerator, priceForFraction, tsEvent } = split
  const { fraction } = splitSize(held, numerator, denominator)
  const cashInLieu = signedNotional(fraction, priceForFraction, held.multiplier)
  return Option.some({ _tag: "SplitApplied", tsEvent, instrumentId, numerator, denominator, cashInLieu })
}

/**
 * The dividend on what is held in `state`, which is to be the books at the
 * previous close. Short positions pay it: the amount is negative. None when
 * nothing is held.
 */
export const dividendEvent = (
  state: LedgerState,
  dividend: {
    readonly instrumentId: InstrumentId
    /** Micros of a dollar. */
    readonly amountPerShare: number
    readonly tsEvent: Timestamp
  }
): Option.Option<JournalEventOf<"DividendPaid">> => {
  const held = state.positions[dividend.instrumentId]
  if (held === undefined || held.quantity === 0) return Option.none()
  const { amountPerShare, instrumentId, tsEvent } = dividend
  const amount = signedNotional(held.quantity, price(amountPerShare), held.multiplier)
  return Option.some({
    _tag: "DividendPaid",
    tsEvent,
    instrumentId,
    amountPerShare: money(amountPerShare),
    amount
  })
}
