/**
 * The windows of a walk-forward: a stretch to choose parameters on, and the one
 * after it to try them on (R. Pardo, "The Evaluation and Optimization of Trading
 * Strategies", 2nd ed. 2008, chapter 11). Test stretches follow each other
 * without a gap; the last one may be short. Pure.
 */
import { Result } from "effect"
import { BadRequest } from "../RobustnessError.ts"

/** Sessions by their number from 0: `from` is the first, `until` the one after the last. */
export interface Span {
  readonly from: number
  readonly until: number
}

export interface Window {
  /** In-sample. */
  readonly train: Span
  /** Out-of-sample. */
  readonly test: Span
}

export type Windows = readonly [Window, ...ReadonlyArray<Window>]

/** Lengths are sessions. */
export interface WindowLengths {
  readonly train: number
  readonly test: number
  /** Between the two, on which nothing is chosen or tried: what a label or a position of the one reaches into the other. */
  readonly embargo: number
  /** Every train stretch begins with the first session; else it rolls along. */
  readonly anchored: boolean
}

/** A deviation needs two returns. */
const LEAST_LENGTH = 2

export const lengthOf = ({ from, until }: Span): number => until - from

const bad = (message: string) => Result.fail(new BadRequest({ message }))

const sessionsText = (count: number): string => `${count} session${count === 1 ? "" : "s"}`

/** What cannot be windows over so many sessions is told with how many there are. */
export const windowsOf = (
  { anchored, embargo, test, train }: WindowLengths,
  sessions: number
): Result.Result<Windows, BadRequest> => {
  for (const [name, length] of [
    ["train", train],
    ["test", test]
  ] as const) {
    if (!(Number.isInteger(length) && length >= LEAST_LENGTH)) {
      return bad(
        `a ${name} window of ${sessionsText(length)}: expected a whole number from ${LEAST_LENGTH}, for a Sharpe ratio needs ${LEAST_LENGTH} returns`
      )
    }
  }
  if (!(Number.isInteger(embargo) && embargo >= 0)) {
    return bad(`an embargo of ${embargo}: expected a whole number of sessions from 0`)
  }
  const needed = train + embargo + test
  if (needed > sessions) {
    const sum = [`train ${train}`, ...(embargo === 0 ? [] : [`embargo ${embargo}`]), `test ${test}`]
    return bad(
      `${sum.join(" + ")} is ${sessionsText(needed)}, and there are ${sessions}: take shorter windows or a longer period`
    )
  }
  const at = (begin: number): Window => {
    const end = begin - embargo
    return {
      train: { from: anchored ? 0 : end - train, until: end },
      test: { from: begin, until: Math.min(sessions, begin + test) }
    }
  }
  const rest: Array<Window> = []
  for (let begin = train + embargo + test; begin < sessions; begin += test) rest.push(at(begin))
  return Result.succeed([at(train + embargo), ...rest])
}
