/**
 * How many returns a Sharpe ratio has to be seen over before it can be believed:
 * David Bailey and Marcos López de Prado, "The Sharpe Ratio Efficient Frontier"
 * (2012), equation 11.
 *
 *   n = 1 + (1 − γ₃ S + (γ₄ − 1)/4 · S²) · (Φ⁻¹(confidence) ÷ (S − S*))²
 *
 * S and S* are per return. As many returns give a probabilistic Sharpe ratio of
 * that confidence.
 */
import { LEAST_DEVIATION, none, type Statistic, value } from "../../../portfolio/Performance.ts"
import { kurtosis, sampleVariance, skewness } from "../../statistics/Moments.ts"
import { normalQuantile } from "./NormalQuantile.ts"
import { sharpePerReturn } from "./TrialMatrix.ts"

export interface TrackRecordAsked {
  /** S*, per return. */
  readonly threshold: number
  /** Between a half and one. */
  readonly confidence: number
}

/** In returns, not rounded; none where no length would do. */
export const minimumTrackRecord = (
  returns: Float64Array,
  { confidence, threshold }: TrackRecordAsked
): Statistic => {
  if (returns.length < 2) return none(`needs 2 returns, has ${returns.length}`)
  if (!(Math.sqrt(sampleVariance(returns)) > LEAST_DEVIATION)) return none("the returns do not vary")
  const ratio = sharpePerReturn(returns)
  if (!(ratio > threshold)) return none("the Sharpe ratio is not above the threshold: no length would do")
  const spread = 1 - skewness(returns) * ratio + ((kurtosis(returns) - 1) / 4) * ratio ** 2
  if (!(spread > 0)) return none("the returns are too skewed for the formula")
  return value(1 + spread * (normalQuantile(confidence) / (ratio - threshold)) ** 2)
}
