/** What the books did in options: fills, exercises, assignments, expiries, adjustments. */
import { contractCount, netPremium, type OptionEvent, type OptionEventKind } from "../OptionTrail.ts"
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

const eventsTable = (rows: ReadonlyArray<NamedEvent>): Html =>
  table({
    id: "option-events",
    caption: "Trades and ends of options",
    note: "price: premium a share; of an end, the underlying's price",
    heads: [wordHeads("Date", "Book", "Event", "Contract"), numberHeads("Price", "Cash"), wordHeads("Why")],
    rows: rows.map(
      ({ event, name }) =>
        html` <tr>
          <th scope="row"><time>${event.date}</time></th>
          <td class="text">${name}</td>
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

export const optionTables = ({ books }: RunReport): Html => {
  const trading = books.filter(({ options }) => options.orders > 0 || options.events.length > 0)
  const all = trading
    .flatMap(({ name, options }) => options.events.map((event) => ({ name, event })))
    .toSorted(byDate)
  const rows = all.slice(-MOST_EVENTS)
  const left = all.length - rows.length
  const listed = html`${eventsTable(rows)}${
    left > 0 ? html`<p class="fine">And ${counted(left, "earlier event")}, in the book's journal.</p>` : ""
  }`
  return html`${byBook(trading)}${
    rows.length === 0
      ? html`<p>No order for options filled.</p>`
      : rows.length <= OPEN_UP_TO
        ? listed
        : html`<details>
            <summary>${counted(all.length, "trade and end", "trades and ends")} of options</summary>
            ${listed}
          </details>`
  }`
}
