/** Buys once and leaves it alone: what a strategy has to be compared with, by the same path. */
import { Result } from "effect"
import { decimal, type ValuesOf } from "../Parameters.ts"
import { weightOf } from "../Sizing.ts"
import type { Strategy, StrategyContext, Target } from "../Strategy.ts"
import { defineStrategy, type TargetLogic } from "../StrategyDefinition.ts"

export const holdParameters = {
  weight: decimal({
    default: 1,
    minimum: 0,
    maximum: 10,
    meaning: "of equity, over all instruments, which share it equally"
  }),
  /**
   * It buys until a holding is this part of what it should be, in as many sessions as limits and volume
   * need, and then no more: the price collar's headroom and the drift of prices are left as they are.
   */
  heldFrom: decimal({
    default: 0.75,
    minimum: 0,
    maximum: 1,
    meaning: "part of its weight from which a holding is left alone"
  })
}
export type HoldParameters = ValuesOf<typeof holdParameters>

/** A target for every instrument of which there is too little; none for those that are held. */
export const holdTargets = (
  context: StrategyContext,
  { heldFrom, weight }: HoldParameters
): ReadonlyArray<Target> => {
  const share = weight / Math.max(1, context.instruments.length)
  return context.instruments
    .filter((instrument) => weightOf(context, instrument) < share * heldFrom)
    .map(({ id }) => ({ instrumentId: id, weight: share, reason: "Buys to hold." }))
}

export const buyAndHold = defineStrategy({
  name: "buy-and-hold",
  title: "Buy and hold",
  summary: "Buys at the first open it can and never sells, under the same limits.",
  description:
    "Buys at the first open it can and never sells: the benchmark, held to the same limits and filled in the same way. " +
    "A trip of the circuit breaker stops it from buying, and does not make it sell.",
  instruments: { least: 1, most: null },
  parameters: holdParameters,
  make: (values): TargetLogic => ({ onBar: (context) => holdTargets(context, values) })
})

/** Buy and hold with parameters of one's own, defaults for the others. Throws on one that is outside its range. */
export const makeBuyAndHold = (values: Partial<HoldParameters> = {}): TargetLogic & Strategy =>
  Result.getOrThrow(buyAndHold.bind(values))
