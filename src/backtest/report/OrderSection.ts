/** What became of the orders: counts, what the rules denied, and the orders themselves. */
import { count, counted, dollars, exactDecimal } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { denialsTable } from "../../session/report/OrderTables.ts"
import { numberHeads, table, wordHeads } from "../../session/report/Table.ts"
import { tile, tileRow } from "../../session/report/Tiles.ts"
import type { OrderRow } from "../BacktestRows.ts"
import type { BacktestView } from "./BacktestView.ts"
import { sortableTable } from "./SortableTable.ts"
import { instrumentText, sizeText, typeText, whenText } from "./Words.ts"

/** Orders listed, the latest. */
export const MOST_ORDERS = 500
/** Positions listed, the first. */
export const MOST_HELD = 200

/** Longer reasons are cut in the list; result.json has them whole. */
const LONGEST_REASON = 240

const cut = (text: string): string =>
  text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON)}…`

/** How many ended each way, the most first. */
const endings = (orders: ReadonlyArray<OrderRow>): string => {
  const counts = new Map<string, number>()
  for (const { status } of orders) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([status, n]) => `${count(n)} ${status}`)
    .join(", ")
}

const orderTiles = ({ content }: BacktestView): Html => {
  const denied = content.denials.reduce((sum, denial) => sum + denial.count, 0)
  return tileRow([
    tile("Orders", html`${count(content.orders.length)} <small>${endings(content.orders)}</small>`),
    tile("Denied by the rules", count(denied)),
    tile("Fills", count(content.fills.length)),
    tile("Fees", dollars(content.fees)),
    ...(content.dividends === 0 ? [] : [tile("Dividends", dollars(content.dividends))]),
    ...(content.financing === undefined
      ? []
      : [
          tile(
            "Borrowed",
            html`${dollars(content.financing.borrow)}
              <small>for shares; ${dollars(content.financing.interest)} for money</small>`
          )
        ]),
    tile(
      "Cash at the end",
      html`${dollars(content.cash)} <small>trading state ${content.tradingState}</small>`
    )
  ])
}

const orderRow = (order: OrderRow, { result }: BacktestView): Html =>
  html`<tr>
    <td class="text">${whenText(order.tsEvent, result.inputs.data.resolution)}</td>
    <th scope="row">${instrumentText(order.instrumentId)}</th>
    <td class="text">${order.side}</td>
    <td>${sizeText(order.size)}</td>
    <td class="text">${typeText(order.type)}</td>
    <td class="text">${order.timeInForce}</td>
    <td class="text">${order.status}</td>
    <td>${exactDecimal(order.filledQuantity)}</td>
    <td class="text wide-text">
      ${order.rule === undefined ? "" : html`<code>${order.rule}</code> `}${cut(order.reason ?? order.rationale ?? "")}
    </td>
  </tr>`

const orderTable = (view: BacktestView): Html => {
  const { orders } = view.content
  const rows = orders.slice(-MOST_ORDERS)
  const left = orders.length - rows.length
  return html`<details class="list">
    <summary>
      ${left > 0 ? `The latest ${count(rows.length)} of ${counted(orders.length, "order")}` : orders.length === 1 ? "The order" : `All ${counted(orders.length, "order")}`}
    </summary>
    ${sortableTable({
      id: "orders",
      look: "dense",
      caption: "Orders",
      note: "by when they were decided",
      filters: "orders",
      hint: "a symbol, denied, BUY, 2008-10",
      heads: [
        wordHeads("Decided", "Symbol", "Side"),
        numberHeads("Size"),
        wordHeads("Type", "In force", "Status"),
        numberHeads("Filled"),
        wordHeads("Why")
      ],
      rows: rows.map((order) => orderRow(order, view))
    })}
    ${left > 0 ? html`<p class="fine">The ${count(left)} before them are in result.json.</p>` : ""}
  </details>`
}

const heldTable = ({ content }: BacktestView): Html => {
  const { held } = content
  if (held.length === 0) return html`<p>Nothing was held at the end.</p>`
  const rows = held.slice(0, MOST_HELD)
  const left = held.length - rows.length
  return html`${table({
    id: "held",
    caption: "Held at the end",
    heads: [wordHeads("Symbol"), numberHeads("Quantity", "Cost", "Last price", "Market value")],
    rows: rows.map(
      ({ cost, instrumentId, mark, quantity, value }) =>
        html`<tr>
          <th scope="row">${instrumentText(instrumentId)}</th>
          <td>${exactDecimal(quantity)}</td>
          <td>${dollars(cost)}</td>
          <td>${mark === null ? "–" : exactDecimal(mark, 2)}</td>
          <td>${value === null ? "–" : dollars(value)}</td>
        </tr>`
    )
  })}${left > 0 ? html`<p class="fine">And ${counted(left, "more position")}, in result.json.</p>` : ""}`
}

export const orderSection = (view: BacktestView): Html => {
  const { content, name } = view
  return html`${orderTiles(view)}${denialsTable({ books: [{ name, denials: content.denials }] })}${heldTable(view)}
  ${content.orders.length === 0 ? html`<p>No order was sent.</p>` : orderTable(view)}`
}
