/** What became of the orders: counts, denials by rule, what is left in the books. */
import { money } from "../../domain/Money.ts"
import { count, decimal, dollars, exactDecimal } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import type { BookReport, RunReport } from "./RunReport.ts"
import { numberHeads, table, wordHeads } from "./Table.ts"

export const ordersTable = ({ books }: RunReport): Html =>
  table({
    id: "orders",
    caption: "Orders and books at the end",
    heads: [
      wordHeads("Book"),
      numberHeads("Orders", "Denied", "Fills", "Fees", "Cash"),
      wordHeads("Trading state")
    ],
    rows: books.map(
      (book) =>
        html` <tr>
          <th scope="row">${book.name}</th>
          <td>${count(book.orders)}</td>
          <td>${count(book.denied)}</td>
          <td>${count(book.fills)}</td>
          <td>${dollars(book.fees)}</td>
          <td>${dollars(book.cash)}</td>
          <td class="text">${book.tradingState}</td>
        </tr>`
    )
  })

/** Bars are as long as the count against the highest of all books; one book alone is not named. */
export const denialsTable = ({
  books
}: {
  readonly books: ReadonlyArray<Pick<BookReport, "name" | "denials">>
}): Html => {
  const named = books.length > 1
  const highest = Math.max(...books.flatMap(({ denials }) => denials.map((denial) => denial.count)))
  const rows = books.flatMap(({ name, denials }) =>
    denials.toSorted((a, b) => b.count - a.count).map((denial) => ({ name, ...denial }))
  )
  if (rows.length === 0) return html`<p>No order was denied.</p>`
  return table({
    id: "denials",
    caption: "Orders denied, by the rule that denied them",
    heads: [
      wordHeads(...(named ? ["Book"] : []), "Rule"),
      numberHeads("Denied"),
      html`<th scope="col"><span class="unseen">Bar</span></th>`,
      wordHeads("One of them")
    ],
    rows: rows.map(
      (row) =>
        html` <tr>
          ${
            named
              ? html`<th scope="row">${row.name}</th>
                  <td class="text"><code>${row.rule}</code></td>`
              : html`<th scope="row"><code>${row.rule}</code></th>`
          }
          <td>${count(row.count)}</td>
          <td class="text">
            <span class="bar" style="width:${decimal((row.count / highest) * 8, 2)}em"></span>
          </td>
          <td class="text wide-text">${row.example}</td>
        </tr>`
    )
  })
}

export const positionsTable = ({ books }: RunReport): Html => {
  const rows = books.flatMap((book: BookReport) =>
    book.positions.map((position) => ({ name: book.name, ...position }))
  )
  if (rows.length === 0) return html`<p>No book held a position at the end.</p>`
  return table({
    id: "positions",
    caption: "Positions at the end",
    heads: [
      wordHeads("Book", "Symbol"),
      numberHeads("Quantity", "Cost", "Last price", "Market value", "Unrealised")
    ],
    rows: rows.map(
      ({ name, symbol, quantity, cost, price, marketValue }) =>
        html` <tr>
          <th scope="row">${name}</th>
          <td class="text">${symbol}</td>
          <td>${exactDecimal(quantity)}</td>
          <td>${dollars(cost)}</td>
          <td>${exactDecimal(price, 2)}</td>
          <td>${dollars(marketValue)}</td>
          <td>${dollars(money(marketValue - cost))}</td>
        </tr>`
    )
  })
}
