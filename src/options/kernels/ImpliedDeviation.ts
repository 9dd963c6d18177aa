/**
 * The total deviation s = σ√T of options out of the money, in a first guess and two steps.
 *
 * The equations are those of `SearchedDeviation`: m = |ln(A/B)|, p the value as a share of the lesser of A and B, which
 * is the greatest it can have; the inflection is at s = √(2m) = z with share pᵢ; M is Mills' ratio.
 *
 * The guess. Below the inflection, with b = value/√(AB), g = m/(√(2π)·b) and v = √ln(1 + g²): m/s is nearly v at both
 * ends, since for m/s → 0 Bachelier's formula gives b → s/√(2π), and for m/s → ∞ b falls as exp(−(m/s)²/2). Above it,
 * with g = (p − pᵢ)/(1 − p), s − z is proportional to v near the inflection, where p is linear in s, and far from
 * it, where 1 − p falls as exp(−s²/8). So m/s below, and s − z above, are v·R(v, z), R a quotient of polynomials of
 * degree 2 in v and 1 in z. R was fitted to the relative error on 0 ≤ m ≤ 16, m/s ≤ 37 and 1 − p ≥ 5·10⁻¹⁷ (65 × 120
 * points and 64 × 165 points, denser at small z and v; p from erfcx) by linear least squares on P − R·Q, repeated with
 * weights raised where the error is greatest (Sanathanan and Koerner, 1963; Lawson, 1961), and then by Levenberg and
 * Marquardt's method on the error's fourth power. Greatest relative error: 3.6% below, 1.5% of s − z above.
 *
 * The steps. Householder's of the third order multiplies the number of right digits by four: the guess's 1.4 become
 * 6, and these all that a double has. For the first, nine digits of M and of ln are enough: `coarseMills` is a
 * quotient of degrees 5 and 6 on [0, 39], fitted as `mills` is, to 6·10⁻¹⁰; `coarseLog` breaks its series off at 2·10⁻⁹.
 */
import { logNormal } from "./Exponential.ts"
import { millsWithin } from "./Mills.ts"

/** Options with a greater |ln(A/B)|, a lesser value or share of the greatest, or a lesser s are searched for. */
const GREATEST_MONEYNESS = 16
const LEAST_SHARE = 1e-305
const LEAST_DEVIATION = 1e-4

/** A and B within these: their product is a double. */
const LEAST_BOUND = 1e-100
const GREATEST_BOUND = 1e100

/** A second step that is more than this of s was not the last one needed. */
const GREATEST_LAST_STEP = 1e-4

/** R's polynomials: numerator and denominator at z⁰v⁰, v¹, v², z¹v⁰, v¹, v²; below the inflection, then above it. */
const GUESS = Float64Array.from(
  [
    [0.973833, -0.56889, 0.554035, 0.161494, -0.232451, -0.0351633],
    [1, 0.187302, 0.523879, 0.22196, -0.369345, -0.0278743],
    [2.4975, -2.27518, 2.57609, 0.970978, -0.0893184, 0.141192],
    [1, -0.315543, 1.22339, 0.824015, 0.462388, 0.0943398]
  ].flat()
)
const ABOVE = 12

/** Mills' ratio of 0 ≤ x ≤ 39 to nine digits; a little below zero too. */
const coarseMills = (x: number): number => {
  const x2 = x * x
  const pEven = 453.6596491473697 + x2 * (245.64502309473048 + x2 * 12.3709431525351)
  const pOdd = 480.66798639473296 + x2 * (72.56955244369722 + x2 * 0.9999998949372833)
  const qEven = 361.9680299879754 + x2 * (551.451217177583 + x2 * (73.57009743180673 + x2))
  const qOdd = 672.3262603460375 + x2 * (258.0022723283478 + x2 * 12.370931305645076)
  return (pEven + x * pOdd) / (qEven + x * qOdd)
}

const scratch = new Float64Array(1)
const halves = new Int32Array(scratch.buffer)
const HIGH = new Int32Array(Float64Array.of(1).buffer)[1] === 0 ? 0 : 1

/** ln x of a normal double above zero, to nine digits. */
const coarseLog = (x: number): number => {
  scratch[0] = x
  const bits = halves[HIGH] ?? 0
  const k = (bits - 0x3fe6a09e) >> 20
  halves[HIGH] = bits - (k << 20)
  const m = scratch[0] ?? 0
  const s = (m - 1) / (m + 1)
  const z = s * s
  return (
    k * Math.LN2 +
    s * (2 + z * (0.6666666666666666 + z * (0.4 + z * (0.2857142857142857 + z * 0.2222222222222222))))
  )
}

/**
 * Columns of a block of options, as the passes hand them on. Those that stay the same: `moneyness` m; `side`: 1 below
 * the inflection, −1 above; `inverse`: 1/p, above 1/(1 − p). `deviation` is s, and `step` what the last step added.
 */
export interface DeviationBlock {
  readonly moneyness: Float64Array
  readonly side: Float64Array
  readonly inverse: Float64Array
  readonly deviation: Float64Array
  readonly step: Float64Array
}

