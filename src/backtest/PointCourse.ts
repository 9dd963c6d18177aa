/** What playing a point of a sweep gives before its figures: of either way to play it. */
import { MICROS } from "../domain/Money.ts"
import type { BacktestFailure } from "./BacktestResult.ts"
import type { Played } from "./Played.ts"
import { turnsOf } from "./Sweep.ts"

/** Micros at closes, and how often a position was opened and closed. */
export interface Course {
  readonly equity: Float64Array
  readonly entries: number
  readonly exits: number
}

/** Of what the engine played. */
export const courseOf = ({ equity, fills }: Pick<Played, "equity" | "fills">): Course => ({
  // Dollars that are micros ÷ 10⁶: the product is nearer to its integer than to any other.
  equity: equity.map((dollars) => Math.round(dollars * MICROS)),
  ...turnsOf(fills)
})

export const isSameCourse = (a: Course, b: Course): boolean =>
  a.entries === b.entries && a.exits === b.exits && a.equity.every((value, i) => value === b.equity[i])

/** A signal rule's own failure. */
export const ruleThrew = (cause: unknown): BacktestFailure => ({
  kind: "threw",
  message: `the signal rule threw: ${cause instanceof Error ? cause.message : String(cause)}`,
  ...(cause instanceof Error && cause.stack !== undefined ? { stack: cause.stack } : {})
})
