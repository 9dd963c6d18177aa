/**
 * The total deviation s = σ√T of an option out of the money, from its share p of the greatest value it can have,
 * found by a search that ends for every input: for what lies beyond the guess of `ImpliedDeviation`.
 *
 * In these units, with m = |ln(A/B)|, d₁ = s/2 − m/s, d₂ = −m/s − s/2 and Mills' ratio M (Jäckel, "Let's Be
 * Rational", 2015, in other units): p = φ(d₁)(M(−d₁) − M(−d₂)) and 1 − p = φ(d₁)(M(d₁) + M(−d₂)). Below the inflection
 * at s = √(2m), where d₁ = 0, the logarithm of the first is solved for, above it that of the second. Steps are
 * Householder's of the third order; one that leaves what is known to hold the root is replaced by a bisection.
 */
import { log } from "./Exponential.ts"
import { mills } from "./Mills.ts"

/** ln √(2π). */
export const LN_SQRT_2PI = 0.9189385332046728

/** Steps until the search gives up: bisection alone needs no more from the widest bracket. */
const MAX_SEARCH_STEPS = 200

/** The kernel's quotient for Mills' ratio ends here. */
const FARTHEST = 39

/** Levels of the continued fraction that reach an ulp there. */
const CONTINUED = 12

/** Mills' ratio of any x ≥ 0; far out by Laplace's continued fraction. */
const millsOfAny = (x: number): number => {
  if (x < FARTHEST) return mills(x)
  let tail = x
  for (let n = CONTINUED; n > 0; n--) tail = x + n / tail
  return 1 / tail
}

/** The share at the inflection. */
export const shareAtInflection = (root: number): number =>
  Math.max(0, 0.5 - 0.3989422804014327 * millsOfAny(root))

/**
 * One Householder step of the third order for the logarithm f of a function u of s, with f = `value`,
 * u′/u = `slope`, c = u″/u′ and `bend` = u‴/u′.
 */
export const householder = (value: number, slope: number, c: number, bend: number): number => {
  const newton = -value / slope
  const second = c - slope
  const third = bend - 3 * c * slope + 2 * slope * slope
  return (newton * (1 + 0.5 * second * newton)) / (1 + newton * (second + (third * newton) / 6))
}

/**
 * s of moneyness m = `moneyness` ≥ 0, from ln p = `logShare` and ln(1 − p) = `logRest`; `root` is √(2m). How many steps were
 * bisections is added to `bisected[0]`.
 */
export const searchedDeviation = (
  moneyness: number,
  root: number,
  logShare: number,
  logRest: number,
  bisected?: Int32Array
): number => {
  const isLow = logShare < log(shareAtInflection(root))
  let low = isLow ? 0 : root
  let high = isLow ? root : Infinity
  // Asymptotes of both ends: ln p ~ −(m/s)²/2, ln(1 − p) ~ −(s/2)²/2.
  let s = isLow
    ? moneyness / Math.sqrt(2 * (log(Math.max(moneyness, 1e-300)) - logShare) + 0.25 * root * root)
    : root + Math.sqrt(-8 * logRest)
  for (let n = 0; n < MAX_SEARCH_STEPS; n++) {
    if (!(s > low && s < high)) {
      s = high === Infinity ? 2 * Math.max(low, 1e-3) : low === 0 ? high / 16 : 0.5 * (low + high)
      if (!(s > low && s < high)) return low
      if (bisected !== undefined) bisected[0] = (bisected[0] ?? 0) + 1
    }
    const h = moneyness / s
    const d1 = 0.5 * s - h
    const near = millsOfAny(Math.abs(d1))
    const far = millsOfAny(h + 0.5 * s)
    const factor = isLow ? near - far : near + far
    const slope = (isLow ? 1 : -1) / factor
    const value = log(factor) - LN_SQRT_2PI - 0.5 * d1 * d1 - (isLow ? logShare : logRest)
    if (value * slope > 0) high = s
    else low = s
    const c = (h * h) / s - 0.25 * s
    const step = householder(value, slope, c, c * c - (3 * h * h) / (s * s) - 0.25)
    if (Math.abs(step) <= 2e-16 * s) return s + step
    s += step
  }
  return s
}
