/** What the books did in options: fills, exercises, assignments, expiries, adjustments. */
import { contractCount, netPremium, type OptionEvent, type OptionEventKind } from "../OptionTrail.ts"
import { count, counted, dollars, exactDecimal } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import type { BookReport, RunReport } from "./RunReport.ts"

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
  html`<div class="scroll" tabindex="0" role="region" aria-labelledby="options-caption">
    <table id="options-table">
      <caption id="options-caption">
        Contracts by what became of them
      </caption>
      <thead>
        <tr>
          <th scope="col">Book</th>
          <th scope="col" class="number">Orders</th>
          <th scope="col" class="number">On modelled quotes</th>
          <th scope="col" class="number">Sold</th>
          <th scope="col" class="number">Bought</th>
          <th scope="col" class="number">Premium, net</th>
          <th scope="col" class="number">Expired</th>
          <th scope="col" class="number">Assigned</th>
          <th scope="col" class="number">Exercised</th>
          <th scope="col" class="number">Adjusted</th>
        </tr>
      </thead>
      <tbody>
        ${books.map(
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
        )}
      </tbody>
    </table>
  </div>`

interface NamedEvent {
  readonly name: string
  readonly event: OptionEvent
}

const eventsTable = (rows: ReadonlyArray<NamedEvent>): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-labelledby="option-events-caption">
    <table id="option-events-table">
      <caption id="option-events-caption">
        Trades and ends of options
        <small>price: premium a share; of an end, the underlying's price</small>
      </caption>
      <thead>
        <tr>
          <th scope="col">Date</th>
          <th scope="col">Book</th>
          <th scope="col">Event</th>
          <th scope="col">Contract</th>
          <th scope="col" class="number">Price</th>
          <th scope="col" class="number">Cash</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
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
        )}
      </tbody>
    </table>
  </div>`

const byDate = (a: NamedEvent, b: NamedEvent): number =>
  a.event.date < b.event.date ? -1 : a.event.date > b.event.date ? 1 : 0

export const optionTables = ({ books }: RunReport): Html => {
  const trading = books.filter(({ options }) => options.orders > 0 || options.events.length > 0)
  const all = trading
    .flatMap(({ name, options }) => options.events.map((event) => ({ name, event })))
    .toSorted(byDate)
  const rows = all.slice(-MOST_EVENTS)
  const left = all.length - rows.length
  const table = html`${eventsTable(rows)}${
    left > 0 ? html`<p class="fine">And ${counted(left, "earlier event")}, in the book's journal.</p>` : ""
  }`
  return html`${byBook(trading)}${
    rows.length === 0
      ? html`<p>No order for options filled.</p>`
      : rows.length <= OPEN_UP_TO
        ? table
        : html`<details>
            <summary>${counted(all.length, "trade and end", "trades and ends")} of options</summary>
            ${table}
          </details>`
  }`
}
