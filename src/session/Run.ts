/** A run: its books played side by side, one session after the other, on one market and one clock. */
import { Effect } from "effect"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import { SteppedClock } from "../market/SteppedClock.ts"
import type { Session } from "../market/TradingCalendar.ts"
import type { BookStep } from "./BookRun.ts"

/** How far a run is, after a session. */
export interface RunProgress {
  readonly date: SessionDate
  /** 1-based. */
  readonly session: number
  readonly sessions: number
  /** One a book, in order. */
  readonly books: ReadonlyArray<BookStep>
}

/**
 * Plays the sessions from `from` on (an index; those before are played
 * already). `onProgress` is called after each. Interrupting it between or
 * within sessions loses nothing that was played.
 */
export const playSessions = Effect.fnUntraced(function* <E, R>(options: {
  readonly sessions: ReadonlyArray<Session>
  readonly from: number
  readonly books: ReadonlyArray<{
    readonly play: (session: Session, index: number) => Effect.Effect<BookStep, E, R>
  }>
  readonly onProgress: (progress: RunProgress) => Effect.Effect<void>
}) {
  const clock = yield* SteppedClock
  const { books, sessions } = options
  for (let index = options.from; index < sessions.length; index++) {
    const session = sessions[index]
    if (session === undefined) continue
    yield* clock.set(session.close)
    const steps = yield* Effect.forEach(books, (book) => book.play(session, index))
    yield* options.onProgress({
      date: session.date,
      session: index + 1,
      sessions: sessions.length,
      books: steps
    })
  }
})

/** Index of the first session a run that stopped at `at` has to play again: the one whose close it had reached, or is in. */
export const resumeIndex = (sessions: ReadonlyArray<Session>, at: Timestamp): number => {
  const index = sessions.findIndex((session) => session.close >= at)
  return index === -1 ? Math.max(0, sessions.length - 1) : index
}
