/** What the books did in options: fills, exercises, assignments, expiries, adjustments. */
import {
  contractCount,
  netPremium,
  type OptionEvent,
  type OptionEventKind,
  type OptionSummary
} from "../OptionTrail.ts"
import { count, counted, dollars, exactDecimal } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import type { BookReport, RunReport } from "./RunReport.ts"
import { numberHeads, table, wordHeads } from "./Table.ts"

/** A longer list is folded away. */
const OPEN_UP_TO = 24
/** Events listed at most, the latest. */
const MOST_EVENTS = 400

const words = {
  bought: "Bought",
  sold: "Sold",
  exercised: "Exercised",
  assigned: "Assigned",
  expired: "Expired",
  adjusted: "Adjusted"
} as const satisfies Record<OptionEventKind, string>

/** True when a book of the run traded options. */
export const hasOptions = ({ books }: RunReport): boolean =>
  books.some(({ options }) => options.orders > 0 || options.events.length > 0)

const contractsOf = ({ options }: BookReport, kind: OptionEventKind): string =>
  exactDecimal(contractCount(options, kind))

const byBook = (books: ReadonlyArray<BookReport>): Html =>
  table({
    id: "options",
    caption: "Contracts by what became of them",
    heads: [
      wordHeads("Book"),
      numberHeads(
        "Orders",
        "On modelled quotes",
        "Sold",
        "Bought",
        "Premium, net",
        "Expired",
        "Assigned",
        "Exercised",
        "Adjusted"
      )
    ],
    rows: books.map(
      (book) =>
        html` <tr>
          <th scope="row">${book.name}</th>
          <td>${count(book.options.orders)}</td>
          <td>${count(book.options.modelledOrders)}</td>
          <td>${contractsOf(book, "sold")}</td>
          <td>${contractsOf(book, "bought")}</td>
          <td>${dollars(netPremium(book.options))}</td>
          <td>${contractsOf(book, "expired")}</td>
          <td>${contractsOf(book, "assigned")}</td>
          <td>${contractsOf(book, "exercised")}</td>
          <td>${contractsOf(book, "adjusted")}</td>
        </tr>`
    )
  })

interface NamedEvent {
  readonly name: string
  readonly event: OptionEvent
}

const eventsTable = (rows: ReadonlyArray<NamedEvent>, named: boolean): Html =>
  table({
    id: "option-events",
    caption: "Trades and ends of options",
    note: "price: premium a share; of an end, the underlying's price",
    heads: [
      wordHeads("Date", ...(named ? ["Book"] : []), "Event", "Contract"),
      numberHeads("Price", "Cash"),
      wordHeads("Why")
    ],
    rows: rows.map(
      ({ event, name }) =>
        html` <tr>
          <th scope="row"><time>${event.date}</time></th>
          ${named ? html`<td class="text">${name}</td>` : ""}
          <td class="text contract">${words[event.kind]} ${exactDecimal(event.quantity)}</td>
          <td class="text contract">${event.symbol}</td>
          <td>${event.price === undefined ? "–" : exactDecimal(event.price, 2)}</td>
          <td>${event.amount === undefined ? "–" : dollars(event.amount)}</td>
          <td class="text wide-text">${event.note}</td>
        </tr>`
    )
  })

const byDate = (a: NamedEvent, b: NamedEvent): number =>
  a.event.date < b.event.date ? -1 : a.event.date > b.event.date ? 1 : 0

/** The events of all books by date, the latest of many, folded when long; with the books' names where they are to be told. */
export const optionEvents = (
  books: ReadonlyArray<{ readonly name: string; readonly options: Pick<OptionSummary, "events"> }>,
  named: boolean
): Html => {
  const all = books
    .flatMap(({ name, options }) => options.events.map((event) => ({ name, event })))
    .toSorted(byDate)
  const rows = all.slice(-MOST_EVENTS)
  const left = all.length - rows.length
  const listed = html`${eventsTable(rows, named)}${
    left > 0 ? html`<p class="fine">And ${counted(left, "earlier event")}, in the book's journal.</p>` : ""
  }`
  if (rows.length === 0) return html`<p>No order for options filled.</p>`
  return rows.length <= OPEN_UP_TO
    ? listed
    : html`<details>
        <summary>${counted(all.length, "trade and end", "trades and ends")} of options</summary>
        ${listed}
      </details>`
}

export const optionTables = ({ books }: RunReport): Html => {
  const trading = books.filter(({ options }) => options.orders > 0 || options.events.length > 0)
  return html`${byBook(trading)}${optionEvents(trading, true)}`
}
