/**
 * The WebAssembly kernels (kernels/assembly), compiled when they are first asked for.
 *
 * A kernel works on columns in the memory of its module: column j of so many rows begins `j·stride` bytes after the
 * first, and after the last stands a byte a row, where it marks 1 for a row done and 0 for one it leaves. Memory is
 * shared, so that several threads can work on one batch.
 */
import { kernelBytes } from "./KernelBytes.ts"

export type KernelName = "blackScholes" | "impliedVolatility"

/** Constants and scratch of the module lie below; columns begin here. */
const BASE = 65_536
const PAGE = 65_536

/** Pages of a WebAssembly memory with 32-bit addresses: 4 GiB. */
const MAX_PAGES = 65_535

/** Undefined until asked for; null where this machine has no SIMD or no shared memory. */
let compiled: WebAssembly.Module | null | undefined

/** The kernels; undefined where the machine cannot run them, and the TypeScript kernels have to do. */
export const kernelModule = (): WebAssembly.Module | undefined => {
  if (compiled === undefined) {
    try {
      const bytes = Uint8Array.from(atob(kernelBytes), (character) => character.charCodeAt(0))
      compiled = new WebAssembly.Module(bytes)
    } catch {
      compiled = null
    }
  }
  return compiled ?? undefined
}

/** A memory with columns, and the kernels on it. */
export interface KernelMemory {
  readonly memory: WebAssembly.Memory
  /** Bytes: where the first column begins, and from one to the next. */
  readonly base: number
  readonly stride: number
  /** The column of that index, from 0. */
  readonly column: (index: number) => Float64Array
  /** A byte a row: 1 where the last run did it. */
  readonly marks: Uint8Array
  /** Rows [from, to); `from` is even. Of one memory, `impliedVolatility` runs on one thread at a time. */
  readonly run: (kernel: KernelName, from: number, to: number) => void
}

/** Room for so many columns of so many rows; undefined where there are no kernels, or not that much memory. */
export const kernelMemory = (rows: number, columns: number): KernelMemory | undefined => {
  // Two rows at a time, so an odd one has a neighbour that nobody sees.
  const stride = 16 * Math.ceil(rows / 2)
  const pages = Math.ceil((BASE + columns * stride + rows + 2) / PAGE)
  const module = kernelModule()
  if (module === undefined || pages > MAX_PAGES) return undefined
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    const { exports } = new WebAssembly.Instance(module, { env: { memory } })
    return {
      memory,
      base: BASE,
      stride,
      column: (index) => new Float64Array(memory.buffer, BASE + index * stride, rows),
      marks: new Uint8Array(memory.buffer, BASE + columns * stride, rows),
      run: (kernel, from, to) => {
        const run = exports[kernel]
        if (typeof run === "function") run(BASE, stride, from, to)
      }
    }
  } catch {
    // Not that much memory.
    return undefined
  }
}
