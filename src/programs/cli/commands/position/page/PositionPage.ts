/** A position in one underlying as one page that needs nothing else: payoff, what if, legs, expiries. */
import { formatMicros } from "../../../../../domain/Money.ts"
import type { PositionGreeks } from "../../../../../execution/options/AccountGreeks.ts"
import type { Extreme } from "../../../../../options/Payoff.ts"
import type { ScenarioGrid } from "../../../../../options/Scenario.ts"
import type { ExpiryRow } from "../../../../../portfolio/options/ExpiryCalendar.ts"
import * as Ledger from "../../../../../portfolio/Ledger.ts"
import type { Position } from "../../../../../portfolio/Position.ts"
import { figure, section } from "../../../../../session/report/Figure.ts"
import { decimal, dollars, exactDecimal, MINUS, percent } from "../../../../../session/report/Format.ts"
import { type Html, html, trustedMarkup } from "../../../../../session/report/Html.ts"
import { notice } from "../../../../../session/report/Page.ts"
import { numberHeads, table, wordHeads } from "../../../../../session/report/Table.ts"
import { tile, tileRow } from "../../../../../session/report/Tiles.ts"
import type { Money, Price } from "../../../../../domain/Money.ts"
import { symbolOf } from "../../../LegWords.ts"
import { analysisPage } from "../../options/page/AnalysisPage.ts"
import { payoffChart, payoffLegend, type PayoffPicture } from "./PayoffChart.ts"

export interface LegLine {
  readonly position: Position
  readonly mark: Price | undefined
  readonly value: Money | undefined
  readonly greeks: PositionGreeks | undefined
}

export interface StructureLine {
  readonly title: string
  readonly id: string
  readonly cost: Money
  readonly unrealised: Money | undefined
}

export interface PositionAnalysis {
  /** "AAPL" */
  readonly name: string
  /** New York's time. */
  readonly at: string
  readonly spot: number
  /** What is held, with the proposed order where there is one. */
  readonly structures: ReadonlyArray<StructureLine>
  /** The order that is looked at, leg by leg; empty without one. */
  readonly order: ReadonlyArray<string>
  readonly picture: PayoffPicture
  readonly outcome: {
    readonly cost: number
    readonly breakEvens: ReadonlyArray<number>
    readonly maxGain: Extreme
    readonly maxLoss: Extreme
    readonly probability: number | undefined
    /** Value now less cost. */
    readonly profitNow: number
    /** Undefined without options. */
    readonly firstExpiry: string | undefined
  }
  readonly grid: ScenarioGrid
  readonly legs: ReadonlyArray<LegLine>
  readonly expiries: ReadonlyArray<ExpiryRow>
  readonly notes: ReadonlyArray<string>
  readonly generatedBy: string
}

const none = html``

const ownStyles = `
.matrix td.here,.matrix thead th.here{box-shadow:inset 0 0 0 1px var(--axis)}
.matrix tr.first th,.matrix tr.first td{border-top:2px solid var(--rule)}
.mark.ring{border-color:var(--s1)}
td.id{color:var(--muted);text-align:left;font-size:.8125rem}
#structures-table tbody th{min-width:13em}
`

/** "+$160.00", "−$840.00" */
const signedDollars = (amount: number, decimals = 2): string => {
  const text = decimal(Math.abs(amount), decimals)
  const isZero = !/[1-9]/u.test(text)
  return `${isZero ? "" : amount < 0 ? MINUS : "+"}$${text}`
}

const plainDollars = (amount: number): string => signedDollars(amount).replace("+", "")

const extremeWords = (of: Extreme): Html =>
  of._tag === "Unlimited"
    ? html`unlimited`
    : html`${signedDollars(of.profit)}
        <small>${of.at === undefined ? "neared as the price rises" : `at ${decimal(of.at, 2)}`}</small>`

