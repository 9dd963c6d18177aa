/** What borrowed shares and money have cost; both are in the fees as well. */
import { Schema } from "effect"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { Money, money, zeroMoney } from "../domain/Money.ts"

export const Financing = Schema.Struct({
  /** For shares that were short overnight. */
  borrow: Money,
  /** For money that was owed overnight. */
  interest: Money
})
export type Financing = typeof Financing.Type

export const noFinancing: Financing = { borrow: zeroMoney, interest: zeroMoney }

/** The sums after an event. */
export const withFinancing = (sums: Financing, event: JournalEvent): Financing => {
  switch (event._tag) {
    case "BorrowFeeCharged":
      return { ...sums, borrow: money(sums.borrow + event.amount) }
    case "InterestCharged":
      return { ...sums, interest: money(sums.interest + event.amount) }
    default:
      return sums
  }
}
