/** The bars a backtest and a sweep show on a terminal. */
import type { SweepProgress } from "../../../backtest/RunSweep.ts"
import { usd } from "../../Format.ts"
import { leftText, terminalBar } from "../../TerminalBar.ts"

export interface BarStep {
  readonly done: number
  readonly of: number
  /** The last date played. */
  readonly date: string
  /** Micros of a dollar; undefined where nobody tells it. */
  readonly equity: number | undefined
}

/** A bar of one kind of work. */
interface Bar<Step> {
  readonly update: (step: Step, elapsedMillis: number) => void
  readonly stop: () => void
}

const silent: Bar<unknown> = { update: () => undefined, stop: () => undefined }

/** How far, on which date, and the time that is left; nothing where standard error is no terminal. */
export const backtestBar = (): Bar<BarStep> => {
  if (!process.stderr.isTTY) return silent
  const bar = terminalBar("{date}  {equity}  {left} left")
  /** Where this try began. */
  let begun: number | undefined
  return {
    update: ({ date, done, equity, of }, elapsedMillis) => {
      begun ??= done
      const payload = {
        date,
        equity: equity === undefined ? "" : `equity ${usd(equity)}`,
        left: leftText({ done, of }, begun, elapsedMillis)
      }
      bar.update(done, of, payload, elapsedMillis)
    },
    stop: bar.stop
  }
}

/** Points done and the time that is left; nothing where standard error is no terminal. */
export const sweepBar = (what = "points"): Bar<SweepProgress> => {
  if (!process.stderr.isTTY) return silent
  const bar = terminalBar(`{value} of {total} ${what}  {left} left`)
  /** Points that were there before the first one of this try. */
  let begun: number | undefined
  return {
    update: ({ done, points }, elapsedMillis) => {
      begun ??= done - 1
      bar.update(done, points, { left: leftText({ done, of: points }, begun, elapsedMillis) }, elapsedMillis)
    },
    stop: bar.stop
  }
}
