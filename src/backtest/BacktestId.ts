/** What a backtest is called, and the hash of what came of it. */
import { hash } from "node:crypto"
import canonicalize from "canonicalize"
import type { BacktestInputs } from "./BacktestInputs.ts"
import type { BacktestContent } from "./BacktestResult.ts"

/** Digits of the hash that a name ends in: two of a million backtests share one once in two million tries. */
const DIGITS = 10

/** Characters of the algorithm that a name begins with. */
const LONGEST_NAME = 48

/** SHA-256, hex, of a value's canonical JSON (RFC 8785): the order of keys does not matter. */
const hashOf = (value: unknown): string => hash("sha256", canonicalize(value) ?? "", "hex")

/** An algorithm's name as a folder may have it: letters, digits and single dashes. */
const folderName = (name: string): string => {
  const plain = name
    .replaceAll(/[^A-Za-z0-9]+/gu, "-")
    .slice(0, LONGEST_NAME)
    .replaceAll(/^-|-$/gu, "")
  return plain === "" ? "backtest" : plain
}

/** A name of the algorithm and a hash of everything that `value` says. */
export const idOf = (algorithm: string, value: unknown): string =>
  `${folderName(algorithm)}-${hashOf(value).slice(0, DIGITS)}`

/** Whether a name is of this algorithm, or of another that comes to the same as a folder. */
export const isIdOf = (algorithm: string, name: string): boolean =>
  isBacktestId(name) && name.slice(0, -DIGITS - 1) === folderName(algorithm)

/** "sma-cross-3f9a0c1b2d": the algorithm and a hash of everything the result depends on. */
export const backtestId = (inputs: BacktestInputs): string => idOf(inputs.algorithm.name, inputs)

/** The hash two results of the same inputs have to have in common. */
export const resultHash = (content: BacktestContent): string => hashOf(content)

/** Whether a folder may be a backtest's: sweeps and others are beside them. */
export const isBacktestId = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9-]*-[0-9a-f]{10}$/u.test(name)
