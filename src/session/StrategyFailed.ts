/** A strategy's own code has failed: it threw, or asked for what makes no sense. */
import { Schema } from "effect"
import { SessionDate, Timestamp, toIso } from "../domain/Timestamp.ts"

export class StrategyFailed extends Schema.TaggedError<StrategyFailed>()("StrategyFailed", {
  strategy: Schema.String,
  date: SessionDate,
  /** The decision point. */
  at: Timestamp,
  message: Schema.String
}) {}

/** "breakout-stop.ts:41": the innermost place of a stack, without the query that a module was loaded with. */
const placeOf = (cause: unknown): string | undefined => {
  const stack = cause instanceof Error ? (cause.stack ?? "") : ""
  const found = /\n\s+at .*?(?<file>[^/\s()]+?\.[cm]?[jt]s)(?:\?[^\s:]*)?:(?<line>\d+):\d+\)?/u.exec(
    stack
  )?.groups
  return found === undefined ? undefined : `${found["file"]}:${found["line"]}`
}

export const strategyFailed = (
  strategy: string,
  { at, date }: { readonly date: SessionDate; readonly at: Timestamp },
  cause: unknown
): StrategyFailed => {
  const place = placeOf(cause)
  const what = cause instanceof Error ? cause.message : String(cause)
  return new StrategyFailed({
    strategy,
    date,
    at,
    message: `strategy ${strategy} failed in the session of ${date}, at ${toIso(at)}: ${what}${place === undefined ? "" : ` (${place})`}`
  })
}
