/** How far apart a file's rows are, and what that makes of it. */
import { Result } from "effect"
import type { Resolution } from "../../domain/Quote.ts"
import { MICROS_PER_MINUTE } from "../../domain/Timestamp.ts"

const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE
const MICROS_PER_DAY = 24 * MICROS_PER_HOUR

/** A day and its neighbours across a change of daylight saving. */
const NEARLY_A_DAY = 20 * MICROS_PER_HOUR
/** Most steps of a short daily file may lead over a long weekend, none of a weekly one is shorter than this. */
const LONGEST_DAILY_STEP = 5 * MICROS_PER_DAY

const intervals: ReadonlyMap<number, Resolution> = new Map([
  [MICROS_PER_MINUTE, "1m"],
  [5 * MICROS_PER_MINUTE, "5m"],
  [MICROS_PER_HOUR, "1h"]
])

/** The step most rows make; of equally many, the shortest. None when all rows are of one moment. */
const commonStep = (ascending: ReadonlyArray<number>): number | undefined => {
  const counts = new Map<number, number>()
  let previous = ascending[0] ?? 0
  for (const at of ascending) {
    const step = at - previous
    previous = at
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1)
  }
  let best: readonly [step: number, count: number] | undefined
  for (const [step, count] of counts) {
    if (best === undefined || count > best[1] || (count === best[1] && step < best[0])) best = [step, count]
  }
  return best?.[0]
}

const inWords = (step: number): string => {
  if (step % MICROS_PER_DAY === 0) return `${step / MICROS_PER_DAY} days`
  return step % MICROS_PER_MINUTE === 0
    ? `${step / MICROS_PER_MINUTE} minutes`
    : `${step / 1_000_000} seconds`
}

/**
 * The resolution that the commonest step between rows says; or, in words, what it is instead.
 *
 * @param instants micros of every row, in any order (days: midnights)
 * @param wholeDays the rows have no time of day, or midnight
 */
export const resolutionOf = (
  instants: ReadonlyArray<number>,
  wholeDays: boolean
): Result.Result<Resolution, string> => {
  const step = commonStep(instants.toSorted((a, b) => a - b))
  if (step === undefined) {
    return wholeDays
      ? Result.succeed("1d")
      : Result.fail("one moment does not tell how far apart rows are: expected two rows at least")
  }
  const resolution = intervals.get(step)
  if (resolution !== undefined) return Result.succeed(resolution)
  if (step >= NEARLY_A_DAY && step <= LONGEST_DAILY_STEP) return Result.succeed("1d")
  return Result.fail(
    `rows are mostly ${inWords(step)} apart; expected bars of 1 minute, 5 minutes, 1 hour or 1 day`
  )
}
