/** The trades: a list that sorts and filters, and how far each went for and against its entry. */
import { type Money, notional } from "../../domain/Money.ts"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { figure } from "../../session/report/Figure.ts"
import {
  count,
  counted,
  decimal,
  dollars,
  exactDecimal,
  percent,
  signedPercent
} from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { numberHeads, wordHeads } from "../../session/report/Table.ts"
import { tile, tileRow } from "../../session/report/Tiles.ts"
import type { TradeRow } from "../BacktestRows.ts"
import type { BacktestView } from "./BacktestView.ts"
import { type Excursion, excursionChart } from "./ExcursionChart.ts"
import { sortableTable } from "./SortableTable.ts"
import { averageText, instrumentText, multiplierOf, whenText } from "./Words.ts"

/** Trades listed and drawn, the latest. */
export const MOST_TRADES = 1000

/** Trades below this are told by the table alone. */
const FEWEST_DRAWN = 3

interface ListedTrade {
  /** From 1, of all. */
  readonly number: number
  readonly trade: TradeRow
  /** What it was worth at its entry. */
  readonly value: Money
}

const signedDollars = (amount: Money): string => `${amount > 0 ? "+" : ""}${dollars(amount)}`

const listed = ({ content }: BacktestView): ReadonlyArray<ListedTrade> => {
  const multipliers = new Map<InstrumentId, number>(
    content.fills.map(({ instrumentId, multiplier }) => [instrumentId, multiplier])
  )
  const first = Math.max(0, content.trades.length - MOST_TRADES)
  return content.trades.slice(first).map((trade, i) => ({
    number: first + i + 1,
    trade,
    value: notional(trade.entryPrice, trade.quantity, multiplierOf(trade.instrumentId, multipliers))
  }))
}

const ratio = (amount: Money, { value }: ListedTrade): number => amount / value

const row = (line: ListedTrade, { result }: BacktestView): Html => {
  const { number, trade, value } = line
  const when = (at: TradeRow["entryTime"]): string => whenText(at, result.inputs.data.resolution)
  return html`<tr>
    <td>${number}</td>
    <th scope="row">${instrumentText(trade.instrumentId)}</th>
    <td class="text">${trade.direction === "LONG" ? "long" : "short"}</td>
    <td>${exactDecimal(trade.quantity)}</td>
    <td class="text">${when(trade.entryTime)}</td>
    <td>${averageText(trade.entryPrice)}</td>
    <td class="text">${trade.exitTime === undefined ? "open" : when(trade.exitTime)}</td>
    <td>${trade.exitPrice === undefined ? "–" : averageText(trade.exitPrice)}</td>
    <td class="${trade.profit < 0 ? "down" : "up"}">${signedDollars(trade.profit)}</td>
    <td>${value === 0 ? "–" : signedPercent(ratio(trade.profit, line), 2)}</td>
    <td>${dollars(trade.mae)}</td>
    <td>${dollars(trade.mfe)}</td>
    <td>${dollars(trade.fees)}</td>
  </tr>`
}

const tradeTable = (view: BacktestView, lines: ReadonlyArray<ListedTrade>): Html =>
  sortableTable({
    id: "trades",
    caption: "Trades",
    note: "MAE, MFE: furthest against and for the entry, fees aside",
    filters: "trades",
    hint: "a symbol, long, open, 2008-10",
    look: "dense",
    heads: [
      numberHeads("No."),
      wordHeads("Symbol", "Side"),
      numberHeads("Quantity"),
      wordHeads("Entered"),
      numberHeads("at"),
      wordHeads("Left"),
      numberHeads("at", "Profit", "Return", "MAE", "MFE", "Fees")
    ],
    rows: lines.map((line) => row(line, view))
  })

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** What the closed trades come to. */
const tradeTiles = (trades: ReadonlyArray<TradeRow>): Html => {
  const closed = trades.filter(({ exitTime }) => exitTime !== undefined)
  const won = closed.filter(({ profit }) => profit > 0).map(({ profit }) => profit / 1e6)
  const lost = closed.filter(({ profit }) => profit <= 0).map(({ profit }) => profit / 1e6)
  const gain = won.reduce((sum, profit) => sum + profit, 0)
  const loss = lost.reduce((sum, profit) => sum + profit, 0)
  const average = (values: ReadonlyArray<number>): string =>
    values.length === 0 ? "–" : decimal(mean(values), 2).replace(/^(?<sign>\u2212?)/u, "$<sign>$$")
  return tileRow([
    tile(
      "Closed",
      html`${count(closed.length)} <small>${count(trades.length - closed.length)} open at the end</small>`
    ),
    tile(
      "Won",
      closed.length === 0
        ? "–"
        : html`${percent(won.length / closed.length)}
            <small>${count(won.length)} of ${count(closed.length)}</small>`
    ),
    tile("Average of those won", average(won)),
    tile("Average of those lost", average(lost)),
    tile(
      "Profit factor",
      loss === 0 ? "–" : html`${decimal(gain / -loss, 2)} <small>all gains over all losses</small>`
    )
  ])
}

const excursionsOf = (lines: ReadonlyArray<ListedTrade>): ReadonlyArray<Excursion> =>
  lines
    .filter(({ value }) => value > 0)
    .map((line) => ({
      adverse: ratio(line.trade.mae, line),
      favourable: ratio(line.trade.mfe, line),
      won: line.trade.profit > 0
    }))

const excursions = (lines: ReadonlyArray<ListedTrade>): Html => {
  const points = excursionsOf(lines)
  if (points.length < FEWEST_DRAWN) return html``
  return html`<h3 id="excursions">For and against the entry</h3>
    ${figure(
      "excursions",
      (place) => excursionChart(points, place),
      html`<ul class="legend">
        <li><span class="mark won"></span>won</li>
        <li><span class="mark lost"></span>lost</li>
      </ul>`,
      "Each trade by how far its price went against the entry (MAE) and how far for it (MFE), as parts of what it was worth at the entry. Losses high up gave back a gain; gains far to the left were nearly losses."
    )}`
}

export const tradeSection = (view: BacktestView): Html => {
  const { trades, fills } = view.content
  if (trades.length === 0) {
    return html`<p>
      ${fills.length === 0 ? "Nothing was traded." : "The result holds no trades, only fills."}
    </p>`
  }
  const lines = listed(view)
  const left = trades.length - lines.length
  return html`${tradeTiles(trades)}${tradeTable(view, lines)}
  ${
    left > 0
      ? html`<p class="fine">
          The latest ${count(lines.length)} of ${counted(trades.length, "trade")}; the ${count(left)} before
          them are in result.json.
        </p>`
      : ""
  }
  ${excursions(lines)}`
}
