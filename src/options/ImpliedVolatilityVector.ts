/**
 * Implied volatilities of many European options by the fastest kernel of this machine: the WebAssembly one of
 * kernels/assembly/impliedVolatility.ts, two rows at a time, or the plain one of ImpliedVolatilityBatch.ts.
 *
 * Statuses are the same; volatilities are but for the last digits, for its exponential takes another way. Rows that it leaves
 * go through `europeanVolatility`, as in the plain one.
 */
import { OK, type Tally } from "./ImpliedVolatility.ts"
import {
  impliedVolatilitiesInto,
  type PricedColumns,
  solveRow,
  type VolatilityColumns
} from "./ImpliedVolatilityBatch.ts"
import { type KernelMemory, kernelMemory } from "./kernels/wasm/Kernels.ts"

/** Rows that are copied into the module's memory and out of it at once: they stay in the second cache. */
const BLOCK = 1024

const INPUTS = ["sign", "spot", "strike", "years", "rate", "dividendYield", "price"] as const

/** A block's memory: undefined until asked for, null where there are no kernels. */
let block: KernelMemory | null | undefined

/** Volatility and status of each row into columns of the same length; returns how many rows two steps were not enough for. */
export const vectorVolatilitiesInto = (columns: PricedColumns, out: VolatilityColumns): Tally => {
  block ??= kernelMemory(BLOCK, INPUTS.length + 1) ?? null
  return block === null ? impliedVolatilitiesInto(columns, out) : solveBy(block, columns, out)
}

const solveBy = (memory: KernelMemory, columns: PricedColumns, out: VolatilityColumns): Tally => {
  const tally: Tally = { searched: 0, bisections: 0 }
  const inputs = INPUTS.map((name, i) => [columns[name], memory.column(i)] as const)
  const found = memory.column(INPUTS.length)
  const { marks } = memory
  const rows = columns.years.length
  for (let from = 0; from < rows; from += BLOCK) {
    const size = Math.min(BLOCK, rows - from)
    for (const [column, copy] of inputs) {
      const part = column.subarray(from, from + size)
      copy.set(part)
      // A column that is too short has no number in its last rows.
      if (part.length < size) copy.fill(Number.NaN, part.length, size)
    }
    memory.run("impliedVolatility", 0, size)
    out.volatility.set(size === BLOCK ? found : found.subarray(0, size), from)
    out.status.fill(OK, from, from + size)
    for (let i = marks.indexOf(0); i !== -1 && i < size; i = marks.indexOf(0, i + 1)) {
      solveRow(columns, from + i, out, tally)
    }
  }
  return tally
}
