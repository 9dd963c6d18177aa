/** The same paths by WebAssembly (kernels/assembly/bootstrap.ts), four at a time where they are drawn one by one. */
import type { PathColumns, PathMethod, PathSource } from "../PathKernel.ts"
import { bootstrapBytes } from "./BootstrapBytes.ts"

/** The table begins here; below is the module's own. */
const BASE = 1024
const BYTES_OF_PAGE = 65_536

/** Paths walked at once, a multiple of four: their columns stay in a processor's cache. */
export const PATHS_AT_ONCE = 4096

/** Undefined until asked for; null where this machine has no SIMD. */
let compiled: WebAssembly.Module | null | undefined

/** Undefined where the machine cannot run it, and the TypeScript kernel has to do. */
export const bootstrapModule = (): WebAssembly.Module | undefined => {
  if (compiled === undefined) {
    try {
      const bytes = Uint8Array.from(atob(bootstrapBytes), (character) => character.charCodeAt(0))
      compiled = new WebAssembly.Module(bytes)
    } catch {
      compiled = null
    }
  }
  return compiled ?? undefined
}

/** Where things are in the module's memory, in bytes, and the arguments of a call but for its paths. */
export interface BootstrapCall {
  readonly pages: number
  readonly table: number
  readonly falls: number
  readonly growths: number
  readonly method: PathMethod
  /** Of `method`, the number of the first path and how many instead of the two holes. */
  readonly before: ReadonlyArray<number>
  readonly after: ReadonlyArray<number>
}

export const bootstrapCall = ({ halves, keys, length, method, restart }: PathSource): BootstrapCall => {
  const size = halves.length
  const falls = BASE + 16 * Math.ceil(size / 2)
  const growths = falls + 8 * PATHS_AT_ONCE
  const scratch = growths + 8 * PATHS_AT_ONCE
  const end = scratch + (method === "shuffle" ? 8 * size : 0)
  const sizes = method === "shuffle" ? [BASE, size] : [BASE, size, length]
  const more = { iid: [], block: [restart], shuffle: [scratch] }[method]
  return {
    pages: Math.ceil(end / BYTES_OF_PAGE),
    table: BASE,
    falls,
    growths,
    method,
    before: [...sizes, keys.first, keys.second],
    after: [falls, growths, ...more]
  }
}

/** Walks paths from `first` on, as many as the columns have rows. */
export type PathWalker = (first: number, columns: PathColumns) => void

/** Undefined where there is no WebAssembly for it. */
export const bootstrapWalker = (source: PathSource): PathWalker | undefined => {
  const module = bootstrapModule()
  if (module === undefined) return undefined
  const call = bootstrapCall(source)
  const memory = new WebAssembly.Memory({ initial: call.pages, maximum: call.pages })
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const walk = exports[call.method]
  if (typeof walk !== "function") return undefined
  new Float64Array(memory.buffer, call.table, source.halves.length).set(source.halves)
  const falls = new Float64Array(memory.buffer, call.falls, PATHS_AT_ONCE)
  const growths = new Float64Array(memory.buffer, call.growths, PATHS_AT_ONCE)
  return (first, columns) => {
    const paths = columns.falls.length
    for (let done = 0; done < paths; done += PATHS_AT_ONCE) {
      const some = Math.min(PATHS_AT_ONCE, paths - done)
      walk(...call.before, first + done, 4 * Math.ceil(some / 4), ...call.after)
      columns.falls.set(falls.subarray(0, some), done)
      columns.growths.set(growths.subarray(0, some), done)
    }
  }
}
