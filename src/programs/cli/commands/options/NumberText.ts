/** Numbers as text that gives the same double again. */
import { Result } from "effect"

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u

/** Longer than any double needs, of what a message repeats. */
const MAX_SHOWN = 40

/** A finite double; or, in words, what the text is instead. */
export const readNumber = (text: string): Result.Result<number, string> => {
  const trimmed = text.trim()
  if (trimmed === "") return Result.fail("is empty: expected a number")
  if (!decimal.test(trimmed)) {
    return Result.fail(`is "${trimmed.slice(0, MAX_SHOWN)}": expected a number such as 0.25 or 1e-3`)
  }
  const value = Number(trimmed)
  return Number.isFinite(value)
    ? Result.succeed(value)
    : Result.fail(`is "${trimmed.slice(0, MAX_SHOWN)}": that is more than a double holds`)
}

/** The shortest text that reads back as the same double, the sign of a zero included. */
export const shortest = (value: number): string => (Object.is(value, -0) ? "-0" : String(value))
