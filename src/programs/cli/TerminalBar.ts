/** A progress bar on a terminal: shown when the work takes longer than two seconds, gone when it is over. */
import cliProgress from "cli-progress"

/** What is over sooner shows none. */
const SHOWN_AFTER_MILLIS = 2000

export interface TerminalBar {
  /** `payload` fills the format's names. */
  readonly update: (
    done: number,
    of: number,
    payload: Readonly<Record<string, string | number>>,
    elapsedMillis: number
  ) => void
  readonly stop: () => void
}

/** The format is that of cli-progress. Standard error has to be a terminal: the caller knows. */
export const terminalBar = (format: string): TerminalBar => {
  const bar = new cliProgress.SingleBar(
    {
      format: `{bar} {percentage}%  ${format}`,
      stream: process.stderr,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false
    },
    cliProgress.Presets.shades_classic
  )
  let shown = false
  return {
    update: (done, of, payload, elapsedMillis) => {
      if (elapsedMillis < SHOWN_AFTER_MILLIS) return
      if (shown) bar.update(done, payload)
      else bar.start(of, done, payload)
      shown = true
    },
    stop: () => {
      if (shown) bar.stop()
    }
  }
}

/** "90 s", "4 min": how long what is left takes at the pace since `begun`. */
export const leftText = (
  { done, of }: { readonly done: number; readonly of: number },
  begun: number,
  elapsedMillis: number
): string => {
  const played = done - begun
  if (played <= 0) return "…"
  const seconds = Math.ceil((elapsedMillis / played / 1000) * (of - done))
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
