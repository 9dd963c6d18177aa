/**
 * One expiry's smile as SVI: total variance w = σ²T against log-moneyness
 * k = ln(strike ÷ forward),
 *
 *   w(k) = a + b·(ρ·(k − m) + √((k − m)² + s²))
 *
 * (Gatheral, "A parsimonious arbitrage-free implied volatility
 * parameterization", 2004; Gatheral and Jacquier, "Arbitrage-free SVI
 * volatility surfaces", 2014, eq. 3.1).
 */

/** The raw parameters. */
export interface SviSlice {
  readonly a: number
  /** Zero or more. */
  readonly b: number
  /** In (−1, 1). */
  readonly rho: number
  readonly m: number
  /** Above zero: `s` of the formula, elsewhere called σ. */
  readonly width: number
}

/** Total variance and its first two derivatives by k, at one k. */
export interface Curve {
  readonly variance: number
  readonly slope: number
  readonly curvature: number
}

export const sviVariance = ({ a, b, m, rho, width }: SviSlice, k: number): number => {
  const x = k - m
  return a + b * (rho * x + Math.sqrt(x * x + width * width))
}

export const sviCurve = ({ a, b, m, rho, width }: SviSlice, k: number): Curve => {
  const x = k - m
  const root = Math.sqrt(x * x + width * width)
  return {
    variance: a + b * (rho * x + root),
    slope: b * (rho + x / root),
    curvature: (b * width * width) / (root * root * root)
  }
}

/**
 * Durrleman's function (Durrleman 2003; Gatheral and Jacquier 2014, eq. 2.1):
 *
 *   g(k) = (1 − k·w′ ÷ 2w)² − w′² ÷ 4 · (1 ÷ w + 1 ÷ 4) + w″ ÷ 2
 *
 * The risk-neutral density has its sign: below zero there is butterfly
 * arbitrage.
 */
export const durrleman = (k: number, variance: number, slope: number, curvature: number): number => {
  const first = 1 - (k * slope) / (2 * variance)
  return first * first - ((slope * slope) / 4) * (1 / variance + 0.25) + curvature / 2
}

/** Slopes of total variance far to the left (of −k) and to the right; both at most 2 (Lee 2004). */
export const wings = ({ b, rho }: SviSlice): { readonly left: number; readonly right: number } => ({
  left: b * (1 - rho),
  right: b * (1 + rho)
})

/** The least total variance of the slice. */
export const leastVariance = ({ a, b, rho, width }: SviSlice): number =>
  a + b * width * Math.sqrt(1 - rho * rho)

/** A slice from its wings, its least variance, its centre and its width. */
export const fromWings = (
  left: number,
  right: number,
  { least, m, width }: { readonly least: number; readonly m: number; readonly width: number }
): SviSlice => {
  const b = (left + right) / 2
  const rho = (right - left) / (right + left)
  return { a: least - b * width * Math.sqrt(1 - rho * rho), b, rho, m, width }
}
