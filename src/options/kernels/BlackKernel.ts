/**
 * Price and five Greeks of many European options, a block of rows at a time: the formulas of BlackScholes.ts, each
 * step a short loop over the block, which leaves the processor free to work on several rows at once and its results
 * in the nearest cache.
 *
 * Only ordinary rows: those whose numbers no product takes out of the doubles, whose d₁ and d₂ are within Mills'
 * ratio, and whose time and deviation are not so short that the rounding of S/K tells. The others are told apart, for
 * the scalar functions to do.
 */
import { expWithin, logNormal } from "./Exponential.ts"
import { millsWithin } from "./Mills.ts"

/** Row i of each column is one option. Years, rates and volatility as in `OptionInputs`. */
export interface OptionColumns {
  /** +1 for a call, −1 for a put. */
  readonly sign: Float64Array
  readonly spot: Float64Array
  readonly strike: Float64Array
  readonly years: Float64Array
  readonly rate: Float64Array
  readonly dividendYield: Float64Array
  readonly volatility: Float64Array
}

/** Units as in `Greeks`. */
export interface PriceColumns {
  readonly price: Float64Array
  readonly delta: Float64Array
  readonly gamma: Float64Array
  readonly vega: Float64Array
  readonly theta: Float64Array
  readonly rho: Float64Array
}

/** Rows done at once: their intermediate columns fill half of a cache of 32 kB. */
export const BLOCK = 256

/** What one step leaves to the next, of one block. */
export interface BlackBlock {
  /** ln(S/K). */
  readonly logs: Float64Array
  /** 1/(σ√T); zero where the row is not ordinary. */
  readonly inverse: Float64Array
  /** wd₁/64, then wd₂/64: rounded down −1 or 0. */
  readonly side1: Float64Array
  readonly side2: Float64Array
  /** d₁, then M(|d₁|); and of d₂. */
  readonly mills1: Float64Array
  readonly mills2: Float64Array
  /** −qT, then e to it; of −rT; of −d₁²/2. */
  readonly shareDiscount: Float64Array
  readonly cashDiscount: Float64Array
  readonly density: Float64Array
}

export const blackBlock = (): BlackBlock => {
  const column = (): Float64Array => new Float64Array(BLOCK)
  return {
    logs: column(),
    inverse: column(),
    side1: column(),
    side2: column(),
    mills1: column(),
    mills2: column(),
    shareDiscount: column(),
    cashDiscount: column(),
    density: column()
  }
}

const logsInto = (
  { logs }: BlackBlock,
  { spot, strike }: OptionColumns,
  from: number,
  size: number
): void => {
  for (let i = 0; i < size; i++) logs[i] = (spot[from + i] ?? 0) / (strike[from + i] ?? 0)
  for (let i = 0; i < size; i++) logs[i] = logNormal(logs[i] ?? 1)
}

/** d₁ and d₂, and what is to be raised; returns how many rows are not ordinary. */
const exponentsInto = (block: BlackBlock, columns: OptionColumns, from: number, size: number): number => {
  const { cashDiscount, density, inverse, logs, mills1, mills2, shareDiscount, side1, side2 } = block
  const { dividendYield, rate, sign, spot, strike, volatility, years } = columns
  let others = 0
  for (let i = 0; i < size; i++) {
    const row = from + i
    const w = sign[row] ?? 0
    const s = spot[row] ?? 0
    const k = strike[row] ?? 0
    const t = years[row] ?? 0
    const r = rate[row] ?? 0
    const q = dividendYield[row] ?? 0
    const deviation = (volatility[row] ?? 0) * Math.sqrt(t)
    const rt = r * t
    const qt = q * t
    const perDeviation = 1 / deviation
    const d1 = ((logs[i] ?? 0) + (rt - qt)) * perDeviation + 0.5 * deviation
    const d2 = d1 - deviation
    // |d₂| is at most |d₁| + σ√T. Anything that is no number fails a comparison.
    const extent = Math.abs(d1) + deviation + Math.abs(rt) + Math.abs(qt) + Math.abs(r) + Math.abs(q)
    const isLong = deviation > 4e-3 && t > 1e-4
    if (extent < 37 && isLong && s > 1e-100 && k > 1e-100 && s * k < 1e100 && w * w === 1) {
      inverse[i] = perDeviation
      side1[i] = w * d1 * 0.015625
      side2[i] = w * d2 * 0.015625
      mills1[i] = d1
      mills2[i] = d2
      shareDiscount[i] = -qt
      cashDiscount[i] = -rt
      density[i] = -0.5 * d1 * d1
    } else {
      others++
      inverse[i] = 0
      mills1[i] = 0
      mills2[i] = 0
      shareDiscount[i] = 0
      cashDiscount[i] = 0
      density[i] = 0
    }
  }
  return others
}

const powersInto = (column: Float64Array, size: number): void => {
  for (let i = 0; i < size; i++) column[i] = expWithin(column[i] ?? 0)
}

const ratiosInto = (column: Float64Array, size: number): void => {
  for (let i = 0; i < size; i++) column[i] = millsWithin(Math.abs(column[i] ?? 0))
}

const resultsInto = (
  block: BlackBlock,
  columns: OptionColumns,
  out: PriceColumns,
  from: number,
  size: number
): void => {
  const { cashDiscount, density, inverse, mills1, mills2, shareDiscount, side1, side2 } = block
  const { dividendYield, rate, sign, spot, strike, volatility, years } = columns
  const { delta, gamma, price, rho, theta, vega } = out
  for (let i = 0; i < size; i++) {
    const row = from + i
    const w = sign[row] ?? 0
    const s = spot[row] ?? 0
    const t = years[row] ?? 0
    const sigma = volatility[row] ?? 0
    const perDeviation = inverse[i] ?? 0
    const discount = shareDiscount[i] ?? 0
    const a = s * discount
    const b = (strike[row] ?? 0) * (cashDiscount[i] ?? 0)
    const phi = 0.3989422804014327 * (density[i] ?? 0)
    const peak = a * phi
    // N(x) is |1 − tail| above zero and |0 − tail| below: no branch that a processor would have to guess.
    const probability = Math.abs(1 + Math.floor(side1[i] ?? 0) - phi * (mills1[i] ?? 0))
    const cash = Math.abs((1 + Math.floor(side2[i] ?? 0)) * b - peak * (mills2[i] ?? 0))
    const share = a * probability
    price[row] = Math.max(0, w * (share - cash))
    delta[row] = w * discount * probability
    gamma[row] = (discount * phi * perDeviation) / s
    vega[row] = peak * Math.sqrt(t)
    theta[row] =
      w * ((dividendYield[row] ?? 0) * share - (rate[row] ?? 0) * cash) -
      0.5 * peak * sigma * sigma * perDeviation
    rho[row] = w * t * cash
  }
}

/** Writes rows [from, from + size), `size` at most `BLOCK`; returns how many are left, whose `inverse` is zero. */
export const priceBlock = (
  block: BlackBlock,
  columns: OptionColumns,
  out: PriceColumns,
  from: number,
  size: number
): number => {
  logsInto(block, columns, from, size)
  const others = exponentsInto(block, columns, from, size)
  powersInto(block.shareDiscount, size)
  powersInto(block.cashDiscount, size)
  powersInto(block.density, size)
  ratiosInto(block.mills1, size)
  ratiosInto(block.mills2, size)
  resultsInto(block, columns, out, from, size)
  return others
}
