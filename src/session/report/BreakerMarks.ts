/** Which of a run's breaker events are marked on the equity curves, and under which numbers. */
import type { BreakerEvent } from "./RunReport.ts"

/** A book's breaker events, in time order; a run's report has them. */
export interface EventedBook {
  readonly breakerEvents: ReadonlyArray<BreakerEvent>
}

/** An event with its book's place in the report; trips that stop new risk until resumed carry a number. */
export interface MarkedEvent {
  readonly book: number
  readonly event: BreakerEvent
  /** 1 for the run's first drawdown trip or halt; undefined for other kinds. */
  readonly number: number | undefined
}

/** All events of all books by date (books in their order within a date), numbered across the books. */
export const markedEvents = (books: ReadonlyArray<EventedBook>): ReadonlyArray<MarkedEvent> => {
  const all = books.flatMap(({ breakerEvents }, book) => breakerEvents.map((event) => ({ book, event })))
  const sorted = all.toSorted((a, b) =>
    a.event.date < b.event.date ? -1 : a.event.date > b.event.date ? 1 : a.book - b.book
  )
  let numbered = 0
  return sorted.map(({ book, event }) => ({
    book,
    event,
    number: event.kind === "drawdown" || event.kind === "halt" ? ++numbered : undefined
  }))
}
