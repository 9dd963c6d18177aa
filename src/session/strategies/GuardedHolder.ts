/** Buy and hold behind the circuit breaker: out on a drawdown trip, in again once trading is resumed. */
import { Result } from "effect"
import type { Strategy, StrategyContext, Target } from "../Strategy.ts"
import { defineStrategy, type TargetLogic } from "../StrategyDefinition.ts"
import { type HoldParameters, holdParameters, holdTargets } from "./BuyAndHold.ts"

const flatten = (context: StrategyContext): ReadonlyArray<Target> =>
  context.instruments
    .filter(({ id }) => context.holdings.has(id))
    .map(({ id }) => ({
      instrumentId: id,
      weight: 0,
      reason: "Flattens: the drawdown from the peak passed its limit."
    }))

/**
 * Its decision is the account's state: while a drawdown trip is in force it
 * sells what is left, while trading is Active it buys and holds. A daily-loss
 * trip lapses at the next open and is sat out. When trading resumes is for the
 * run's policy to say.
 */
export const guardedHolder = defineStrategy({
  name: "guarded-holder",
  title: "Guarded holder",
  summary: "Holds, sells out when a drawdown trips the breaker, and buys again once trading is resumed.",
  description:
    "Buys at the first open it can and holds. When a drawdown trips the circuit breaker it sells everything at the next " +
    "open, and buys again once trading has resumed, which the run's resume policy decides.",
  instruments: { least: 1, most: null },
  parameters: holdParameters,
  make: (values): TargetLogic => ({
    onBar: (context) => {
      if (context.activeTrip?.cause === "drawdown") return flatten(context)
      return context.tradingState === "Active" ? holdTargets(context, values) : []
    }
  })
})

/** The guarded holder with parameters of one's own, defaults for the others. Throws on one that is outside its range. */
export const makeGuardedHolder = (values: Partial<HoldParameters> = {}): TargetLogic & Strategy =>
  Result.getOrThrow(guardedHolder.bind(values))
