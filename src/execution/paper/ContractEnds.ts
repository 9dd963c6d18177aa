/**
 * What becomes of contracts whose time has come. Pure.
 *
 * At its settlement a contract that is in the money by the threshold or more is
 * exercised, a short one assigned; any other expires. PM ones settle at their
 * session's last price of the underlying, AM ones at its first. One whose
 * underlying had no price then stays as it is, and settles at its next price.
 */
import type { Option } from "effect"
import type { JournalEvent } from "../../domain/JournalEvent.ts"
import { formatMicros, type Price, quantity, zeroMoney } from "../../domain/Money.ts"
import { intrinsicValue, type OptionContract } from "../../domain/OptionContract.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { settlementOf } from "../../market/ContractTime.ts"
import * as Ledger from "../../portfolio/Ledger.ts"
import { assignmentEvent, exerciseEvent, expiryEvent } from "../../portfolio/OptionEnds.ts"
import type { Position } from "../../portfolio/Position.ts"

/** An open position in an option. */
export interface HeldOption {
  readonly position: Position
  readonly contract: OptionContract
}

/** The open positions in options, by instrument id. */
export const heldOptions = (ledger: Ledger.LedgerState): ReadonlyArray<HeldOption> =>
  Ledger.positions(ledger).flatMap((position) =>
    position.contract === undefined ? [] : [{ position, contract: position.contract }]
  )

/** True for a contract that the first price of its underlying at `ts` settles: in the morning, or late. */
export const settlesAtPrint = (contract: OptionContract, ts: Timestamp): boolean => {
  const settlement = settlementOf(contract)
  if (settlement === undefined) return false
  return contract.expirySession === "AM" ? settlement.at <= ts : settlement.at < ts
}

/** True for a contract that the last price of the session closing at `close` settles. */
export const settlesAtClose = (contract: OptionContract, close: Timestamp): boolean => {
  const settlement = settlementOf(contract)
  return settlement !== undefined && contract.expirySession === "PM" && settlement.at <= close
}

/** How a position ends at this price of its underlying; none for one that is not held. */
export const settlementEvent = (
  ledger: Ledger.LedgerState,
  { contract, position }: HeldOption,
  at: {
    readonly settlementPrice: Price
    readonly tsEvent: Timestamp
    /** Dollars a share in the money from which it is exercised. */
    readonly threshold: Price
  }
): Option.Option<JournalEvent> => {
  const { settlementPrice, threshold, tsEvent } = at
  const value = intrinsicValue(contract, position.multiplier, settlementPrice)
  const isExercised = value > 0 && value >= threshold * position.multiplier
  const prices = `${formatMicros(settlementPrice, 2)} against a strike of ${formatMicros(contract.strike, 2)}`
  const end = {
    instrumentId: position.instrumentId,
    quantity: quantity(Math.abs(position.quantity)),
    settlementPrice,
    tsEvent,
    fee: zeroMoney
  }
  if (!isExercised) {
    const where = value > 0 ? "in the money by less than the threshold" : "out of the money"
    return expiryEvent(ledger, { ...end, reason: `${where} at expiry: ${prices}` })
  }
  const reason = `in the money at expiry: ${prices}`
  return position.quantity > 0
    ? exerciseEvent(ledger, { ...end, reason })
    : assignmentEvent(ledger, { ...end, reason })
}
