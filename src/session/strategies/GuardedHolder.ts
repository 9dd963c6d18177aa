/** Buy and hold behind the circuit breaker: out on a drawdown trip, in again once trading is resumed. */
import type { StrategyContext, Target, TargetStrategy } from "../Strategy.ts"
import { defaultHoldParameters, type HoldParameters, holdMeanings, holdTargets } from "./BuyAndHold.ts"

const flatten = (context: StrategyContext): ReadonlyArray<Target> =>
  context.instruments
    .filter(({ id }) => context.holdings.has(id))
    .map(({ id }) => ({
      instrumentId: id,
      weight: 0,
      reason: "Flattens: the drawdown from the peak passed its limit."
    }))

/**
 * The guarded holder with parameters of one's own. Its decision is the
 * account's state: while a drawdown trip is in force it sells what is left,
 * while trading is Active it buys and holds. A daily-loss trip lapses at the
 * next open and is sat out. When trading resumes is for the run's policy to say.
 */
export const makeGuardedHolder = (parameters: HoldParameters): TargetStrategy => ({
  name: "guarded-holder",
  title: "Guarded holder",
  summary: "Holds, sells out when a drawdown trips the breaker, and buys again once trading is resumed.",
  description:
    "Buys at the first open it can and holds. When a drawdown trips the circuit breaker it sells everything at the next " +
    "open, and buys again once trading has resumed, which the run's resume policy decides.",
  parameters: { ...parameters },
  meanings: holdMeanings,
  instruments: { least: 1, most: null },
  onBar: (context) => {
    if (context.activeTrip?.cause === "drawdown") return flatten(context)
    return context.tradingState === "Active" ? holdTargets(context, parameters) : []
  }
})

export const guardedHolder: TargetStrategy = makeGuardedHolder(defaultHoldParameters)
