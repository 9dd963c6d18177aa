/**
 * The normal distribution by Mills' ratio M(x) = N(−x)/φ(x).
 *
 * Prices and Greeks need N(d₁), N(d₂) and φ(d₁), and A·φ(d₁) = B·φ(d₂) for the discounted spot A and strike B: with
 * M one exponential serves all of them, and tails keep their relative accuracy where 1 − N does not.
 *
 * M is a quotient of polynomials of degrees 9 and 10, fitted at 60 digits by Chebyshev nodes in (x − c)/(x + c) on
 * [0, 39]: greatest relative error 9.0·10⁻¹⁷ before rounding. Beyond 39 φ is no double.
 */
import { exp } from "./Exponential.ts"

const P0 = 357320.28916030045
const P1 = 554459.4103606234
const P2 = 425528.92473411845
const P3 = 207469.65970612472
const P4 = 70128.3202441427
const P5 = 16973.679134640013
const P6 = 2941.4484837784594
const P7 = 353.14012104574164
const P8 = 26.85559646475393
const P9 = 0.9999999999975434
const Q0 = 285100.3419826192
const Q1 = 669871.7642661487
const Q2 = 731453.1266548898
const Q3 = 490041.83327203046
const Q4 = 223747.12365249268
const Q5 = 73016.05445917013
const Q6 = 17324.81936547698
const Q7 = 2968.3040774095607
const Q8 = 354.14012109522383
const Q9 = 26.85559646423465

/** From here on φ(x) is zero as a double. */
export const FARTHEST = 39

/** 1/√(2π). */
export const INV_SQRT_2PI = 0.3989422804014327

/** Mills' ratio of x ≥ 0; at 39 and beyond, that of 39. */
export const mills = (x: number): number => {
  const y = x < FARTHEST ? x : FARTHEST
  const y2 = y * y
  const pEven = P0 + y2 * (P2 + y2 * (P4 + y2 * (P6 + y2 * P8)))
  const pOdd = P1 + y2 * (P3 + y2 * (P5 + y2 * (P7 + y2 * P9)))
  const qEven = Q0 + y2 * (Q2 + y2 * (Q4 + y2 * (Q6 + y2 * (Q8 + y2))))
  const qOdd = Q1 + y2 * (Q3 + y2 * (Q5 + y2 * (Q7 + y2 * Q9)))
  return (pEven + y * pOdd) / (qEven + y * qOdd)
}

/** The standard normal density φ. */
export const density = (x: number): number => INV_SQRT_2PI * exp(-0.5 * x * x)

/** The standard normal distribution N, each tail to its own relative accuracy. */
export const normal = (x: number): number => {
  const tail = density(x) * mills(Math.abs(x))
  return x > 0 ? 1 - tail : tail
}
