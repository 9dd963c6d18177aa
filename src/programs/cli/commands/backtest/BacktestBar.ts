/** The bar a backtest shows on a terminal. */
import cliProgress from "cli-progress"
import { usd } from "../../Format.ts"
import { leftText } from "./SensitivityProgress.ts"

/** A backtest that is over sooner shows none. */
const SHOWN_AFTER_MILLIS = 2000

export interface BarStep {
  readonly done: number
  readonly of: number
  /** The last date played. */
  readonly date: string
  /** Micros of a dollar; undefined where nobody tells it. */
  readonly equity: number | undefined
}

export interface BacktestBar {
  readonly update: (step: BarStep, elapsedMillis: number) => void
  readonly stop: () => void
}

const silent: BacktestBar = { update: () => undefined, stop: () => undefined }

/** How far, on which date, and the time that is left; nothing where standard error is no terminal. */
export const backtestBar = (): BacktestBar => {
  if (!process.stderr.isTTY) return silent
  const bar = new cliProgress.SingleBar(
    {
      format: "{bar} {percentage}%  {date}  {equity}  {left} left",
      stream: process.stderr,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false
    },
    cliProgress.Presets.shades_classic
  )
  /** Where this try began. */
  let begun: number | undefined
  let shown = false
  return {
    update: ({ date, done, equity, of }, elapsedMillis) => {
      begun ??= done
      if (elapsedMillis < SHOWN_AFTER_MILLIS) return
      const payload = {
        date,
        equity: equity === undefined ? "" : `equity ${usd(equity)}`,
        left: leftText({ done, points: of }, begun, elapsedMillis)
      }
      if (shown) bar.update(done, payload)
      else bar.start(of, done, payload)
      shown = true
    },
    stop: () => {
      if (shown) bar.stop()
    }
  }
}
