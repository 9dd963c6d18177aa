/**
 * Implied volatilities of many European options at once: columns in, columns out.
 *
 * The numbers are those of `europeanVolatility`, to the bit. Rows go through the kernel a block at a time, so that what
 * one pass leaves to the next stays in the processor's nearest cache; a row that the kernel's guess is not made for, or
 * that has no volatility, goes through `europeanVolatility` itself.
 */
import { europeanVolatility, INVALID, OK, type Tally } from "./ImpliedVolatility.ts"
import { expWithin, logNormal } from "./kernels/Exponential.ts"
import {
  type DeviationBlock,
  deviationBlock,
  firstStep,
  guessInto,
  isGuessed,
  isSolved,
  secondStep
} from "./kernels/ImpliedDeviation.ts"
import { wrongTerm } from "./OptionInputs.ts"

/** Row i of each column is one option. Years and rates as in `OptionTerms`, prices in dollars a share. */
export interface PricedColumns {
  /** +1 for a call, −1 for a put. */
  readonly sign: Float64Array
  readonly spot: Float64Array
  readonly strike: Float64Array
  readonly years: Float64Array
  readonly rate: Float64Array
  readonly dividendYield: Float64Array
  readonly price: Float64Array
}

export interface VolatilityColumns {
  /** Annual, 1.0 is 100%; zero where the status is not OK. */
  readonly volatility: Float64Array
  /** Numbers of `statusNames`: OK and the others. */
  readonly status: Uint8Array
}

export const volatilityColumns = (rows: number): VolatilityColumns => ({
  volatility: new Float64Array(rows),
  status: new Uint8Array(rows)
})

/** Rows that go from pass to pass at once: their columns fill a third of a cache of 32 kB. */
const BLOCK = 256

/** Of |r| + |q| times 1 + T: a check of the terms that is stricter than `wrongTerm`, and cheap. */
const GREATEST_CARRY = 100

/** Writes one row by `europeanVolatility`, after its checks. */
export const solveRow = (columns: PricedColumns, row: number, out: VolatilityColumns, tally: Tally): void => {
  const sign = columns.sign[row] ?? Number.NaN
  const price = columns.price[row] ?? Number.NaN
  const terms = {
    right: sign > 0 ? ("CALL" as const) : ("PUT" as const),
    spot: columns.spot[row] ?? Number.NaN,
    strike: columns.strike[row] ?? Number.NaN,
    years: columns.years[row] ?? Number.NaN,
    rate: columns.rate[row] ?? Number.NaN,
    dividendYield: columns.dividendYield[row] ?? Number.NaN
  }
  out.volatility[row] = 0
  if (sign * sign !== 1 || !(Math.abs(price) < Infinity) || wrongTerm(terms) !== undefined) {
    out.status[row] = INVALID
    return
  }
  const { dividendYield, rate, spot, strike, years } = terms
  const direction = sign > 0 ? 1 : -1
  const answer = europeanVolatility(direction, spot, strike, years, rate, dividendYield, price, tally)
  if (answer > 0) {
    out.volatility[row] = answer
    out.status[row] = OK
  } else {
    out.status[row] = -answer
  }
}

/** Guesses for the rows from `from` on; those it is not made for are put into `others`, and their number returned. */
const guessBlock = (
  columns: PricedColumns,
  block: DeviationBlock,
  from: number,
  size: number,
  others: Int32Array
): number => {
  const { dividendYield, price, rate, sign, spot, strike, years } = columns
  let count = 0
  for (let i = 0; i < size; i++) {
    const row = from + i
    const t = years[row] ?? Number.NaN
    const r = rate[row] ?? Number.NaN
    const q = dividendYield[row] ?? Number.NaN
    const s = spot[row] ?? Number.NaN
    const k = strike[row] ?? Number.NaN
    const value = price[row] ?? Number.NaN
    const direction = sign[row] ?? Number.NaN
    const a = s * expWithin(-q * t)
    const b = k * expWithin(-r * t)
    const isCall = direction > 0
    const upper = isCall ? a : b
    const other = isCall ? b : a
    const forward = upper - other
    const isIn = forward > 0
    const gap = upper - value
    const timeValue = isIn ? value - forward - (upper - forward - other) : value
    const lesser = isIn ? other : upper
    const greater = isIn ? upper : other
    const moneyness = Math.abs(logNormal(s / k) + (r - q) * t)
    if (
      isGuessed(moneyness, lesser, greater, timeValue) &&
      gap > 0 &&
      t > 0 &&
      (Math.abs(r) + Math.abs(q)) * (1 + t) < GREATEST_CARRY &&
      direction * direction === 1
    ) {
      guessInto(block, i, moneyness, lesser, greater, timeValue, gap)
    } else {
      // An option at the money that is worth half of its bound: the steps can be taken.
      block.moneyness[i] = 0
      block.side[i] = -1
      block.inverse[i] = 2
      block.deviation[i] = 1.349
      others[count++] = row
    }
  }
  return count
}

/** Volatility and status of each row into columns of the same length; returns how many rows two steps were not enough for. */
export const impliedVolatilitiesInto = (columns: PricedColumns, out: VolatilityColumns): Tally => {
  const tally: Tally = { searched: 0, bisections: 0 }
  const block = deviationBlock(BLOCK)
  const others = new Int32Array(BLOCK)
  const { deviation, step } = block
  const { status, volatility } = out
  const { years } = columns
  const rows = years.length
  for (let from = 0; from < rows; from += BLOCK) {
    const size = Math.min(BLOCK, rows - from)
    const count = guessBlock(columns, block, from, size, others)
    firstStep(block, size)
    secondStep(block, size)
    for (let i = 0; i < size; i++) {
      const row = from + i
      const s = deviation[i] ?? 0
      if (isSolved(s, step[i] ?? 0)) {
        volatility[row] = s / Math.sqrt(years[row] ?? 1)
        status[row] = OK
      } else {
        solveRow(columns, row, out, tally)
      }
    }
    for (let i = 0; i < count; i++) solveRow(columns, others[i] ?? 0, out, tally)
  }
  return tally
}

/** Volatility and status of each row. */
export const impliedVolatilities = (
  columns: PricedColumns
): VolatilityColumns & { readonly tally: Tally } => {
  const out = volatilityColumns(columns.years.length)
  const tally = impliedVolatilitiesInto(columns, out)
  return { ...out, tally }
}
