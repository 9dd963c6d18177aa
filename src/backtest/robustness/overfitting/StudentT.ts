/**
 * Student's t distribution by the incomplete beta function: DLMF 8.17.22 (a
 * continued fraction, evaluated by Lentz's method), with ln Γ by Lanczos (1964).
 * About ten digits, of small tails as well.
 */

const lanczos = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 0.000009984369578019572, 1.5056327351493116e-7
] as const

/** ln Γ(x), x ≥ 0.5. */
const logGamma = (x: number): number => {
  const t = x + 6.5
  const sum = lanczos.reduce(
    (total, coefficient, i) => total + (i === 0 ? coefficient : coefficient / (x - 1 + i)),
    0
  )
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

const TINY = 1e-300
const awayFromZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value)
/** Twice as many as the slowest needs. */
const STEPS = 10_000

const fraction = (x: number, a: number, b: number): number => {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m <= STEPS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    value *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    value *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return value
}

/** Iₓ(a, b), by whichever of its two forms converges. */
const incompleteBeta = (x: number, a: number, b: number): number => {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b
}

/** The chance of a t at least as far from zero, on either side. */
export const twoSidedTail = (t: number, freedom: number): number =>
  incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)

/** The t ≥ 0 with that chance; 0 of a chance of one. */
export const twoSidedQuantile = (chance: number, freedom: number): number => {
  if (chance >= 1) return 0
  let [low, high] = [0, 1]
  while (twoSidedTail(high, freedom) > chance && high < 1e8) [low, high] = [high, 2 * high]
  for (let i = 0; i < 100; i++) {
    const half = (low + high) / 2
    if (twoSidedTail(half, freedom) > chance) low = half
    else high = half
  }
  return (low + high) / 2
}
