/** Buys once and leaves it alone: what a strategy has to be compared with, by the same path. */
import { Schema } from "effect"
import { weightOf } from "../Sizing.ts"
import type { StrategyContext, Target, TargetStrategy } from "../Strategy.ts"

export const HoldParameters = Schema.Struct({
  /** Of equity, over all instruments, which share it equally. */
  weight: Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 10 }))),
  /**
   * It buys until a holding is this part of what it should be, in as many sessions as limits and volume
   * need, and then no more: the price collar's headroom and the drift of prices are left as they are.
   */
  heldFrom: Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1 })))
})
export type HoldParameters = typeof HoldParameters.Type

export const defaultHoldParameters: HoldParameters = { weight: 1, heldFrom: 0.75 }

export const holdMeanings = {
  weight: "of equity, over all instruments, which share it equally",
  heldFrom: "part of its weight from which a holding is left alone"
} as const

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

/** Buy and hold with parameters of one's own; they must satisfy `HoldParameters`. */
export const makeBuyAndHold = (parameters: HoldParameters): TargetStrategy => ({
  name: "buy-and-hold",
  title: "Buy and hold",
  summary: "Buys at the first open it can and never sells, under the same limits.",
  description:
    "Buys at the first open it can and never sells: the benchmark, held to the same limits and filled in the same way. " +
    "A trip of the circuit breaker stops it from buying, and does not make it sell.",
  parameters: { ...parameters },
  meanings: holdMeanings,
  instruments: { least: 1, most: null },
  onBar: (context) => holdTargets(context, parameters)
})

export const buyAndHold: TargetStrategy = makeBuyAndHold(defaultHoldParameters)
