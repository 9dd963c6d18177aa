/**
 * The total deviation s = σ√T of an option out of the money, from its share p of the greatest value it can have,
 * found by a search that ends for every input: for what lies beyond the guess of `ImpliedDeviation`.
 *
 * In these units, with m = |ln(A/B)|, h = m/s, d₁ = s/2 − h and Mills' ratio M: p = φ(d₁)(M(h − s/2) − M(h + s/2)) and
 * 1 − p = φ(d₁)(M(s/2 − h) + M(h + s/2)) (Jäckel, "Let's Be Rational", 2015, in other units). Below the inflection at
 * s = √(2m), where d₁ = 0, the logarithm of the first is solved for, above it that of the second. Steps are
 * Householder's of the third order; one that leaves what is known to hold the root is replaced by a bisection.
 */
import { exp, log } from "./Exponential.ts"
import { INV_SQRT_2PI, mills } from "./Mills.ts"

/** ln √(2π). */
const LN_SQRT_2PI = 0.9189385332046728

/** Bisections alone would need as many to an ulp. */
const STEPS = 200

/** The kernel's quotient for Mills' ratio ends here. */
const FARTHEST = 39

/** Levels of the continued fraction that reach an ulp from 39, and from 4, on. */
const LEVELS_FAR = 12
const LEVELS_NEAR = 80

/** Below both m and s so small, a series in s. Where m is small, a share under SMALL_SHARE has such an s. */
const SMALL = 0.1
const SMALL_SHARE = 0.02

/** After a step of less than this of s none is left to do: its error's fourth power is below an ulp's. */
const LAST_STEP = 1e-5

/** h + 2/(h + 3/(h + …)): Laplace's continued fraction of M is 1/(h + 1/it). */
const continued = (h: number, levels: number): number => {
  let tail = h
  for (let n = levels; n > 1; n--) tail = h + n / tail
  return tail
}

const millsOfAny = (x: number): number => (x < FARTHEST ? mills(x) : 1 / (x + 1 / continued(x, LEVELS_FAR)))

/** M(h − s/2) − M(h + s/2) for small s and hs, by Taylor's series about h: nothing is lost as s falls. */
const smallDifference = (h: number, s: number): number => {
  const m0 = millsOfAny(h)
  let odd = h < 4 ? h * m0 - 1 : -1 / (1 + h * continued(h, LEVELS_NEAR))
  let even = h * odd + m0
  let power = s
  let sum = s * odd
  // M⁽ⁿ⁺¹⁾ = h·M⁽ⁿ⁾ + n·M⁽ⁿ⁻¹⁾.
  for (let n = 3; n < 12; n += 2) {
    odd = h * even + (n - 1) * odd
    even = h * odd + n * even
    power *= (0.25 * s * s) / (n * (n - 1))
    sum += power * odd
  }
  return -sum
}

/** The guess of `ImpliedDeviation` with R = 1, in logarithms: right at both ends. */
const lowGuess = (moneyness: number, logShare: number): number => {
  const logRatio = log(moneyness) - LN_SQRT_2PI - logShare + 0.5 * moneyness
  if (logRatio < -10) return exp(logShare + LN_SQRT_2PI)
  return moneyness / Math.sqrt(logRatio > 20 ? 2 * logRatio : log(1 + exp(2 * logRatio)))
}

/** And s − √(2m) with R = 2. */
const highGuess = (excess: number, logRest: number): number => {
  const ratio = Math.max(excess, 0) * exp(-logRest)
  return 2 * Math.sqrt(log(1 + ratio * ratio))
}

/**
 * s from `moneyness` m ≥ 0, ln p = `logShare` and ln(1 − p) = `logRest`, all finite. `onBisection` is told of each step
 * that was a bisection.
 */
export const searchedDeviation = (
  moneyness: number,
  logShare: number,
  logRest: number,
  onBisection: () => void
): number => {
  const root = Math.sqrt(2 * moneyness)
  const inflection = 0.5 - INV_SQRT_2PI * millsOfAny(root)
  const isLow = logShare < log(Math.max(inflection, SMALL_SHARE))
  let low = isLow ? 0 : root
  let high = isLow ? Math.max(root, SMALL) : Infinity
  let s = isLow ? lowGuess(moneyness, logShare) : root + highGuess(exp(logShare) - inflection, logRest)
  for (let n = 0; n < STEPS; n++) {
    if (!(s > low && s < high)) {
      s = high === Infinity ? 2 * Math.max(low, 1) : low === 0 ? high / 16 : 0.5 * (low + high)
      if (!(s > low && s < high)) return low > 0 ? low : high
      onBisection()
    }
    const h = moneyness / s
    const half = 0.5 * s
    const d1 = half - h
    const far = millsOfAny(h + half)
    const factor = isLow
      ? s < SMALL && moneyness < SMALL
        ? smallDifference(h, s)
        : millsOfAny(h - half) - far
      : millsOfAny(d1) + far
    const f = log(factor) - LN_SQRT_2PI - 0.5 * d1 * d1 - (isLow ? logShare : logRest)
    if (isLow === f > 0) high = s
    else low = s
    const slope = (isLow ? 1 : -1) / factor
    const c = (h * h) / s - 0.25 * s
    const newton = -f / slope
    const second = c - slope
    const third = c * c - 3 * (h / s) * (h / s) - 0.25 - 3 * c * slope + 2 * slope * slope
    const step = (newton * (1 + 0.5 * second * newton)) / (1 + newton * (second + (third * newton) / 6))
    s += step
    if (Math.abs(step) <= LAST_STEP * s) return s
  }
  return s
}
