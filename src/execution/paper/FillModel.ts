/** How much of an order one tick can fill, as a value (LEAN's FillModel). */
import { Schema } from "effect"
import { type Quantity, quantity, zeroQuantity } from "../../domain/Money.ts"
import type { MarketTick } from "../../market/MarketTick.ts"

export const FillModel = Schema.TaggedUnion({
  /** All of it, whatever traded. */
  Immediate: {},
  /** All our orders together take at most this share of what traded in the tick, in whole lots. */
  VolumeShare: {
    shareBasisPoints: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))),
    /**
     * What a tick without volume means. True: its source does not know
     * volumes (an index, a CSV without the column, an opening print before
     * any trade was counted), so nothing limits the fill. False: nothing
     * traded, so nothing fills.
     */
    unlimitedWhenNoVolume: Schema.Boolean
  }
})
export type FillModel = typeof FillModel.Type

/** A tenth of the volume; ticks without volume fill. */
export const defaultFillModel: FillModel = {
  _tag: "VolumeShare",
  shareBasisPoints: 1000,
  unlimitedWhenNoVolume: true
}

/** The most that orders can take of one tick, a multiple of `increment`; `Infinity` when nothing limits it. */
export const tickCapacity = (model: FillModel, tick: MarketTick, increment: Quantity): Quantity => {
  if (model._tag === "Immediate") return quantity(Infinity)
  if (!(tick.volume > 0)) return model.unlimitedWhenNoVolume ? quantity(Infinity) : zeroQuantity
  // volume × share ÷ 10,000 in two parts: the product alone could pass 2^53.
  const rest = tick.volume % 10_000
  const share =
    ((tick.volume - rest) / 10_000) * model.shareBasisPoints +
    Math.floor((rest * model.shareBasisPoints) / 10_000)
  return quantity(share - (share % increment))
}
