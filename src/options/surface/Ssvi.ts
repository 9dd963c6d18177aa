/**
 * SSVI with a correlation by expiry (eSSVI), fitted without arbitrage by
 * construction.
 *
 *   w(k) = ½·(θ + ρψk + √((ψk + ρθ)² + (1 − ρ²)·θ²)),   ψ = θφ
 *
 * (Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces", 2014,
 * eq. 4.1; ρ by expiry: Hendriks and Martini, "The extended SSVI volatility
 * surface", 2019.) θ is the total variance at the forward, ψ its skew's size.
 *
 * No butterfly arbitrage: ψ·(1 + |ρ|) < 4 and ψ²·(1 + |ρ|) ≤ 4θ (Gatheral and
 * Jacquier, theorem 4.2). No calendar arbitrage from slice 1 to 2: θ₂ ≥ θ₁,
 * ψ₂(1 ± ρ₂) ≥ ψ₁(1 ± ρ₁), and ψ₂ ÷ θ₂ ≤ ψ₁ ÷ θ₁ (Hendriks and Martini,
 * proposition 3.1: the first two are needed, with the third they suffice).
 * Slices are fitted one after the other from the earliest (Corbetta, Cohort,
 * Laachir and Martini, "Robust calibration and arbitrage-free interpolation of
 * SSVI slices", 2019), each inside these bounds; in between θ, ψ and ρψ are
 * linear in time, which keeps all of them (the same, section 5).
 */
import { leastSquares } from "./LeastSquares.ts"
import type { SviSlice } from "./Svi.ts"
import type { SmileColumns } from "./SviFit.ts"

export interface SsviSlice {
  /** Total variance at the forward. */
  readonly theta: number
  /** In (−1, 1). */
  readonly rho: number
  /** θφ; above zero. */
  readonly psi: number
}

/** The same slice in raw SVI's parameters (Gatheral and Jacquier 2014, section 4). */
export const ssviAsSvi = ({ psi, rho, theta }: SsviSlice): SviSlice => {
  const phi = psi / theta
  return {
    a: (theta / 2) * (1 - rho * rho),
    b: psi / 2,
    rho,
    m: -rho / phi,
    width: Math.sqrt(1 - rho * rho) / phi
  }
}

/** Linear in θ, ψ and ρψ: at the share `share` of the way from one slice to the other. */
export const betweenSsvi = (from: SsviSlice, to: SsviSlice, share: number): SsviSlice => {
  const mix = (a: number, b: number) => a + share * (b - a)
  const psi = mix(from.psi, to.psi)
  return { theta: mix(from.theta, to.theta), psi, rho: mix(from.rho * from.psi, to.rho * to.psi) / psi }
}

/** Twice the slopes of the two wings: ψ(1 − ρ) and ψ(1 + ρ). */
interface Wings {
  readonly left: number
  readonly right: number
}

/** Just inside the bounds, so that rounding does not lead out of them. */
const INSIDE = 1 - 1e-9
const LEAST_THETA = 1e-9
const LEAST_WING = 1e-9

const isAllowed = (theta: number, { left, right }: Wings, steepest: number): boolean => {
  const psi = (left + right) / 2
  // ψ(1 + |ρ|) is the larger of the two wings.
  const larger = Math.max(left, right)
  return larger <= 4 * INSIDE && psi * larger <= 4 * theta * INSIDE && psi <= steepest * theta * INSIDE
}

/** The wings nearest to those wanted, on the way from the ones before, that are free of arbitrage. */
const allowed = (theta: number, before: Wings, wanted: Wings, steepest: number): Wings => {
  if (isAllowed(theta, wanted, steepest)) return wanted
  const at = (share: number): Wings => ({
    left: before.left + share * (wanted.left - before.left),
    right: before.right + share * (wanted.right - before.right)
  })
  let low = 0
  let high = 1
  for (let turn = 0; turn < 40; turn++) {
    const share = (low + high) / 2
    if (isAllowed(theta, at(share), steepest)) low = share
    else high = share
  }
  return at(low)
}

const toSlice = (x: Float64Array, before: SsviSlice | undefined): SsviSlice => {
  const theta = (before?.theta ?? LEAST_THETA) * (1 + 1e-9) + Math.exp(Math.min(x[0] ?? 0, 5))
  const from: Wings =
    before === undefined
      ? { left: LEAST_WING, right: LEAST_WING }
      : { left: before.psi * (1 - before.rho), right: before.psi * (1 + before.rho) }
  const { left, right } = allowed(
    theta,
    from,
    {
      left: from.left + Math.exp(Math.min(x[1] ?? 0, 2)),
      right: from.right + Math.exp(Math.min(x[2] ?? 0, 2))
    },
    before === undefined ? Infinity : before.psi / before.theta
  )
  return { theta, psi: (left + right) / 2, rho: (right - left) / (right + left) }
}

const varianceAt = ({ psi, rho, theta }: SsviSlice, k: number): number => {
  const x = psi * k + rho * theta
  return 0.5 * (theta + rho * psi * k + Math.sqrt(x * x + (1 - rho * rho) * theta * theta))
}

/** The slice that fits best of those that are free of arbitrage, in itself and against the one before. */
export const fitSsvi = (
  { moneyness, volatility, weight, years }: SmileColumns,
  before: SsviSlice | undefined
): SsviSlice => {
  const n = moneyness.length
  const residuals = (x: Float64Array, out: Float64Array): void => {
    const slice = toSlice(x, before)
    for (let i = 0; i < n; i++) {
      out[i] =
        (weight[i] ?? 0) * (Math.sqrt(varianceAt(slice, moneyness[i] ?? 0) / years) - (volatility[i] ?? 0))
    }
  }
  // The volatility nearest the forward stands for θ.
  let nearest = 0
  for (let i = 1; i < n; i++) {
    if (Math.abs(moneyness[i] ?? 0) < Math.abs(moneyness[nearest] ?? 0)) nearest = i
  }
  const theta = (volatility[nearest] ?? 0) ** 2 * years
  const gain = Math.log(Math.max(theta - (before?.theta ?? 0), 0.02 * theta))
  let best: { readonly x: Float64Array; readonly cost: number } | undefined
  for (const wing of [0.1, 1]) {
    const size = Math.log(wing * Math.sqrt(theta))
    const found = leastSquares(residuals, Float64Array.of(gain, size, size - 1), {
      count: n,
      iterations: 60,
      tolerance: 1e-6
    })
    if (best === undefined || found.cost < best.cost) best = found
  }
  return toSlice(best?.x ?? Float64Array.of(gain, -3, -3), before)
}
