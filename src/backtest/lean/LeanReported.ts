/**
 * What LEAN says of its own run, by its own names: its statistics as they are,
 * the rest behind the name of its place. The rolling windows are not among
 * them: sixty figures for each of four windows a month.
 */
import type { LeanResult } from "./LeanResult.ts"

type Values = Readonly<Record<string, string | number | boolean | null>> | null | undefined

const placed = (place: string, values: Values): ReadonlyArray<readonly [string, string]> =>
  Object.entries(values ?? {}).flatMap(([name, value]) =>
    value === null || value === "" ? [] : [[`${place}${name}`, String(value)] as const]
  )

/** `notes` are ours: what was left out, and what to mind. */
export const leanReported = (result: LeanResult, notes: ReadonlyArray<string>): Record<string, string> =>
  Object.fromEntries([
    ...placed("", result.statistics),
    ...placed("Runtime: ", result.runtimeStatistics),
    ...placed("Portfolio: ", result.totalPerformance?.portfolioStatistics),
    ...placed("Trades: ", result.totalPerformance?.tradeStatistics),
    ...placed("State: ", result.state),
    ...placed("Server: ", result.serverStatistics),
    ...(result.analysis ?? []).map(
      ({ count, issue, name }) =>
        [
          `Analysis: ${name}`,
          `${issue ?? "an issue"}${typeof count === "number" ? ` (${count} times)` : ""}`
        ] as const
    ),
    ...notes.map((note, at) => [`Note ${at + 1}`, note] as const)
  ])
