/**
 * What it costs to hold shares short, as a value.
 *
 * A lender asks a yearly rate of the shares' market value for every night they
 * are lent, a year of 360 days: how brokers quote it (Interactive Brokers,
 * "Short Stock Availability and Borrow Fees": daily fee = value × rate ÷ 360;
 * the nights of a weekend count). They take 102% of the value, rounded up to
 * the dollar, as the loan's collateral and charge by that; here it is the
 * market value itself. What is sold short today counts from tonight on: that
 * trades settle later is left out.
 */
import { Schema } from "effect"
import { type Money, money, proportion, zeroMoney } from "../../domain/Money.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { nextSession } from "../../market/TradingCalendar.ts"

/** Ten times the value a year: above what the hardest shares to borrow have cost. */
const MAX_BASIS_POINTS = 100_000

export const YearlyBasisPoints = Schema.Int.pipe(
  Schema.check(Schema.isBetween({ minimum: 0, maximum: MAX_BASIS_POINTS }))
)

export const BorrowModel = Schema.TaggedUnion({
  /** Shares are lent for nothing. */
  None: {},
  /** A yearly share of the market value, the same for all shares. */
  Yearly: { basisPoints: YearlyBasisPoints }
})
export type BorrowModel = typeof BorrowModel.Type

/** Days of the year that money and shares are lent by. */
export const LENDING_YEAR = 360

const DAY_MILLIS = 86_400_000

/** Calendar nights from a session until the next one. */
export const nightsAfter = (date: SessionDate): number =>
  Math.round((Date.parse(nextSession(date).date) - Date.parse(date)) / DAY_MILLIS)

/** What so many nights of an amount cost at a yearly rate, half to even. */
export const nightly = (amount: Money, basisPoints: number, nights: number): Money =>
  money(proportion(amount, basisPoints * nights, 10_000 * LENDING_YEAR))

/** The fee for shares of this market value (without sign) that stay short for so many nights. */
export const borrowFee = (model: BorrowModel | undefined, value: Money, nights: number): Money =>
  model?._tag === "Yearly" ? nightly(value, model.basisPoints, nights) : zeroMoney
