/**
 * How long a CUSUM chart runs until it alarms, by Siegmund's approximation to a
 * Brownian motion (Siegmund, "Sequential Analysis", 1985; Montgomery,
 * "Introduction to Statistical Quality Control", equation 9.6). With drift
 * Δ = shift − k and b = h + 1.166 a side runs (e^(−2Δb) + 2Δb − 1) ÷ 2Δ² on
 * average, b² for Δ = 0; the rates of the two sides add up.
 */

/** Mean overshoot on both ends, twice 0.583. */
const OVERSHOOT = 1.166

export interface Chart {
  /** Half the shift it is tuned to, in deviations. */
  readonly allowance: number
  /** Where it alarms, in deviations. */
  readonly threshold: number
}

/** Mean run length of the upper side while the mean lies `shift` deviations above its reference. */
export const oneSidedRunLength = ({ allowance, threshold }: Chart, shift: number): number => {
  const drift = shift - allowance
  const height = threshold + OVERSHOOT
  const scaled = 2 * drift * height
  // Near zero the quotient loses all its digits: its limit, with the next term.
  if (Math.abs(scaled) < 1e-4) return height ** 2 * (1 - scaled / 3)
  return (Math.exp(-scaled) + scaled - 1) / (2 * drift ** 2)
}

/** Of both sides together. */
export const runLength = (chart: Chart, shift: number): number =>
  1 / (1 / oneSidedRunLength(chart, shift) + 1 / oneSidedRunLength(chart, -shift))

/** The threshold with which the chart runs so many sessions on average while nothing changes. */
export const thresholdFor = (inControl: number, allowance: number): number => {
  let [low, high] = [0, 1]
  while (runLength({ allowance, threshold: high }, 0) < inControl) high *= 2
  for (let i = 0; i < 60; i++) {
    const threshold = (low + high) / 2
    if (runLength({ allowance, threshold }, 0) < inControl) low = threshold
    else high = threshold
  }
  return (low + high) / 2
}
