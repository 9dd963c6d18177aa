/** The breaker's trips, and how each ended. */
import { type EventedBook, type MarkedEvent, markedEvents } from "./BreakerMarks.ts"
import { counted, dollars, percent } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import { bookColor } from "./Palette.ts"
import type { BreakerEvent } from "./RunReport.ts"
import { numberHeads, table, wordHeads } from "./Table.ts"

const kinds = {
  drawdown: "Drawdown trip",
  halt: "Halt",
  resumed: "Resumed",
  "daily-loss": "Daily-loss trip",
  lapsed: "Lapsed"
} as const satisfies Record<BreakerEvent["kind"], string>

/** A longer list of daily-loss trips is folded away. */
const OPEN_UP_TO = 12

const fall = (ratio: number | undefined): string => (ratio === undefined ? "–" : percent(-Math.abs(ratio), 2))

/** Books by name; one alone is not named. */
interface NamedBooks {
  readonly books: ReadonlyArray<EventedBook & { readonly name: string }>
}

const bookHead = ({ books }: NamedBooks): ReadonlyArray<string> => (books.length > 1 ? ["Book"] : [])

const bookCell = ({ books }: NamedBooks, { book }: MarkedEvent): Html =>
  books.length > 1 ? html`<td class="text">${books[book]?.name ?? ""}</td>` : html``

export const breakerTables = (report: NamedBooks): Html => {
  const events = markedEvents(report.books)
  const stops = events.filter(({ event }) => event.kind !== "daily-loss" && event.kind !== "lapsed")
  const dailyLosses = events.filter(({ event }) => event.kind === "daily-loss")
  return html`${stops.length === 0 ? html`<p>No drawdown trip and no halt in this run.</p>` : stopsTable(report, stops)}
  ${dailyLosses.length === 0 ? html`<p>No day's loss reached the daily-loss limit.</p>` : dailyLossTable(report, dailyLosses, events)}`
}

const stopsTable = (report: NamedBooks, stops: ReadonlyArray<MarkedEvent>): Html =>
  table({
    id: "stops",
    caption: "Drawdown trips, halts and resumptions",
    note: "numbered as on the equity chart",
    heads: [
      wordHeads("No.", "Date", ...bookHead(report), "Event"),
      numberHeads("Value", "Limit", "Equity"),
      wordHeads("Note")
    ],
    rows: stops.map((marked) => {
      const { event, number, book } = marked
      return html` <tr>
        <td class="text">
          ${number === undefined ? "" : html`<span class="badge bg-${bookColor(book)}">${number}</span>`}
        </td>
        <th scope="row"><time>${event.date}</time></th>
        ${bookCell(report, marked)}
        <td class="text">${kinds[event.kind]}</td>
        <td>${fall(event.value)}</td>
        <td>${fall(event.limit)}</td>
        <td>${dollars(event.equity)}</td>
        <td class="text wide-text">${event.note}</td>
      </tr>`
    })
  })

const dailyLossTable = (
  report: NamedBooks,
  dailyLosses: ReadonlyArray<MarkedEvent>,
  events: ReadonlyArray<MarkedEvent>
): Html => {
  const lapseOf = (trip: MarkedEvent): string =>
    events.find(
      ({ book, event }) => book === trip.book && event.kind === "lapsed" && event.date > trip.event.date
    )?.event.date ?? "–"
  const rows = table({
    id: "daily-loss",
    caption: "Daily-loss trips",
    note: "ticks at the foot of the equity chart; each lapses at the next session's open",
    heads: [
      wordHeads("Date", ...bookHead(report)),
      numberHeads("Value", "Limit", "Equity"),
      wordHeads("Lapsed", "Note")
    ],
    rows: dailyLosses.map((trip) => {
      const { event } = trip
      return html` <tr>
        <th scope="row"><time>${event.date}</time></th>
        ${bookCell(report, trip)}
        <td>${fall(event.value)}</td>
        <td>${fall(event.limit)}</td>
        <td>${dollars(event.equity)}</td>
        <td class="text">${lapseOf(trip)}</td>
        <td class="text wide-text">${event.note}</td>
      </tr>`
    })
  })
  return dailyLosses.length <= OPEN_UP_TO
    ? rows
    : html`<details>
        <summary>${counted(dailyLosses.length, "daily-loss trip")}</summary>
        ${rows}
      </details>`
}
