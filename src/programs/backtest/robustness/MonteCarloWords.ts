/** What Monte Carlo cannot tell, in words: of its method, and of the returns it was given. */
import type { MonteCarlo } from "../../../backtest/robustness/montecarlo/MonteCarlo.ts"
import type { PathMethod } from "../../../backtest/robustness/montecarlo/PathKernel.ts"
import type { MonteCarloReturns } from "./MonteCarloReturns.ts"

/** Of fewer returns a resample says little more than they do. */
const FEW_RETURNS = 30

export const methodWords = {
  iid: "resampled one by one, with replacement",
  block: "resampled in blocks of neighbours (stationary bootstrap)",
  shuffle: "the same returns in another order"
} as const satisfies Readonly<Record<PathMethod, string>>

const methodCaveats = {
  iid: "Drawn one by one, returns lose their autocorrelation and the clusters of volatile days: falls that come of losses after losses are too shallow here. The method block keeps them.",
  block:
    "Blocks keep what lies within their length and lose what is longer, such as bear markets of years; another length gives another answer.",
  shuffle:
    "Shuffles leave the total return as it is (a product of the same factors, up to rounding), and with it all that the returns may owe to luck: they tell of the order alone."
} as const satisfies Readonly<Record<PathMethod, string>>

/** "blocks of 8.3 returns on average, chosen from the returns". */
export const blockWords = ({ plan }: MonteCarlo): string | undefined =>
  plan.block === undefined
    ? undefined
    : `blocks of ${Number(plan.block.length.toFixed(1))} returns on average${plan.block.isChosen ? ", chosen from their autocorrelation (Politis and White)" : ""}`

/** Beside its contamination, which stands over everything. */
export const monteCarloCaveats = (
  { of, open, result }: MonteCarloReturns,
  { plan, sharpe }: MonteCarlo
): ReadonlyArray<string> => {
  const { length } = plan.series.returns
  return [
    methodCaveats[plan.method],
    ...(length < FEW_RETURNS ? [`There are ${length} returns: no resample knows more than these few.`] : []),
    ...(of === "trades"
      ? [
          `Trades are taken one after the other, each with its profit as a part of the equity before it; where they overlapped in time, falls are told too shallow or too deep.${open > 0 ? ` ${open} open at the end ${open === 1 ? "is" : "are"} left out.` : ""}`
        ]
      : []),
    ...(result === undefined && sharpe !== undefined
      ? ["The Sharpe ratio is one a year if the file's returns are of sessions: it is × √252."]
      : []),
    ...(result !== undefined && !result.inputs.profile.promotable
      ? [`Made under ${result.inputs.profile.label}: not promotable.`]
      : []),
    "The returns are those of the best that was found, where it was searched for: paths made of them inherit that luck. One path's bad luck is no evidence against a strategy, nor is a good one's evidence for it."
  ]
}
