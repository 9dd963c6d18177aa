/** The bar a sweep shows on a terminal. */
import cliProgress from "cli-progress"
import type { SweepProgress } from "../../../backtest/RunSweep.ts"

/** A sweep that is over sooner shows none. */
const SHOWN_AFTER_MILLIS = 2000

export interface SweepBar {
  readonly update: (progress: SweepProgress, elapsedMillis: number) => void
  readonly stop: () => void
}

const silent: SweepBar = { update: () => undefined, stop: () => undefined }

/** "90 s", "4 min": how long what is left takes at the pace so far. */
export const leftText = ({ done, points }: SweepProgress, begun: number, elapsedMillis: number): string => {
  const played = done - begun
  if (played <= 0) return "…"
  const seconds = Math.ceil((elapsedMillis / played / 1000) * (points - done))
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}

/** Points done and the time that is left; nothing where standard error is no terminal. */
export const sweepBar = (): SweepBar => {
  if (!process.stderr.isTTY) return silent
  const bar = new cliProgress.SingleBar(
    {
      format: "{bar} {percentage}%  {value} of {total} points  {left} left",
      stream: process.stderr,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false
    },
    cliProgress.Presets.shades_classic
  )
  /** Points that were there before the first one of this try. */
  let begun: number | undefined
  let shown = false
  return {
    update: (progress, elapsedMillis) => {
      begun ??= progress.done - 1
      if (elapsedMillis < SHOWN_AFTER_MILLIS) return
      const { done, points } = progress
      const payload = { left: leftText(progress, begun, elapsedMillis) }
      if (shown) bar.update(done, payload)
      else bar.start(points, done, payload)
      shown = true
    },
    stop: () => {
      if (shown) bar.stop()
    }
  }
}
