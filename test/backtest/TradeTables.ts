/** Fills, bars and moves in dollars and shares, for the tests of trades and of what is made of them. */
import type { FillRow, HeldRow, TradeRow } from "../../src/backtest/BacktestRows.ts"
import type { PlayedBars, PositionMove } from "../../src/backtest/Played.ts"
import { tradesOf } from "../../src/backtest/Trades.ts"
import { clientOrderId, type InstrumentId, instrumentId } from "../../src/domain/Identifiers.ts"
import type { JournalEvent } from "../../src/domain/JournalEvent.ts"
import { dollars, MICROS, pricePerShare, quantity, signedQuantity, toFloat } from "../../src/domain/Money.ts"
import type { Resolution } from "../../src/domain/Quote.ts"
import { type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import { fromExchangeTime } from "../../src/market/TradingCalendar.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"

export const spy = instrumentId("SPY.ARCX")
export const aapl = instrumentId("AAPL.XNAS")

const MICROS_PER_HOUR = 3_600_000_000

/** Day `day` of June 2014, so many hours after midnight in New York. */
export const juneTime = (day: number, hours: number): Timestamp =>
  fromExchangeTime(
    sessionDate(`2014-06-${String(day).padStart(2, "0")}`),
    Math.round(hours * MICROS_PER_HOUR)
  )

export const open = (day: number): Timestamp => juneTime(day, 9.5)
export const close = (day: number): Timestamp => juneTime(day, 16)

let count = 0

/** A fill of `size` shares, negative sold, with an order of its own. */
export const fill = (
  at: Timestamp,
  size: number,
  price: number,
  more: {
    readonly fee?: number
    readonly id?: InstrumentId
    readonly order?: string
    readonly multiplier?: number
  } = {}
): FillRow => ({
  orderId: clientOrderId(more.order ?? `o${(count += 1)}`),
  instrumentId: more.id ?? spy,
  side: size > 0 ? "BUY" : "SELL",
  quantity: quantity(Math.round(Math.abs(size) * MICROS)),
  price: pricePerShare(price),
  multiplier: more.multiplier ?? 1,
  fee: dollars(more.fee ?? 0),
  tsEvent: at
})

/** Daily bars of June 2014: day, then open, high, low, close in dollars, and a volume. */
export type BarLine = readonly [
  day: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volume?: number
]

const micros = (amounts: ReadonlyArray<number>): Float64Array =>
  Float64Array.from(amounts, (amount) => Math.round(amount * MICROS))

export const dailyBars = (lines: ReadonlyArray<BarLine>): PlayedBars => ({
  resolution: "1d",
  length: lines.length,
  tsOpen: Float64Array.from(lines, ([day]) => open(day)),
  tsEvent: Float64Array.from(lines, ([day]) => close(day)),
  open: micros(lines.map((line) => line[1])),
  high: micros(lines.map((line) => line[2])),
  low: micros(lines.map((line) => line[3])),
  close: micros(lines.map((line) => line[4])),
  volume: Float64Array.from(lines, (line) => line[5] ?? 0)
})

/** Bars by their starts and lengths in minutes of one day; dollars. */
export const shortBars = (
  resolution: Resolution,
  rows: ReadonlyArray<{
    readonly from: Timestamp
    readonly minutes: number
    readonly close: number
    readonly volume: number
  }>
): PlayedBars => {
  const closes = micros(rows.map((row) => row.close))
  return {
    resolution,
    length: rows.length,
    tsOpen: Float64Array.from(rows, ({ from }) => from),
    tsEvent: Float64Array.from(rows, ({ from, minutes }) => from + minutes * 60_000_000),
    open: closes,
    high: closes,
    low: closes,
    close: closes,
    volume: Float64Array.from(rows, ({ volume }) => volume)
  }
}

export const heldAt = (id: InstrumentId, size: number, mark: number | null): HeldRow => ({
  instrumentId: id,
  quantity: signedQuantity(Math.round(size * MICROS)),
  cost: dollars(0),
  mark: mark === null ? null : pricePerShare(mark),
  value: null
})

export const trades = (given: {
  readonly fills: ReadonlyArray<FillRow>
  readonly moves?: ReadonlyArray<PositionMove>
  readonly bars?: Iterable<readonly [InstrumentId, PlayedBars]>
  readonly held?: ReadonlyArray<HeldRow>
  readonly until?: Timestamp
}): ReadonlyArray<TradeRow> =>
  tradesOf({
    fills: given.fills,
    moves: given.moves ?? [],
    bars: new Map(given.bars ?? []),
    held: given.held ?? [],
    until: given.until ?? timestamp(Number.MAX_SAFE_INTEGER - 1)
  })

/** A trade in dollars and shares. */
export const shown = (row: TradeRow) => ({
  direction: row.direction,
  quantity: toFloat(row.quantity),
  entry: toFloat(row.entryPrice),
  exit: row.exitPrice === undefined ? undefined : toFloat(row.exitPrice),
  profit: toFloat(row.profit),
  fees: toFloat(row.fees),
  mae: toFloat(row.mae),
  mfe: toFloat(row.mfe)
})

/** What a history of the books says of fills and moves. */
export const recordOf = (
  events: Iterable<JournalEvent>
): { readonly fills: ReadonlyArray<FillRow>; readonly moves: ReadonlyArray<PositionMove> } => {
  const fills: Array<FillRow> = []
  const moves: Array<PositionMove> = []
  for (const event of events) {
    switch (event._tag) {
      case "OrderFilled": {
        const { clientOrderId: orderId, fee, instrumentId: id, multiplier, price, side, tsEvent } = event
        fills.push({
          orderId,
          instrumentId: id,
          side,
          quantity: event.quantity,
          price,
          multiplier,
          fee,
          tsEvent
        })
        break
      }
      case "SplitApplied":
      case "OptionExercised":
      case "OptionAssigned":
      case "OptionExpired":
      case "OptionAdjusted":
        moves.push(event)
        break
      default:
        break
    }
  }
  return { fills, moves }
}
