/**
 * Fills and positions as CSV (RFC 4180: CRLF, quotes doubled).
 *
 * Numbers are plain decimals, exact to the micro. A text that a spreadsheet
 * would take for a formula gets a leading apostrophe (OWASP, "CSV Injection");
 * numbers are left alone, so −1.5 stays a number.
 */
import type { FillEvent } from "../domain/JournalEvent.ts"
import { formatMicros } from "../domain/Money.ts"
import type { OptionContract } from "../domain/OptionContract.ts"
import { type Timestamp, toIso } from "../domain/Timestamp.ts"
import { fillRows } from "./FillRows.ts"
import { averagePrice, type LedgerState, markOf, type Marks, positions, positionValue } from "./Ledger.ts"

/** How an instant reads at the exchange, such as "2004-06-10 16:00:00 EDT"; only the calendar knows zones. */
export type ExchangeTime = (at: Timestamp) => string

const text = (value: string): string => {
  const safe = /^[=+\-@\t\r\n]/u.test(value) ? `'${value}` : value
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const amount = (micros: number): string => formatMicros(micros)

const table = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [header, ...rows].map((cells) => `${cells.join(",")}\r\n`).join("")

const contractHeader = ["underlying", "expiry", "right", "strike", "deliverable", "deliverable_cash"]

/** Of an option; empty for anything else. `deliverable` is shares a contract. */
const contractCells = (contract: OptionContract | undefined): ReadonlyArray<string> =>
  contract === undefined
    ? contractHeader.map(() => "")
    : [
        text(contract.underlying),
        text(contract.expiry),
        text(contract.right),
        amount(contract.strike),
        amount(contract.deliverable),
        amount(contract.deliverableCash)
      ]

/**
 * One row a fill, in the order given; an option that is exercised or assigned is
 * one, and the shares delivered on it are one after it. `notional` is what was paid
 * or received without the fee: price × quantity × multiplier of a trade. What no
 * order asked for has no `client_order_id`. Times in UTC and at the exchange.
 */
export const fillsCsv = (fills: ReadonlyArray<FillEvent>, exchangeTime: ExchangeTime): string =>
  table(
    [
      "time_utc",
      "time_exchange",
      "trade_id",
      "client_order_id",
      "instrument_id",
      "side",
      "quantity",
      "price",
      "multiplier",
      "notional",
      "fee",
      "kind",
      ...contractHeader
    ],
    fills
      .flatMap(fillRows)
      .map((fill) => [
        text(toIso(fill.tsEvent)),
        text(exchangeTime(fill.tsEvent)),
        text(fill.tradeId),
        text(fill.clientOrderId ?? ""),
        text(fill.instrumentId),
        text(fill.side),
        amount(fill.quantity),
        amount(fill.price),
        String(fill.multiplier),
        amount(fill.amount),
        amount(fill.fee),
        fill.kind,
        ...contractCells(fill.contract)
      ])
  )

/**
 * One row an open position, by instrument id, as it stands at `asOf`. Where
 * there is no mark, mark, market value and unrealised profit are empty.
 */
export const positionsCsv = (
  state: LedgerState,
  options: { readonly marks: Marks; readonly asOf: Timestamp; readonly exchangeTime: ExchangeTime }
): string => {
  const { asOf, exchangeTime, marks } = options
  return table(
    [
      "as_of_utc",
      "as_of_exchange",
      "instrument_id",
      "quantity",
      "multiplier",
      "average_price",
      "cost",
      "mark",
      "market_value",
      "unrealised",
      "realised",
      "realised_fifo",
      ...contractHeader
    ],
    positions(state).map((position) => {
      const mark = markOf(marks, position.instrumentId)
      const value = mark === undefined ? undefined : positionValue(position, mark)
      return [
        text(toIso(asOf)),
        text(exchangeTime(asOf)),
        text(position.instrumentId),
        amount(position.quantity),
        String(position.multiplier),
        amount(averagePrice(position)),
        amount(position.cost),
        mark === undefined ? "" : amount(mark),
        value === undefined ? "" : amount(value),
        value === undefined ? "" : amount(value - position.cost),
        amount(position.realised),
        amount(position.realisedFifo),
        ...contractCells(position.contract)
      ]
    })
  )
}
