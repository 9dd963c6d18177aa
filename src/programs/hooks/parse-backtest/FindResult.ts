/** Where a LEAN backtest left its result. */
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import type { BacktestRun } from "./LeanCommand.ts"

/** A larger file is not read; its summary is. */
export const MAX_RESULT_BYTES = 32 * 1024 * 1024

/** File systems and containers round the times of files. */
const SLACK_MILLIS = 2_000

export interface FoundResult {
  readonly _tag: "Found"
  readonly folder: string
  readonly file: string
}

export type Search =
  | FoundResult
  /** Nothing was left there since the run began. */
  | { readonly _tag: "Missing"; readonly looked: string; readonly older: string | undefined }
  | { readonly _tag: "TooLarge"; readonly file: string; readonly bytes: number }

const modifiedMillis = (path: string): number => {
  try {
    return statSync(path).mtimeMs
  } catch {
    return Number.NEGATIVE_INFINITY
  }
}

const namesIn = (folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** The result, the summary after it: `<id>.json` and `<id>-summary.json`. */
const resultsIn = (folder: string): ReadonlyArray<string> => {
  const names = namesIn(folder).filter(
    (name) =>
      name.endsWith(".json") && !/-order-events\.json$|^data-monitor-report|^config\.json$/u.test(name)
  )
  const newestFirst = (some: ReadonlyArray<string>): ReadonlyArray<string> =>
    some
      .map((name) => join(folder, name))
      .toSorted((one, other) => modifiedMillis(other) - modifiedMillis(one))
  const isSummary = (name: string): boolean => name.endsWith("-summary.json")
  return [...newestFirst(names.filter((name) => !isSummary(name))), ...newestFirst(names.filter(isSummary))]
}

/** `backtests/YYYY-MM-DD_HH-MM-SS`: their names sort as their times do. */
const newestFolder = (project: string): string | undefined => {
  const backtests = join(project, "backtests")
  const names = namesIn(backtests).filter((name) => /^\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}/u.test(name))
  const [name] = names.toSorted((one, other) => (one < other ? 1 : one > other ? -1 : 0))
  return name === undefined ? undefined : join(backtests, name)
}

/** The result of a run that began at `sinceMillis`. */
export const findResult = (run: BacktestRun, sinceMillis: number): Search => {
  const looked = run.output ?? join(run.project, "backtests")
  const folder = run.output ?? newestFolder(run.project)
  if (folder === undefined) return { _tag: "Missing", looked, older: undefined }
  const files = resultsIn(folder)
  const fresh = files.filter((file) => modifiedMillis(file) >= sinceMillis - SLACK_MILLIS)
  if (fresh.length === 0) return { _tag: "Missing", looked, older: files.length === 0 ? undefined : folder }
  let tooLarge: Search | undefined
  for (const file of fresh) {
    const bytes = statSync(file).size
    if (bytes <= MAX_RESULT_BYTES) return { _tag: "Found", folder, file }
    tooLarge ??= { _tag: "TooLarge", file, bytes }
  }
  return tooLarge ?? { _tag: "Missing", looked, older: undefined }
}
