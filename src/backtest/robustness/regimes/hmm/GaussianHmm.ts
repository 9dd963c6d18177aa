/**
 * A market of two states that returns are drawn from: each state a Gaussian,
 * the next state depending on the last alone (Hamilton 1989; Rabiner, "A
 * Tutorial on Hidden Markov Models", 1989).
 *
 * The forward recursion runs on logarithms, so that no product of thousands of
 * densities underflows. Backwards it goes by conditional probabilities, which
 * are products of numbers up to one and their sums (Kim, "Dynamic Linear Models
 * with Markov-Switching", 1994).
 */

export interface GaussianState {
  readonly mean: number
  readonly variance: number
}

/** Per return. The calm state is the one of lower variance. */
export interface HmmParameters {
  readonly calm: GaussianState
  readonly turbulent: GaussianState
  /** Probability that the first return is of the calm state. */
  readonly startsCalm: number
  /** Probability that calm is followed by calm, turbulent by turbulent. */
  readonly staysCalm: number
  readonly staysTurbulent: number
}

/** Two means, two variances, two rows of transitions, and where it starts. */
export const HMM_PARAMETERS = 7

/** What a pass over the returns leaves, one of each a return. */
export interface Passes {
  /** log of P(turbulent at t | returns up to t) over that of calm. */
  readonly odds: Float64Array
  /** P(calm at t − 1 | calm at t, returns up to t − 1), and of turbulent; the first is of no use. */
  readonly calmBefore: Float64Array
  readonly turbulentBefore: Float64Array
  /** P(calm at t | all returns). */
  readonly calm: Float64Array
}

export const passesFor = (length: number): Passes => ({
  odds: new Float64Array(length),
  calmBefore: new Float64Array(length),
  turbulentBefore: new Float64Array(length),
  calm: new Float64Array(length)
})

const LOG_2PI = Math.log(2 * Math.PI)

/** log N(x; μ, σ²). */
export const logDensity = (x: number, { mean, variance }: GaussianState): number =>
  -0.5 * (LOG_2PI + Math.log(variance) + (x - mean) ** 2 / variance)

/** log(eᵃ + eᵇ). */
export const logSum = (a: number, b: number): number => {
  if (a === -Infinity) return b
  if (b === -Infinity) return a
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b))
}

/** The part of eᵃ in eᵃ + eᵇ, d being b − a; all of it where there is neither. */
export const partOf = (difference: number): number =>
  Number.isNaN(difference) ? 1 : 1 / (1 + Math.exp(difference))

/** Beyond, the smaller of two terms is no double beside the larger, but may yet be needed: the slower way then. */
const FARTHEST_ODDS = 600

/** Rabiner's equations 19 to 21; gives the log-likelihood of all returns. */
export const forwardPass = (returns: Float64Array, parameters: HmmParameters, passes: Passes): number => {
  const { calm, startsCalm, staysCalm, staysTurbulent, turbulent } = parameters
  const { calmBefore, odds, turbulentBefore } = passes
  const [leavesCalm, leavesTurbulent] = [1 - staysCalm, 1 - staysTurbulent]
  const logs = [staysCalm, leavesCalm, leavesTurbulent, staysTurbulent].map((p) => Math.log(p))
  const [logCalmCalm = 0, logCalmTurbulent = 0, logTurbulentCalm = 0, logTurbulentTurbulent = 0] = logs
  const [constantCalm, constantTurbulent] = [calm, turbulent].map(
    ({ variance }) => -0.5 * (LOG_2PI + Math.log(variance))
  )
  const [halfCalm, halfTurbulent] = [0.5 / calm.variance, 0.5 / turbulent.variance]
  /** log P(returns so far, calm), and of turbulent. */
  let logCalm = Math.log(startsCalm)
  let logTurbulent = Math.log(1 - startsCalm)
  for (let t = 0; t < returns.length; t++) {
    if (t > 0) {
      const difference = logTurbulent - logCalm
      if (difference > -FARTHEST_ODDS && difference < FARTHEST_ODDS) {
        const base = difference > 0 ? logTurbulent : logCalm
        const weightCalm = difference > 0 ? Math.exp(-difference) : 1
        const weightTurbulent = difference > 0 ? 1 : Math.exp(difference)
        const stayedCalm = weightCalm * staysCalm
        const intoCalm = stayedCalm + weightTurbulent * leavesTurbulent
        const stayedTurbulent = weightTurbulent * staysTurbulent
        const intoTurbulent = stayedTurbulent + weightCalm * leavesCalm
        calmBefore[t] = intoCalm > 0 ? stayedCalm / intoCalm : 1
        turbulentBefore[t] = intoTurbulent > 0 ? stayedTurbulent / intoTurbulent : 1
        logCalm = base + Math.log(intoCalm)
        logTurbulent = base + Math.log(intoTurbulent)
      } else {
        calmBefore[t] = partOf(difference + logTurbulentCalm - logCalmCalm)
        turbulentBefore[t] = partOf(-difference + logCalmTurbulent - logTurbulentTurbulent)
        const nextCalm = logSum(logCalm + logCalmCalm, logTurbulent + logTurbulentCalm)
        logTurbulent = logSum(logCalm + logCalmTurbulent, logTurbulent + logTurbulentTurbulent)
        logCalm = nextCalm
      }
    }
    const value = returns[t] ?? Number.NaN
    logCalm += (constantCalm ?? 0) - halfCalm * (value - calm.mean) ** 2
    logTurbulent += (constantTurbulent ?? 0) - halfTurbulent * (value - turbulent.mean) ** 2
    odds[t] = logTurbulent - logCalm
  }
  return logSum(logCalm, logTurbulent)
}

/** Sums of probabilities that a state was followed by itself. */
export interface Stays {
  readonly calm: number
  readonly turbulent: number
}

/** Fills `calm` from the last return to the first (Kim 1994); the forward pass comes before. */
export const backwardPass = ({ calm, calmBefore, odds, turbulentBefore }: Passes): Stays => {
  let [stayedCalm, stayedTurbulent] = [0, 0]
  let part = partOf(odds[odds.length - 1] ?? 0)
  calm[odds.length - 1] = part
  for (let t = odds.length - 1; t > 0; t--) {
    const bothCalm = part * (calmBefore[t] ?? 0)
    const bothTurbulent = (1 - part) * (turbulentBefore[t] ?? 0)
    stayedCalm += bothCalm
    stayedTurbulent += bothTurbulent
    part = bothCalm + (1 - part - bothTurbulent)
    calm[t - 1] = part
  }
  return { calm: stayedCalm, turbulent: stayedTurbulent }
}

/** Sessions that a state is expected to last, 1 ÷ (1 − p). */
export const expectedSessions = (stays: number): number => 1 / (1 - stays)
