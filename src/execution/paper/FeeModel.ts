/** What a venue charges, as a value: a report can print it and a run's inputs hash can hold it (LEAN's FeeModel). */
import { Schema } from "effect"
import type { Instrument } from "../../domain/Instrument.ts"
import {
  dollars,
  Money,
  notional,
  type Price,
  price,
  type Quantity,
  money,
  proportion,
  zeroMoney
} from "../../domain/Money.ts"

const BasisPoints = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 10_000 })))
const Charge = Money.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))

export const FeeModel = Schema.TaggedUnion({
  Zero: {},
  /**
   * Per share; at least `minimum` an order, but never above `maximumBasisPoints` of its value.
   * Options per contract, `usualPerContract` unless it is said, without either.
   */
  PerShare: {
    perShare: Charge,
    minimum: Charge,
    maximumBasisPoints: BasisPoints,
    perContract: Schema.optionalKey(Charge)
  },
  /** A share of the value traded. */
  Ratio: { basisPoints: BasisPoints }
})
export type FeeModel = typeof FeeModel.Type

/** What brokers ask for a contract of an option. */
export const usualPerContract: Money = dollars(0.65)

/** Half a cent a share, at least a dollar an order, at most 1% of its value: Interactive Brokers' fixed pricing; options by the contract. */
export const defaultFeeModel: FeeModel = {
  _tag: "PerShare",
  perShare: dollars(0.005),
  minimum: dollars(1),
  maximumBasisPoints: 100
}

/**
 * The whole fee of an order that has traded `quantity` for `value`, in micros,
 * rounded half to even. It never falls as an order fills, so a fill is charged
 * the difference to what was charged before: a minimum counts once an order,
 * however many fills it took. Where minimum and maximum conflict the maximum
 * wins (Interactive Brokers' fixed pricing has that order).
 */
export const orderFee = (
  model: FeeModel,
  quantity: Quantity,
  value: Money,
  of: Instrument["_tag"]
): Money => {
  switch (model._tag) {
    case "Zero":
      return zeroMoney
    case "Ratio":
      return money(proportion(value, model.basisPoints, 10_000))
    case "PerShare": {
      if (of === "Option") return notional(price(model.perContract ?? usualPerContract), quantity)
      const rate: Price = price(model.perShare)
      const most = proportion(value, model.maximumBasisPoints, 10_000)
      return money(Math.min(Math.max(notional(rate, quantity), model.minimum), most))
    }
  }
}
