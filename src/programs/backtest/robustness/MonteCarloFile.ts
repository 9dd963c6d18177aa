/** Which paths of a Monte Carlo have been walked, and what they came to. */
import { endianness } from "node:os"
import { idOf } from "../../../backtest/BacktestId.ts"
import type { MonteCarloPlan } from "../../../backtest/robustness/montecarlo/MonteCarloPlan.ts"
import type { PathColumns } from "../../../backtest/robustness/montecarlo/PathKernel.ts"
import { version } from "../../Version.ts"
import type { KeptWork } from "./Unfinished.ts"

export interface WalkedPaths {
  readonly columns: PathColumns
  /** One a path, 1 where it has been walked. */
  readonly isWalked: Uint8Array
}

const bytesOf = ({ buffer, byteLength, byteOffset }: Float64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

const numbersOf = (bytes: Uint8Array): Float64Array => new Float64Array(Uint8Array.from(bytes).buffer)

/** Of these returns, drawn in this way. The file is three columns of as many paths: walked, falls, growths, as they lie in memory. */
export const keptPaths = ({
  block,
  length,
  method,
  paths,
  seed,
  series
}: MonteCarloPlan): KeptWork<WalkedPaths> => ({
  id: idOf(series.name, {
    program: version,
    method,
    paths,
    seed,
    length,
    block: block?.length ?? null,
    returns: Array.from(series.returns),
    memory: endianness()
  }),
  what: "Monte Carlo",
  encode: ({ columns: { falls, growths }, isWalked }) =>
    Buffer.concat([isWalked, bytesOf(falls), bytesOf(growths)]),
  decode: (bytes) =>
    bytes.length === 17 * paths
      ? {
          isWalked: Uint8Array.from(bytes.subarray(0, paths)),
          columns: {
            falls: numbersOf(bytes.subarray(paths, 9 * paths)),
            growths: numbersOf(bytes.subarray(9 * paths))
          }
        }
      : undefined
})
