/**
 * How much of a position has to be paid with one's own money, as a value.
 *
 * Without a model the account is a cash account: the rule `buying-power` wants
 * purchases paid in full, and a short position its proceeds and as much again.
 * Under Regulation T a part of the value is enough: the initial margin when a
 * position is opened, which the same rule then measures, and the maintenance
 * margin afterwards, which is looked at after each close. An account that is
 * below it gets a margin call: at the next open its shares are reduced, each
 * position by the same part, until at the closing prices it is above again.
 *
 * Sources: 12 CFR 220.12 (Regulation T: 50% of the value, of a short sale 150%
 * with the proceeds counted); FINRA Rule 4210(c) (25% of what is long, 30% of
 * what is short). The rule's least amounts a share (below about $17 of a short
 * one) and what a broker asks beyond the rule are left out, and so are the days
 * it gives: the call is met at the next open. Options, and the shares they are
 * on, tie up what they tie up in a cash account: nothing is lent on them.
 *
 * Money that is owed can cost a yearly rate, by nights and a year of 360 days.
 */
import { Schema } from "effect"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { formatMicros, type Money, money, quantity, zeroMoney } from "../../domain/Money.ts"
import type { OrderContent } from "../../domain/Order.ts"
import { ceilProportion, ceilShare, notionalCeil, partsPerMillion } from "../../risk/ExactRatio.ts"
import { type Account, tiedUpCash } from "../../risk/OpenRisk.ts"
import type { HeldPosition } from "../../risk/RiskSnapshot.ts"
import type { MarginRatios } from "../../risk/SharesTally.ts"
import { nightly, YearlyBasisPoints } from "./BorrowModel.ts"

const Ratio = Schema.Finite.pipe(
  Schema.check(
    Schema.isBetween({ minimum: 0.01, maximum: 1 }),
    Schema.makeFilter<number>(
      (ratio) => partsPerMillion(ratio) / 1_000_000 === ratio || "expected at most six decimals"
    )
  )
)

export const MarginModel = Schema.TaggedUnion({
  /** A cash account. */
  None: {},
  RegulationT: {
    /** Of what is bought or sold short. */
    initial: Ratio,
    /** Of what is held long, and short. */
    maintenanceLong: Ratio,
    maintenanceShort: Ratio,
    /** Asked for money that is owed, a year. */
    interestBasisPoints: YearlyBasisPoints
  }
})
export type MarginModel = typeof MarginModel.Type

/** As the two rules have it; money costs nothing. */
export const regulationT: Extract<MarginModel, { readonly _tag: "RegulationT" }> = {
  _tag: "RegulationT",
  initial: 0.5,
  maintenanceLong: 0.25,
  maintenanceShort: 0.3,
  interestBasisPoints: 0
}

/** By what the rule `buying-power` measures; undefined of a cash account. */
export const initialMargin = (model: MarginModel | undefined): MarginRatios | undefined =>
  model?._tag === "RegulationT" ? { long: model.initial, short: model.initial } : undefined

const maintenanceMargin = (model: MarginModel | undefined): MarginRatios | undefined =>
  model?._tag === "RegulationT" ? { long: model.maintenanceLong, short: model.maintenanceShort } : undefined

/** Interest on the money that an account with this cash owes, for so many nights. */
export const debitInterest = (model: MarginModel | undefined, cash: Money, nights: number): Money =>
  model?._tag === "RegulationT" && cash < 0
    ? nightly(money(0 - cash), model.interestBasisPoints, nights)
    : zeroMoney

/** What can be bought for: of a margin account more than its cash. Zero where a price is missing. */
export const buyingPower = (model: MarginModel | undefined, account: Account, cash: Money): Money => {
  const margin = initialMargin(model)
  if (margin === undefined) return cash
  const free = cash - tiedUpCash({ ...account, margin })
  // The whole that `free` is the margin of.
  const millionths = partsPerMillion(margin.long)
  const most = free > 0 ? (BigInt(free) * 1_000_000n) / BigInt(millionths) : 0n
  return money(Number(most > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : most))
}

/** An order of a margin call, and why it is sent: for the order path that all orders go. */
export interface CalledOrder {
  readonly content: OrderContent
  readonly reason: string
}

/** The account after a session's close. Its working orders do not count: they may not fill. */
export interface ClosedAccount extends Omit<Account, "working" | "margin"> {
  readonly cash: Money
  readonly equity: Money
  /** In micros: what a quantity must be a multiple of. */
  readonly incrementOf: (id: InstrumentId) => number
}

/** Positions that margin is lent on: shares that no held option is on. */
const marginable = (positions: ReadonlyArray<HeldPosition>): ReadonlyArray<HeldPosition> => {
  const optioned = new Set(positions.flatMap(({ contract }) => contract?.underlying ?? []))
  return positions.filter(
    ({ contract, instrumentId, quantity }) =>
      contract === undefined && quantity !== 0 && !optioned.has(instrumentId)
  )
}

/** Micros of margin that a position calls for; NaN without a price. */
const marginOn = ({ mark, multiplier, quantity: held }: HeldPosition, ratios: MarginRatios): number =>
  mark === undefined
    ? Number.NaN
    : ceilShare(
        notionalCeil(mark, Math.abs(held), multiplier),
        partsPerMillion(held > 0 ? ratios.long : ratios.short)
      )

/**
 * The orders that an account below its maintenance margin is called to send
 * for the next open, by instrument id; none of an account that is above, or
 * whose value cannot be told.
 */
export const marginCall = (
  model: MarginModel | undefined,
  account: ClosedAccount
): ReadonlyArray<CalledOrder> => {
  const margin = maintenanceMargin(model)
  if (margin === undefined) return []
  const { cash, equity, incrementOf, positions } = account
  const short = tiedUpCash({ ...account, working: [], margin }) - cash
  // Also when it is NaN: what cannot be measured is not sold.
  if (!(short > 0)) return []
  const lent = marginable(positions)
  const total = lent.reduce((sum, position) => sum + marginOn(position, margin), 0)
  if (!(total > 0)) return []
  const reason = `margin call: the equity of $${formatMicros(equity, 2)} is less than the maintenance margin of $${formatMicros(equity + short, 2)}`
  return lent
    .toSorted((a, b) => (a.instrumentId < b.instrumentId ? -1 : 1))
    .map(({ instrumentId, quantity: held }): CalledOrder => {
      const size = Math.abs(held)
      const part = short >= total ? size : ceilProportion(size, short, total)
      const increment = incrementOf(instrumentId)
      const steps = Math.min(size, Math.ceil(part / increment) * increment)
      return {
        content: {
          instrumentId,
          side: held > 0 ? "SELL" : "BUY",
          type: { _tag: "Market" },
          size: { _tag: "Quantity", quantity: quantity(steps) },
          timeInForce: "AT_THE_OPEN"
        },
        reason
      }
    })
}

/** A strategy's orders beside a margin call: those in instruments that it reduces are not sent, they would count them twice. */
export const besideCall = <Order extends { readonly content: OrderContent }>(
  called: ReadonlyArray<CalledOrder>,
  orders: ReadonlyArray<Order>
): ReadonlyArray<Order> => {
  const reduced = new Set(called.map(({ content }) => content.instrumentId))
  return orders.filter(
    ({ content: { instrumentId, legs } }) =>
      !reduced.has(instrumentId) && !(legs ?? []).some((leg) => reduced.has(leg.instrumentId))
  )
}
