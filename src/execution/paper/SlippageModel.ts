/** How much worse than the quote an order that takes it is filled, as a value (LEAN's SlippageModel). */
import { Schema } from "effect"
import { MAX_PRICE_MICROS, type Price, price, proportion } from "../../domain/Money.ts"
import type { OrderSide } from "../../domain/Order.ts"
import type { MarketTick } from "../../market/MarketTick.ts"

const BasisPoints = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 9999 })))

export const SlippageModel = Schema.TaggedUnion({
  None: {},
  /** A share of the price. */
  BasisPoints: { basisPoints: BasisPoints },
  /** A share of the tick's spread. */
  SpreadShare: { basisPoints: BasisPoints }
})
export type SlippageModel = typeof SlippageModel.Type

/**
 * `reference` made worse for `side`: higher for a buy, lower for a sell, to
 * the micro (half to even). A fill is an average of what was traded, so it is
 * not held to the price increment.
 */
export const slipped = (model: SlippageModel, tick: MarketTick, side: OrderSide, reference: Price): Price => {
  if (model._tag === "None") return reference
  const base = model._tag === "BasisPoints" ? reference : tick.ask - tick.bid
  const slip = proportion(base, model.basisPoints, 10_000)
  return side === "BUY"
    ? price(Math.min(reference + slip, MAX_PRICE_MICROS))
    : price(Math.max(reference - slip, 1))
}
