/**
 * The normal distribution by Mills' ratio M(x) = N(−x)/φ(x).
 *
 * Prices and Greeks need N(d₁), N(d₂) and φ(d₁), and A·φ(d₁) = B·φ(d₂) for the discounted spot A and strike B: with
 * M one exponential serves all of them, and tails keep their relative accuracy where 1 − N does not.
 *
 * M is a quotient of polynomials of degrees 9 and 10, fitted at 60 digits by Chebyshev nodes in (x − c)/(x + c) on
 * [0, 39]: greatest relative error 9.0·10⁻¹⁷ before rounding. Beyond 39 φ is no double. The
 * coefficients stand in the formula, even ones and odd ones apart: a constant of a module would be loaded and checked
 * at each use.
 */
import { exp } from "./Exponential.ts"

/** From here on φ(x) is zero as a double. */
export const FARTHEST = 39

/** 1/√(2π). */
export const INV_SQRT_2PI = 0.3989422804014327

/** Mills' ratio of 0 ≤ x ≤ 39, unchecked: for the loops of kernels. */
export const millsWithin = (x: number): number => {
  const x2 = x * x
  const pEven =
    357320.28916030045 +
    x2 * (425528.92473411845 + x2 * (70128.3202441427 + x2 * (2941.4484837784594 + x2 * 26.85559646475393)))
  const pOdd =
    554459.4103606234 +
    x2 *
      (207469.65970612472 + x2 * (16973.679134640013 + x2 * (353.14012104574164 + x2 * 0.9999999999975434)))
  const qEven =
    285100.3419826192 +
    x2 *
      (731453.1266548898 +
        x2 * (223747.12365249268 + x2 * (17324.81936547698 + x2 * (354.14012109522383 + x2))))
  const qOdd =
    669871.7642661487 +
    x2 * (490041.83327203046 + x2 * (73016.05445917013 + x2 * (2968.3040774095607 + x2 * 26.85559646423465)))
  return (pEven + x * pOdd) / (qEven + x * qOdd)
}

/** Mills' ratio of x ≥ 0; at 39 and beyond, that of 39. */
export const mills = (x: number): number => millsWithin(x < 39 ? x : 39)

/** The standard normal density φ. */
export const density = (x: number): number => INV_SQRT_2PI * exp(-0.5 * x * x)

/** The standard normal distribution N, each tail to its own relative accuracy. */
export const normal = (x: number): number => {
  const tail = density(x) * mills(Math.abs(x))
  return x > 0 ? 1 - tail : tail
}
