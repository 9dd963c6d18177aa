/**
 * `impliedVolatilitiesInto` by the WebAssembly kernel, two rows at a time.
 *
 * Its numbers are those of the plain kernel but for the last digits: its exponential takes another way, and sums are taken in
 * another order. Rows that it leaves go through `europeanVolatility`, as in the plain one.
 */
import { OK, type Tally } from "./ImpliedVolatility.ts"
import { type PricedColumns, solveRow, type VolatilityColumns } from "./ImpliedVolatilityBatch.ts"

/** What the module has for it: kernels/assembly/impliedVolatility.ts. */
export interface VectorKernel {
  readonly memory: { readonly buffer: ArrayBufferLike }
  /** The first byte of its memory that is free, a multiple of 16; from there on `BYTES_NEEDED` are used. */
  readonly base: number
  readonly impliedVolatility: (base: number, stride: number, from: number, to: number) => number
}

/** Rows that are copied into the module's memory and out of it at once: they stay in the second cache. */
const BLOCK = 1024
const STRIDE = 8 * BLOCK
const INPUTS = ["sign", "spot", "strike", "years", "rate", "dividendYield", "price"] as const

/** Seven columns in, one out, and a byte a row. */
export const BYTES_NEEDED: number = (INPUTS.length + 1) * STRIDE + BLOCK

/** Volatility and status of each row into columns of the same length; returns how many rows two steps were not enough for. */
export const vectorVolatilitiesInto = (
  kernel: VectorKernel,
  columns: PricedColumns,
  out: VolatilityColumns
): Tally => {
  const tally: Tally = { searched: 0, bisections: 0 }
  const { base, memory } = kernel
  const inputs = INPUTS.map(
    (name, i) => [columns[name], new Float64Array(memory.buffer, base + i * STRIDE, BLOCK)] as const
  )
  const found = new Float64Array(memory.buffer, base + INPUTS.length * STRIDE, BLOCK)
  const done = new Uint8Array(memory.buffer, base + (INPUTS.length + 1) * STRIDE, BLOCK)
  const rows = columns.years.length
  for (let from = 0; from < rows; from += BLOCK) {
    const size = Math.min(BLOCK, rows - from)
    for (const [column, copy] of inputs) {
      const part = column.subarray(from, from + size)
      copy.set(part)
      // A column that is too short has no number in its last rows.
      if (part.length < size) copy.fill(Number.NaN, part.length, size)
    }
    const left = kernel.impliedVolatility(base, STRIDE, 0, size)
    out.volatility.set(size === BLOCK ? found : found.subarray(0, size), from)
    out.status.fill(OK, from, from + size)
    // The row that fills up an odd block may be among those left.
    if (left === 0) continue
    for (let i = 0; i < size; i++) {
      if (done[i] === 0) solveRow(columns, from + i, out, tally)
    }
  }
  return tally
}
