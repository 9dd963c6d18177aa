/** The file of interest rates of a LEAN data folder; a folder without one has none. */
import { Effect, type FileSystem, Option, type Path } from "effect"
import { badMarketData } from "../BarRows.ts"
import type { BarSourceError } from "../BarSource.ts"
import type { BadRow } from "../MarketData.ts"
import { filesBelow } from "./LeanFiles.ts"
import { decodeInterestRates, type RateRow } from "./LeanInterestRate.ts"

const BELOW = ["alternative", "interest-rate", "usa"] as const
const FILE = "interest-rate.csv"

export interface LeanRates {
  /** Oldest first. */
  readonly rows: ReadonlyArray<RateRow>
  /** Left out. */
  readonly bad: ReadonlyArray<BadRow>
}

/** Reads the rates; a bad row fails with `BadMarketData` unless those are to be skipped. */
export const readLeanRates = Effect.fn("LeanRates.read")(function* (settings: {
  /** The folder that holds `alternative`. */
  readonly path: string
  readonly skipBadRows: boolean
}): Effect.fn.Return<LeanRates, BarSourceError, FileSystem.FileSystem | Path.Path> {
  const files = yield* filesBelow(settings.path, ...BELOW)
  const text = Option.getOrElse(yield* files.text(FILE), () => "")
  const { bad, rows } = decodeInterestRates([...BELOW, FILE].join("/"), text)
  if (bad.length > 0 && !settings.skipBadRows) return yield* badMarketData(bad)
  return { rows, bad }
})
