/**
 * The chance that the true Sharpe ratio is above what the best of so many
 * worthless trials is expected to show: David Bailey and Marcos López de Prado,
 * "The Deflated Sharpe Ratio: Correcting for Selection Bias, Backtest Overfitting
 * and Non-Normality" (2014), equations 1 and 2.
 *
 *   S₀ = √V · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e)))
 *   DSR = PSR(S₀) = Φ((S − S₀) √(n − 1) ÷ √(1 − γ₃ S + (γ₄ − 1)/4 · S²))
 *
 * V is the variance of the trials' Sharpe ratios, N the number of independent
 * trials, γ the constant of Euler and Mascheroni. All Sharpe ratios are per return.
 * V is that of all trials, as there, or of one series of each cluster, as López de
 * Prado and Lewis (2018) have it, whichever is larger: many variants of one idea have
 * little variance among them, and would hide that other ideas were tried.
 */
import { none, type Statistic } from "../../../portfolio/Performance.ts"
import { probabilisticSharpe } from "../../statistics/ProbabilisticSharpe.ts"
import { normalQuantile } from "./NormalQuantile.ts"

const EULER_MASCHERONI = 0.5772156649015329

export interface Luck {
  /** Independent trials, two at least; need not be whole. */
  readonly trials: number
  /** Of the trials' Sharpe ratios, per return; n − 1 in the denominator. */
  readonly variance: number
}

/** S₀: the Sharpe ratio, per return, that the best of so many trials without any edge is expected to show. */
export const expectedMaximum = ({ trials, variance }: Luck): number =>
  Math.sqrt(variance) *
  ((1 - EULER_MASCHERONI) * normalQuantile(1 - 1 / trials) +
    EULER_MASCHERONI * normalQuantile(1 - 1 / (trials * Math.E)))

export const deflatedSharpe = (returns: Float64Array, luck: Luck): Statistic =>
  luck.trials < 2
    ? none(`a deflated Sharpe ratio needs 2 trials, has ${luck.trials}`)
    : probabilisticSharpe(returns, expectedMaximum(luck))
