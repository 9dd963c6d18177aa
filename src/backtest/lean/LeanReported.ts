/**
 * What LEAN says of its own run, by its own names: its statistics as they are,
 * the rest behind the name of its place. Not among them are the rolling windows,
 * sixty figures for each of four windows a month, and what differs from one run
 * to the next of the same algorithm: its times, the computer's name and load.
 */
import type { LeanResult } from "./LeanResult.ts"

type Values = Readonly<Record<string, string | number | boolean | null>> | null | undefined

const placed = (place: string, values: Values): ReadonlyArray<readonly [string, string]> =>
  Object.entries(values ?? {}).flatMap(([name, value]) =>
    value === null || value === "" ? [] : [[`${place}${name}`, String(value)] as const]
  )

/** Of a run's state, what is the same each time. */
const repeated = new Set(["status", "runtimeError", "stackTrace", "orderCount", "insightCount"])

const repeatedState = (state: LeanResult["state"]): Values =>
  Object.fromEntries(Object.entries(state ?? {}).filter(([name]) => repeated.has(name)))

/** `notes` are ours: what was left out, and what to mind. */
export const leanReported = (result: LeanResult, notes: ReadonlyArray<string>): Record<string, string> =>
  Object.fromEntries([
    ...placed("", result.statistics),
    ...placed("Runtime: ", result.runtimeStatistics),
    ...placed("Portfolio: ", result.totalPerformance?.portfolioStatistics),
    ...placed("Trades: ", result.totalPerformance?.tradeStatistics),
    ...placed("State: ", repeatedState(result.state)),
    ...(result.analysis ?? []).map(
      ({ count, issue, name }) =>
        [
          `Analysis: ${name}`,
          `${issue ?? "an issue"}${typeof count === "number" ? ` (${count} times)` : ""}`
        ] as const
    ),
    ...notes.map((note, at) => [`Note ${at + 1}`, note] as const)
  ])
