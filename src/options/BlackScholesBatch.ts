/**
 * Price, delta, gamma, vega, theta and rho of many European options at once: columns in, columns out.
 *
 * Three ways, of the same formulas: `priceColumns` over any columns, in TypeScript, the reference; `evaluate` over the
 * columns of an `optionBatch`, two rows at a time where the machine has WebAssembly's SIMD, else as the first; and
 * BlackScholesWorkers.ts on several threads. They agree to the rounding of the last digits, and rows that are not
 * ordinary (no time, no volatility, far tails) go through `europeanGreeks` in each.
 *
 * A row that `checkInputs` would refuse, or whose sign is not ±1, has the status INVALID_ROW and zeros.
 */
import { Result } from "effect"
import { europeanGreeks } from "./BlackScholes.ts"
import {
  BLOCK,
  blackBlock,
  type OptionColumns,
  type PriceColumns,
  priceBlock
} from "./kernels/BlackKernel.ts"
import { type KernelMemory, kernelMemory } from "./kernels/wasm/Kernels.ts"
import { checkInputs } from "./OptionInputs.ts"

export const OK_ROW = 0
export const INVALID_ROW = 1

export interface GreekColumns extends PriceColumns {
  /** OK_ROW or INVALID_ROW. */
  readonly status: Uint8Array
}

/** What became of the rows. */
export interface BatchSummary {
  readonly rows: number
  /** Done by the scalar functions. */
  readonly scalar: number
  readonly invalid: number
}

const optionNames = ["sign", "spot", "strike", "years", "rate", "dividendYield", "volatility"] as const
const greekNames = ["price", "delta", "gamma", "vega", "theta", "rho"] as const

const optionColumnsBy = (column: (index: number) => Float64Array): OptionColumns => ({
  sign: column(0),
  spot: column(1),
  strike: column(2),
  years: column(3),
  rate: column(4),
  dividendYield: column(5),
  volatility: column(6)
})

const greekColumnsBy = (rows: number, column: (index: number) => Float64Array): GreekColumns => ({
  price: column(0),
  delta: column(1),
  gamma: column(2),
  vega: column(3),
  theta: column(4),
  rho: column(5),
  status: new Uint8Array(rows)
})

/** Columns of zeros, to be filled. */
export const optionColumns = (rows: number): OptionColumns => optionColumnsBy(() => new Float64Array(rows))

/** Columns for the results. */
export const greekColumns = (rows: number): GreekColumns => greekColumnsBy(rows, () => new Float64Array(rows))

/** Writes one row by the scalar function, after its checks; false where it is invalid. */
const scalarRow = (columns: OptionColumns, out: GreekColumns, row: number): boolean => {
  const sign = columns.sign[row] ?? Number.NaN
  const checked = checkInputs({
    right: sign > 0 ? "CALL" : "PUT",
    spot: columns.spot[row] ?? Number.NaN,
    strike: columns.strike[row] ?? Number.NaN,
    years: columns.years[row] ?? Number.NaN,
    rate: columns.rate[row] ?? Number.NaN,
    dividendYield: columns.dividendYield[row] ?? Number.NaN,
    volatility: columns.volatility[row] ?? Number.NaN
  })
  if (Result.isFailure(checked) || sign * sign !== 1) {
    for (const name of greekNames) out[name][row] = 0
    out.status[row] = INVALID_ROW
    return false
  }
  const { dividendYield, rate, spot, strike, volatility, years } = checked.success
  const greeks = europeanGreeks(sign > 0 ? 1 : -1, spot, strike, years, rate, dividendYield, volatility)
  for (const name of greekNames) out[name][row] = greeks[name]
  out.status[row] = OK_ROW
  return true
}

/** Every row of the columns, which are of one length, in TypeScript. */
export const priceColumns = (columns: OptionColumns, out: GreekColumns): BatchSummary => {
  const rows = columns.sign.length
  const block = blackBlock()
  let scalar = 0
  let invalid = 0
  out.status.fill(OK_ROW)
  for (let from = 0; from < rows; from += BLOCK) {
    const size = Math.min(BLOCK, rows - from)
    const others = priceBlock(block, columns, out, from, size)
    if (others === 0) continue
    scalar += others
    for (let i = 0; i < size; i++) {
      if (block.inverse[i] === 0 && !scalarRow(columns, out, from + i)) invalid++
    }
  }
  return { rows, scalar, invalid }
}

/** Columns that the fastest kernel of this machine works on where they are. */
export interface OptionBatch {
  readonly rows: number
  readonly options: OptionColumns
  readonly greeks: GreekColumns
  /** The WebAssembly memory that holds the columns; undefined where the TypeScript kernel does the work. */
  readonly memory: KernelMemory | undefined
}

/** A batch of so many options. */
export const optionBatch = (rows: number): OptionBatch => {
  const memory = kernelMemory(rows, optionNames.length + greekNames.length)
  if (memory === undefined) {
    return { rows, options: optionColumns(rows), greeks: greekColumns(rows), memory }
  }
  return {
    rows,
    options: optionColumnsBy(memory.column),
    greeks: greekColumnsBy(rows, (index) => memory.column(optionNames.length + index)),
    memory
  }
}

/** Does what a kernel has left of a batch. */
export const finish = ({ greeks, options, rows }: OptionBatch, marks: Uint8Array): BatchSummary => {
  greeks.status.fill(OK_ROW)
  let scalar = 0
  let invalid = 0
  for (let row = marks.indexOf(0); row !== -1 && row < rows; row = marks.indexOf(0, row + 1)) {
    scalar++
    if (!scalarRow(options, greeks, row)) invalid++
  }
  return { rows, scalar, invalid }
}

/** Every row of the batch, on this thread. */
export const evaluate = (batch: OptionBatch): BatchSummary => {
  const { memory } = batch
  if (memory === undefined) return priceColumns(batch.options, batch.greeks)
  memory.run("blackScholes", 0, batch.rows)
  return finish(batch, memory.marks)
}
