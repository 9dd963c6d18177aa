/** A run: its books played side by side, one session after the other, on one market and one clock. */
import { Effect } from "effect"
import { type SessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { SteppedClock } from "../market/SteppedClock.ts"
import type { Session } from "../market/TradingCalendar.ts"
import type { BookStep } from "./BookRun.ts"
import type { DecisionPoint } from "./DecisionPoints.ts"

/** How far a run is, after a session. */
export interface RunProgress {
  readonly date: SessionDate
  /** 1-based. */
  readonly session: number
  readonly sessions: number
  /** One a book, in order. */
  readonly books: ReadonlyArray<BookStep>
}

/** A book as a run plays it. */
export interface PlayedBook<E, R> {
  /** Market time it was played up to before. */
  readonly reached: Timestamp
  /** When it acts within a session, ascending; the last is its close. */
  readonly points: (session: Session) => ReadonlyArray<DecisionPoint>
  readonly play: (session: Session, index: number, point: DecisionPoint) => Effect.Effect<BookStep, E, R>
}

/**
 * Plays one session: the clock goes from point to point of all books, and at
 * each those act whose point it is. What lies behind the clock is passed over.
 */
const playSession = Effect.fnUntraced(function* <E, R>(
  books: ReadonlyArray<PlayedBook<E, R>>,
  session: Session,
  index: number
) {
  const clock = yield* SteppedClock
  const begun = yield* clock.now
  const due = books.map((book) => new Map(book.points(session).map((point) => [point.ts, point])))
  const moments = [...new Set(due.flatMap((points) => [...points.keys()]))].toSorted((a, b) => a - b)
  const steps: Array<BookStep> = []
  for (const ts of moments) {
    if (ts < begun) continue
    yield* clock.set(ts)
    for (const [i, book] of books.entries()) {
      const point = due[i]?.get(ts)
      if (point !== undefined) steps[i] = yield* book.play(session, index, point)
    }
  }
  return steps
})

/**
 * Plays the sessions from `from` on (an index; those before are played
 * already). `onProgress` is called after each. Interrupting it between or
 * within sessions loses nothing that was played.
 */
export const playSessions = Effect.fnUntraced(function* <E, R>(options: {
  readonly sessions: ReadonlyArray<Session>
  readonly from: number
  readonly books: ReadonlyArray<PlayedBook<E, R>>
  readonly onProgress: (progress: RunProgress) => Effect.Effect<void>
}) {
  const { books, sessions } = options
  const clock = yield* SteppedClock
  const reached = timestamp(Math.min(...books.map((book) => book.reached)))
  // A book may have been brought further than its journal says: nothing happened on the way.
  if (reached > (yield* clock.now)) yield* clock.set(reached)
  const first = Math.max(options.from, resumeIndex(sessions, yield* clock.now))
  for (let index = first; index < sessions.length; index++) {
    const session = sessions[index]
    if (session === undefined) continue
    const steps = yield* playSession(books, session, index)
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
