/** The bar a run shows on a terminal. */
import { toFloat } from "../../domain/Money.ts"
import type { RunProgress } from "../../session/Run.ts"
import { percent, usd } from "./Format.ts"
import { terminalBar } from "./TerminalBar.ts"

/** Redrawn no more often than this many sessions. */
const EVERY_SESSIONS = 10

export interface ProgressBar {
  readonly update: (progress: RunProgress, elapsedMillis: number) => void
  readonly stop: () => void
}

const silent: ProgressBar = { update: () => undefined, stop: () => undefined }

/** Market date, equity, drawdown and trading state of the run's first book; nothing where standard error is no terminal. */
export const progressBar = (sessions: number): ProgressBar => {
  if (!process.stderr.isTTY) return silent
  const bar = terminalBar("{date}  equity {equity}  drawdown {drawdown}  {state}")
  return {
    update: ({ books, date, session }, elapsedMillis) => {
      const [book] = books
      if (book === undefined || (session % EVERY_SESSIONS !== 0 && session !== sessions)) return
      const peak = toFloat(book.peakEquity)
      const payload = {
        date,
        equity: usd(book.equity),
        drawdown: percent(peak > 0 ? Math.min(0, toFloat(book.equity) / peak - 1) : 0),
        state: book.tradingState
      }
      bar.update(session, sessions, payload, elapsedMillis)
    },
    stop: bar.stop
  }
}