export const deviationBlock = (size: number): DeviationBlock => ({
  moneyness: new Float64Array(size),
  side: new Float64Array(size),
  inverse: new Float64Array(size),
  deviation: new Float64Array(size),
  step: new Float64Array(size)
})

/**
 * Row `i`'s side, inverse and first guess of s. `lesser` and `greater` are A and B, `value` is the option's and `gap` what
 * it lacks to `lesser`; all are above zero, and m ≤ 16.
 */
export const guessInto = (
  block: DeviationBlock,
  i: number,
  moneyness: number,
  lesser: number,
  greater: number,
  value: number,
  gap: number
): void => {
  const root = Math.sqrt(2 * moneyness)
  const excess = value - lesser * (0.5 - 0.3989422804014327 * coarseMills(root))
  const isAbove = excess > 0
  const perUnit = 1 / (isAbove ? gap : value)
  const g = (isAbove ? excess : 0.3989422804014327 * moneyness * Math.sqrt(lesser * greater)) * perUnit
  const isFar = g > 1e8
  const v = Math.sqrt((isFar ? 2 : 1) * coarseLog(isFar ? g : 1 + g * g))
  const r = isAbove ? ABOVE : 0
  const p0 = (GUESS[r] ?? 0) + v * ((GUESS[r + 1] ?? 0) + v * (GUESS[r + 2] ?? 0))
  const p1 = (GUESS[r + 3] ?? 0) + v * ((GUESS[r + 4] ?? 0) + v * (GUESS[r + 5] ?? 0))
  const q0 = (GUESS[r + 6] ?? 0) + v * ((GUESS[r + 7] ?? 0) + v * (GUESS[r + 8] ?? 0))
  const q1 = (GUESS[r + 9] ?? 0) + v * ((GUESS[r + 10] ?? 0) + v * (GUESS[r + 11] ?? 0))
  const p = v * (p0 + root * p1)
  const q = q0 + root * q1
  block.moneyness[i] = moneyness
  block.side[i] = isAbove ? -1 : 1
  block.inverse[i] = perUnit * lesser
  block.deviation[i] = isAbove ? root + p / q : (moneyness * q) / p
}

/** Householder's step from F and f; c = p″/p′ and c² + c′ = p‴/p′ with c = m²/s³ − s/4. */
const stepBy = (side: number, factor: number, f: number, h: number, perS: number, s: number): number => {
  const bend = h * h * perS
  const curve = bend - 0.25 * s
  const k = side * factor * curve
  const j = factor * factor * (curve * curve - 3 * bend * perS - 0.25)
  const e = f * (1 - k)
  return (
    (side * f * factor * (1 + 0.5 * e)) /
    (1 + e + f * f * (0.3333333333333333 - 0.5 * k + 0.16666666666666666 * j))
  )
}

/** Adds the first step to the rows before `end`. */
export const firstStep = (block: DeviationBlock, end: number): void => {
  const { deviation, inverse, moneyness, side } = block
  for (let i = 0; i < end; i++) {
    const s = deviation[i] ?? 0
    const sign = side[i] ?? 0
    const perS = 1 / s
    const h = (moneyness[i] ?? 0) * perS
    const d1 = 0.5 * s - h
    const factor = coarseMills(-sign * d1) - sign * coarseMills(0.5 * s + h)
    const f = coarseLog(factor * (inverse[i] ?? 0)) - 0.9189385332046728 - 0.5 * d1 * d1
    deviation[i] = s - stepBy(sign, factor, f, h, perS, s)
  }
}

/** Adds the second step, with every digit. */
export const secondStep = (block: DeviationBlock, end: number): void => {
  const { deviation, inverse, moneyness, side, step } = block
  for (let i = 0; i < end; i++) {
    const s = deviation[i] ?? 0
    const sign = side[i] ?? 0
    const perS = 1 / s
    const h = (moneyness[i] ?? 0) * perS
    const d1 = 0.5 * s - h
    const factor = millsWithin(-sign * d1) - sign * millsWithin(0.5 * s + h)
    const f = logNormal(factor * (inverse[i] ?? 0)) - 0.9189385332046728 - 0.5 * d1 * d1
    const last = stepBy(sign, factor, f, h, perS, s)
    deviation[i] = s - last
    step[i] = last
  }
}

/** Whether the guess is good, and nothing on the way to it leaves the doubles. False of what is no number. */
export const isGuessed = (moneyness: number, lesser: number, greater: number, value: number): boolean =>
  moneyness <= GREATEST_MONEYNESS &&
  lesser > LEAST_BOUND &&
  greater < GREATEST_BOUND &&
  value > LEAST_SHARE &&
  value > LEAST_SHARE * lesser

/** Whether two steps were enough for the row. */
export const isSolved = (deviation: number, step: number): boolean =>
  deviation > LEAST_DEVIATION && Math.abs(step) < GREATEST_LAST_STEP * deviation