const tiles = ({ outcome }: PositionAnalysis): Html => {
  const { breakEvens, cost, firstExpiry, maxGain, maxLoss, probability, profitNow } = outcome
  const end = firstExpiry === undefined ? "at any time" : `by ${firstExpiry}`
  return tileRow(
    html`${tile("Profit now", html`${signedDollars(profitNow)} <small>${cost < 0 ? "received" : "paid"} ${plainDollars(Math.abs(cost))}</small>`)}
    ${tile("Most to gain", extremeWords(maxGain))}${tile("Most to lose", extremeWords(maxLoss))}
    ${tile("Break-even", breakEvens.length === 0 ? "none" : html`${breakEvens.map((price) => decimal(price, 2)).join(", ")} <small>${end}</small>`)}
    ${probability === undefined ? none : tile("Probability of profit", html`${percent(probability)} <small>${end}, by implied volatility</small>`)}`
  )
}

const structureTable = ({ structures }: PositionAnalysis): Html =>
  table({
    id: "structures",
    caption: "Structures",
    heads: [wordHeads("Structure", "Closed by this name"), numberHeads("Cost", "Unrealised")],
    rows: structures.map(
      ({ cost, id, title, unrealised }) =>
        html`<tr>
          <th scope="row">${title}</th>
          <td class="id">${id}</td>
          <td>${dollars(cost)}</td>
          <td>${unrealised === undefined ? "–" : signedDollars(unrealised / 1e6)}</td>
        </tr>`
    )
  })

const legTable = ({ legs }: PositionAnalysis): Html =>
  table({
    id: "legs",
    caption: "Legs",
    note: "dollars of the whole position; volatility as its price implies",
    heads: [
      wordHeads("Instrument"),
      numberHeads("Held", "At", "Now", "Worth", "Delta, shares", "Vega a point", "Theta a day", "Volatility")
    ],
    rows: legs.map(
      ({ greeks, mark, position, value }) =>
        html`<tr>
          <th scope="row">${symbolOf(position.instrumentId)}</th>
          <td>${exactDecimal(position.quantity)}</td>
          <td>${decimal(Ledger.averagePrice(position) / 1e6, 2)}</td>
          <td>${mark === undefined ? "–" : decimal(mark / 1e6, 2)}</td>
          <td>${value === undefined ? "–" : dollars(value)}</td>
          <td>${greeks === undefined ? "–" : decimal(greeks.delta, 1)}</td>
          <td>${greeks === undefined ? "–" : plainDollars(greeks.vega)}</td>
          <td>${greeks === undefined ? "–" : plainDollars(greeks.theta)}</td>
          <td>${greeks?.volatility === undefined ? "–" : percent(greeks.volatility)}</td>
        </tr>`
    )
  })

const outcomeOfRow = ({ cash, outcome, shares }: ExpiryRow): string => {
  if (outcome === undefined) return "not known: the underlying has no price"
  if (outcome === "expires") return "expires"
  const moved = shares === 0 ? "" : `${shares > 0 ? "+" : MINUS}${formatMicros(Math.abs(shares))} shares, `
  return `${outcome}: ${moved}${signedDollars(cash / 1e6)}`
}

const expiryTable = ({ expiries }: PositionAnalysis): Html =>
  table({
    id: "expiries",
    caption: "Expiries",
    note: "what would come of each at the price now",
    heads: [
      wordHeads("Contract"),
      numberHeads("Held"),
      wordHeads("Settles"),
      numberHeads("Sessions left", "In the money a share"),
      wordHeads("Then")
    ],
    rows: expiries.map(
      (row) =>
        html`<tr>
          <th scope="row">${symbolOf(row.position.instrumentId)}</th>
          <td>${exactDecimal(row.position.quantity)}</td>
          <td class="text">${row.position.contract.expiry}</td>
          <td>${row.sessionsLeft}</td>
          <td>
            ${row.inTheMoney === undefined ? "–" : signedDollars(row.inTheMoney / row.position.multiplier / 1e6)}
          </td>
          <td class="text">${outcomeOfRow(row)}</td>
        </tr>`
    )
  })

