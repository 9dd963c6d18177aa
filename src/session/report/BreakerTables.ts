/** The breaker's trips, and how each ended. */
import { type MarkedEvent, markedEvents } from "./BreakerMarks.ts"
import { counted, dollars, percent } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import { bookColor } from "./Palette.ts"
import type { BreakerEvent, RunReport } from "./RunReport.ts"
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

const nameOf = (report: RunReport, { book }: MarkedEvent): string => report.books[book]?.name ?? ""

export const breakerTables = (report: RunReport): Html => {
  const events = markedEvents(report.books)
  const stops = events.filter(({ event }) => event.kind !== "daily-loss" && event.kind !== "lapsed")
  const dailyLosses = events.filter(({ event }) => event.kind === "daily-loss")
  return html`${stops.length === 0 ? html`<p>No drawdown trip and no halt in this run.</p>` : stopsTable(report, stops)}
  ${dailyLosses.length === 0 ? html`<p>No day's loss reached the daily-loss limit.</p>` : dailyLossTable(report, dailyLosses, events)}`
}

const stopsTable = (report: RunReport, stops: ReadonlyArray<MarkedEvent>): Html =>
  table({
    id: "stops",
    caption: "Drawdown trips, halts and resumptions",
    note: "numbered as on the equity chart",
    heads: [
      wordHeads("No.", "Date", "Book", "Event"),
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
        <td class="text">${nameOf(report, marked)}</td>
        <td class="text">${kinds[event.kind]}</td>
        <td>${fall(event.value)}</td>
        <td>${fall(event.limit)}</td>
        <td>${dollars(event.equity)}</td>
        <td class="text wide-text">${event.note}</td>
      </tr>`
    })
  })

const dailyLossTable = (
  report: RunReport,
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
    heads: [wordHeads("Date", "Book"), numberHeads("Value", "Limit", "Equity"), wordHeads("Lapsed", "Note")],
    rows: dailyLosses.map((trip) => {
      const { event } = trip
      return html` <tr>
        <th scope="row"><time>${event.date}</time></th>
        <td class="text">${nameOf(report, trip)}</td>
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
