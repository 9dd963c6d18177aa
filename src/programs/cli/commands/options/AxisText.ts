/** The axes of a scenario as they are typed: "±10%", "-20%..10%", "80..120", "90,95,100". */
import { Result } from "effect"
import { readNumber } from "./NumberText.ts"

/** Values of an axis. */
const MAX_VALUES = 201

/** Steps of a range: odd, so that the middle of a symmetric one is there. */
const RANGE_STEPS = 9

const evenly = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: RANGE_STEPS }, (_, i) =>
    // Both ends exactly.
    i === RANGE_STEPS - 1 ? to : from + ((to - from) * i) / (RANGE_STEPS - 1)
  )

const shown = (text: string): string => `"${text.slice(0, 40)}"`

const numbers = (parts: ReadonlyArray<string>): Result.Result<ReadonlyArray<number>, string> => {
  const values: Array<number> = []
  for (const part of parts) {
    const value = readNumber(part)
    if (Result.isFailure(value)) return Result.fail(`a value ${value.failure}`)
    values.push(value.success)
  }
  return values.length <= MAX_VALUES
    ? Result.succeed(values)
    : Result.fail(`it has ${values.length} values: expected at most ${MAX_VALUES}`)
}

/** The numbers of a list, of a range, or of a symmetric one. */
const plain = (text: string): Result.Result<ReadonlyArray<number>, string> => {
  const both = /^(?:±|\+-|\+\/-)(?<size>.*)$/u.exec(text)?.groups?.["size"]
  if (both !== undefined) {
    return Result.map(numbers([both]), ([size = 0]) => evenly(-Math.abs(size), Math.abs(size)))
  }
  const range = text.split("..")
  if (range.length === 2) {
    return Result.map(numbers(range), ([from = 0, to = 0]) => evenly(Math.min(from, to), Math.max(from, to)))
  }
  return Result.map(numbers(text.split(",")), (values) => [...new Set(values)].toSorted((a, b) => a - b))
}

/** Prices about `spot`: of percentages, the changes from it. */
export const readSpots = (typed: string, spot: number): Result.Result<ReadonlyArray<number>, string> => {
  const text = typed.replaceAll(/\s/gu, "")
  const relative = text.includes("%")
  const values = plain(text.replaceAll("%", ""))
  if (Result.isFailure(values)) {
    return Result.fail(
      `--spots ${shown(typed)}: ${values.failure}; expected such as ±10%, 80..120 or 90,95,100`
    )
  }
  const isSymmetric = /^(?:±|\+)/u.test(text)
  if (isSymmetric && !relative) {
    return Result.fail(`--spots ${shown(typed)}: a change is a percentage; expected such as ±10%`)
  }
  const prices = values.success.map((value) => (relative ? spot * (1 + value / 100) : value))
  return prices.every((price) => price > 0 && price < Infinity)
    ? Result.succeed(prices)
    : Result.fail(`--spots ${shown(typed)}: a price is above zero`)
}

/** Changes of volatility, per 1.00, from points. */
export const readShifts = (typed: string): Result.Result<ReadonlyArray<number>, string> => {
  const values = plain(typed.replaceAll(/\s/gu, ""))
  return Result.isFailure(values)
    ? Result.fail(
        `--vols ${shown(typed)}: ${values.failure}; expected points of volatility such as ±5, -10..10 or -5,0,5`
      )
    : Result.succeed(values.success.map((points) => points / 100))
}

/** Years from calendar days. */
export const readDays = (typed: string): Result.Result<ReadonlyArray<number>, string> => {
  const values = plain(typed.replaceAll(/\s/gu, ""))
  if (Result.isFailure(values)) {
    return Result.fail(
      `--days ${shown(typed)}: ${values.failure}; expected days from now such as 0,10,30 or 0..30`
    )
  }
  return values.success.every((days) => days >= 0)
    ? Result.succeed(values.success.map((days) => days / 365))
    : Result.fail(`--days ${shown(typed)}: days from now are zero or more`)
}