/** Three steps of loss and three of gain; what is nearly nothing has none. */
const stepOf = (profit: number, most: number): string => {
  if (most === 0 || Math.abs(profit) < most / 50) return "z0"
  const step = Math.min(3, 1 + Math.floor((3 * Math.abs(profit)) / most))
  return `${profit < 0 ? "n" : "p"}${step}`
}

const whenWords = (years: number): string => (years === 0 ? "now" : `after ${decimal(365 * years, 1)} days`)

const nearest = (spots: ReadonlyArray<number>, spot: number): number =>
  spots.reduce(
    (best, price, i) => (Math.abs(price - spot) < Math.abs((spots[best] ?? 0) - spot) ? i : best),
    0
  )

const whatIfTable = ({ grid, spot }: PositionAnalysis): Html => {
  const { cells, elapsedYears, spots, volatilityShifts } = grid
  const most = cells.reduce((all, { profit }) => Math.max(all, Math.abs(profit)), 0)
  const here = nearest(spots, spot)
  const rows = elapsedYears.flatMap((years, t) =>
    volatilityShifts.map((shift, v) => {
      const from = (t * volatilityShifts.length + v) * spots.length
      return html`<tr class="${v === 0 && t > 0 ? "first" : ""}">
        <th scope="row">${v === 0 ? whenWords(years) : ""}</th>
        <th scope="row" class="number">
          ${shift === 0 ? "same" : `${shift < 0 ? MINUS : "+"}${decimal(Math.abs(100 * shift), 0)} points`}
        </th>
        ${spots.map((_, i) => {
          const profit = cells[from + i]?.profit ?? 0
          return html`<td class="${trustedMarkup(stepOf(profit, most))}${i === here ? " here" : ""}">
            ${decimal(profit, 0)}
          </td>`
        })}
      </tr>`
    })
  )
  return html`${table({ id: "what-if", caption: "Profit in dollars", note: "by price of the underlying, change of volatility and time", look: "matrix", heads: [wordHeads("When"), numberHeads("Volatility"), spots.map((price, i) => html`<th scope="col" class="number${i === here ? " here" : ""}">${decimal(price, 2)}</th>`)], rows })}
    <p class="fine">
      The framed column is nearest to the price now. Every option keeps its own volatility, moved by the row's
      change.
    </p>`
}

const payoffCaption = ({ picture }: PositionAnalysis): string =>
  picture.curves.length > 2
    ? "Profit against the price of the underlying. After the first expiry what has ended is counted at the same price, as if the price had stood there since."
    : "Profit against the price of the underlying, counted from what was paid; without interest."

/** The whole page, as UTF-8 text. */
export const positionPage = (analysis: PositionAnalysis): string => {
  const { at, expiries, generatedBy, legs, name, notes, order, picture, spot } = analysis
  return analysisPage({
    title: `${name} position, ${at.slice(0, 10)}`,
    styles: ownStyles,
    heading: `${name} position${order.length === 0 ? "" : " with a proposed order"}`,
    facts: [at, `price now ${decimal(spot, 2)}`, "paper", ...order],
    main: html`${tiles(analysis)}${notice("What to know about this position", notes)}
    ${section(
      "payoff",
      "Payoff",
      figure("payoff", (place) => payoffChart(picture, place), payoffLegend(picture), payoffCaption(analysis))
    )}
    ${section("what-if", "What if", whatIfTable(analysis))}
    ${section(
      "holdings",
      order.length === 0 ? "What is held" : "What would be held",
      html`${structureTable(analysis)}${legs.length === 0 ? none : legTable(analysis)}${expiries.length === 0 ? none : expiryTable(analysis)}`
    )}`,
    generatedBy
  })
}
