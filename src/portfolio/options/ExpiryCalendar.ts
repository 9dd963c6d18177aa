/**
 * When the options that are held end, and what would come of each if it ended at the underlying's price now: a long
 * one exercised, a short one assigned, either expiring; the shares and the cash that would change hands.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import {
  MICROS,
  type Money,
  money,
  type Price,
  proportion,
  signedQuantity,
  type SignedQuantity
} from "../../domain/Money.ts"
import { moneyness, type OptionContract, paysCash } from "../../domain/OptionContract.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { lastTradingTime, settlementOf } from "../../market/ContractTime.ts"
import { exchangeDate, sessionsBetween } from "../../market/TradingCalendar.ts"
import type { Position } from "../Position.ts"

/** An open position in an option. */
export interface OptionPosition extends Position {
  readonly contract: OptionContract
}

export const isOptionPosition = (position: Position): position is OptionPosition =>
  position.contract !== undefined && position.quantity !== 0

/** The prices that the views of options go by. */
export interface OptionPrices {
  /** Market time. */
  readonly now: Timestamp
  /** The last price of each underlying. */
  readonly underlyings: ReadonlyMap<InstrumentId, Price>
  /** The marks of what is held. */
  readonly marks: ReadonlyMap<InstrumentId, Price>
}

export type ExpiryOutcome = "exercised" | "assigned" | "expires"

export interface ExpiryRow {
  readonly position: OptionPosition
  /** From this instant on it cannot be traded; undefined outside the calendar, as the next. */
  readonly lastTrading: Timestamp | undefined
  readonly settlement: Timestamp | undefined
  /** Sessions in which it can still be traded, one under way included: 1 on its last day. */
  readonly sessionsLeft: number
  readonly spot: Price | undefined
  /** Micros of a dollar that one contract is in the money, below zero out of it; undefined without a spot. */
  readonly inTheMoney: number | undefined
  /** If it ended at the price now; undefined without a spot. */
  readonly outcome: ExpiryOutcome | undefined
  /** Shares that would come, below zero those that would go. */
  readonly shares: SignedQuantity
  /** Cash that would come, below zero what would have to be paid. */
  readonly cash: Money
}

const nothing = { shares: signedQuantity(0), cash: money(0) }

/** What changes hands when so many contracts are exercised: of a long call shares come and the strike goes. */
const delivered = (
  { contract, multiplier, quantity: held }: OptionPosition,
  inTheMoney: number
): { readonly shares: SignedQuantity; readonly cash: Money } => {
  if (paysCash(contract))
    return { shares: signedQuantity(0), cash: money(proportion(inTheMoney, held, MICROS)) }
  const direction = contract.right === "CALL" ? 1 : -1
  const each = contract.strike * multiplier - contract.deliverableCash
  return {
    shares: signedQuantity(direction * proportion(contract.deliverable, held, MICROS)),
    cash: money(0 - direction * proportion(each, held, MICROS))
  }
}

const sessionsLeft = (last: Timestamp | undefined, now: Timestamp): number =>
  last === undefined || last <= now
    ? 0
    : sessionsBetween(exchangeDate(now), exchangeDate(last)).filter(({ close }) => close > now).length

const rowOf =
  ({ now, underlyings }: OptionPrices, threshold: number) =>
  (position: OptionPosition): ExpiryRow => {
    const { contract, multiplier, quantity: held } = position
    const last = lastTradingTime(contract)
    const spot = underlyings.get(contract.underlying)
    const inTheMoney = spot === undefined ? undefined : moneyness(contract, multiplier, spot)
    const isTaken = inTheMoney !== undefined && inTheMoney > 0 && inTheMoney >= threshold * multiplier
    return {
      position,
      lastTrading: last,
      settlement: settlementOf(contract)?.at,
      sessionsLeft: sessionsLeft(last, now),
      spot,
      inTheMoney,
      outcome:
        inTheMoney === undefined ? undefined : !isTaken ? "expires" : held > 0 ? "exercised" : "assigned",
      ...(isTaken ? delivered(position, inTheMoney) : nothing)
    }
  }

/**
 * The open options, those that end first before the others, then by id. `threshold`: the least that an option is in
 * the money to be exercised at its end, micros of a dollar a share.
 */
export const expiryCalendar = (
  positions: ReadonlyArray<Position>,
  prices: OptionPrices,
  threshold: number
): ReadonlyArray<ExpiryRow> =>
  positions
    .filter(isOptionPosition)
    .map(rowOf(prices, threshold))
    .toSorted(
      (a, b) =>
        (a.settlement ?? Infinity) - (b.settlement ?? Infinity) ||
        (a.position.instrumentId < b.position.instrumentId ? -1 : 1)
    )
