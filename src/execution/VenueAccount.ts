/**
 * The account as the venue keeps it: cash, and how much of what.
 *
 * Kept apart from our books, from what the venue itself executed, so that the
 * two can be held against each other. Pure.
 */
import { Schema } from "effect"
import { InstrumentId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import {
  MICROS,
  Money,
  money,
  notional,
  proportion,
  SignedQuantity,
  signedQuantity,
  zeroMoney
} from "../domain/Money.ts"

export const VenueAccount = Schema.Struct({
  cash: Money,
  /** Without those that are closed. */
  positions: Schema.Record(InstrumentId, SignedQuantity)
})
export type VenueAccount = typeof VenueAccount.Type

export const emptyVenueAccount: VenueAccount = { cash: zeroMoney, positions: {} }

const held = (account: VenueAccount, id: InstrumentId): number =>
  Object.hasOwn(account.positions, id) ? (account.positions[id] ?? 0) : 0

const withPosition = (
  account: VenueAccount,
  id: InstrumentId,
  quantity: number
): VenueAccount["positions"] => {
  if (quantity !== 0) return { ...account.positions, [id]: signedQuantity(quantity) }
  const { [id]: _, ...others } = account.positions
  return others
}

const withChange = (account: VenueAccount, id: InstrumentId, change: number): VenueAccount => ({
  ...account,
  positions: withPosition(account, id, held(account, id) + change)
})

const plus = (account: VenueAccount, cash: number): VenueAccount => ({
  ...account,
  cash: money(account.cash + cash)
})

/** The account after one event that moves cash or positions; any other leaves it as it is. */
export const applyToVenueAccount = (account: VenueAccount, event: JournalEvent): VenueAccount => {
  switch (event._tag) {
    case "AccountOpened":
      return emptyVenueAccount
    case "CashDeposited":
    case "DividendPaid":
      return plus(account, event.amount)
    case "CashWithdrawn":
    case "BorrowFeeCharged":
    case "InterestCharged":
      return plus(account, 0 - event.amount)
    case "OrderFilled": {
      const sign = event.side === "BUY" ? 1 : -1
      const paid = sign * notional(event.price, event.quantity, event.multiplier) + event.fee
      return {
        cash: money(account.cash - paid),
        positions: withPosition(
          account,
          event.instrumentId,
          held(account, event.instrumentId) + sign * event.quantity
        )
      }
    }
    case "SplitApplied": {
      const size = proportion(held(account, event.instrumentId), event.numerator, event.denominator)
      return {
        cash: money(account.cash + event.cashInLieu),
        // The fraction of a share is paid out.
        positions: withPosition(account, event.instrumentId, size - (size % MICROS))
      }
    }
    case "OptionExercised":
    case "OptionAssigned": {
      const gone = event._tag === "OptionExercised" ? 0 - event.quantity : event.quantity
      const after = withChange(plus(account, 0 - event.fee), event.instrumentId, gone)
      const { cash, delivery } = event
      if (delivery === undefined) return plus(after, cash ?? 0)
      const sign = delivery.side === "BUY" ? 1 : -1
      return withChange(
        plus(after, 0 - sign * delivery.amount),
        delivery.instrumentId,
        sign * delivery.quantity
      )
    }
    case "OptionExpired": {
      const gone = event.side === "BUY" ? event.quantity : 0 - event.quantity
      return withChange(account, event.instrumentId, gone)
    }
    case "OptionAdjusted": {
      const before = held(account, event.instrumentId)
      const after = withChange(account, event.instrumentId, 0 - before)
      return withChange(after, event.to, proportion(before, event.numerator, event.denominator))
    }
    default:
      return account
  }
}

/** The account after all `events`, in order. */
export const applyAllToVenueAccount = (
  account: VenueAccount,
  events: Iterable<JournalEvent>
): VenueAccount => {
  let after = account
  for (const event of events) after = applyToVenueAccount(after, event)
  return after
}
