/**
 * Trades, made of fills: a trade is a position from its first fill until it is
 * flat again, per instrument.
 *
 * A fill that crosses zero closes one trade and opens the next; its amount and
 * fee are split in proportion, and the two parts sum to the whole to the micro.
 * So the profits of all trades sum to the change of equity, less dividends and
 * what else an account earns or pays beside its trades.
 *
 * Splits in between keep a trade whole: its sizes and average prices are told in
 * the shares it ended with. An option that is exercised or assigned for shares
 * changes hands at the underlying's price: the option's trade ends with what the
 * contract was worth at that price, and the shares come or go at it. What was
 * paid for them, the strike, is the two together.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import { notional, type Price } from "../domain/Money.ts"
import { signOf } from "../domain/Order.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { endSide } from "../portfolio/Position.ts"
import type { FillRow, HeldRow, TradeRow } from "./BacktestRows.ts"
import { type Change, divided, lastCloseUntil, OpenTrade } from "./OpenTrade.ts"
import type { PlayedBars, PositionMove } from "./Played.ts"

export interface TradedRecord {
  /** In the journal's order. */
  readonly fills: ReadonlyArray<FillRow>
  readonly moves: ReadonlyArray<PositionMove>
  /** Raw bars, as they were played; options have none. */
  readonly bars: ReadonlyMap<InstrumentId, PlayedBars>
  /** What positions that are open at the end are marked at. */
  readonly held: ReadonlyArray<HeldRow>
  /** The end of what was played; bars that end later do not count. */
  readonly until: Timestamp
}

type Split = Extract<PositionMove, { readonly _tag: "SplitApplied" }>
type Adjustment = Extract<PositionMove, { readonly _tag: "OptionAdjusted" }>
type Exercise = Extract<PositionMove, { readonly _tag: "OptionExercised" | "OptionAssigned" }>
type End = Exclude<PositionMove, Split | Adjustment>

type Step =
  | { readonly _tag: "Change"; readonly change: Change }
  | { readonly _tag: "Split"; readonly event: Split }
  | { readonly _tag: "Adjusted"; readonly event: Adjustment }

interface Placed {
  readonly tsEvent: Timestamp
  /** At one instant splits come before fills, and what becomes of options after them. */
  readonly rank: 0 | 1 | 2
  readonly steps: ReadonlyArray<Step>
}

const changeOf = (fill: FillRow): Change => ({
  tsEvent: fill.tsEvent,
  instrumentId: fill.instrumentId,
  size: signOf(fill.side) * fill.quantity,
  amount: notional(fill.price, fill.quantity, fill.multiplier),
  fee: fill.fee,
  multiplier: fill.multiplier,
  price: fill.price,
  orderId: fill.orderId
})

/** What the shares delivered are worth at the price it was decided at. */
const sharesWorth = (event: Exercise): number =>
  event.delivery === undefined ? 0 : notional(event.settlementPrice, event.delivery.quantity)

/** What leaving brings: what it settles for in cash, or the worth of what came less what was paid for it. */
const broughtBy = (event: End): number => {
  if (event._tag === "OptionExpired") return 0
  const { delivery } = event
  if (delivery === undefined) return event.cash ?? 0
  const gain = sharesWorth(event) - delivery.amount
  return delivery.side === "BUY" ? gain : 0 - gain
}

const endChange = (event: End): Change => {
  const sign = signOf(endSide(event))
  return {
    tsEvent: event.tsEvent,
    instrumentId: event.instrumentId,
    size: sign * event.quantity,
    // Sold, it brings the amount in; bought back, it costs it.
    amount: sign < 0 ? broughtBy(event) : 0 - broughtBy(event),
    fee: event._tag === "OptionExpired" ? 0 : event.fee,
    multiplier: event.multiplier,
    price: undefined,
    orderId: undefined
  }
}

const deliveryChange = (event: Exercise): Change | undefined =>
  event.delivery === undefined
    ? undefined
    : {
        tsEvent: event.tsEvent,
        instrumentId: event.delivery.instrumentId,
        size: signOf(event.delivery.side) * event.delivery.quantity,
        amount: sharesWorth(event),
        fee: 0,
        multiplier: 1,
        price: event.settlementPrice,
        orderId: undefined
      }

const changeStep = (change: Change): Step => ({ _tag: "Change", change })

const placedMove = (event: PositionMove): Placed => {
  const { tsEvent } = event
  switch (event._tag) {
    case "SplitApplied":
      return { tsEvent, rank: 0, steps: [{ _tag: "Split", event }] }
    case "OptionAdjusted":
      return { tsEvent, rank: 0, steps: [{ _tag: "Adjusted", event }] }
    case "OptionExpired":
      return { tsEvent, rank: 2, steps: [changeStep(endChange(event))] }
    case "OptionExercised":
    case "OptionAssigned": {
      const delivered = deliveryChange(event)
      const ended = changeStep(endChange(event))
      return { tsEvent, rank: 2, steps: delivered === undefined ? [ended] : [ended, changeStep(delivered)] }
    }
  }
}

/** Everything that changes positions, in time order; what is equal stays in the order it came. */
const stepsOf = ({ fills, moves }: TradedRecord): ReadonlyArray<Step> =>
  [
    ...fills.map((fill): Placed => {
      const { tsEvent } = fill
      return { tsEvent, rank: 1, steps: [changeStep(changeOf(fill))] }
    }),
    ...moves.map(placedMove)
  ]
    .toSorted((a, b) => a.tsEvent - b.tsEvent || a.rank - b.rank)
    .flatMap(({ steps }) => steps)

/** Trades as they open and close. */
class Trades {
  readonly #bars: TradedRecord["bars"]
  readonly #open = new Map<InstrumentId, OpenTrade>()
  readonly #closed: Array<TradeRow> = []

  constructor(bars: TradedRecord["bars"]) {
    this.#bars = bars
  }

  take(step: Step): void {
    switch (step._tag) {
      case "Change":
        this.#change(step.change)
        return
      case "Split":
        this.#split(step.event)
        return
      case "Adjusted":
        this.#adjust(step.event)
        return
    }
  }

  #lookAt(trade: OpenTrade, until: Timestamp): void {
    trade.lookUntil(until, this.#bars.get(trade.instrumentId))
  }

  #closeIfFlat(trade: OpenTrade, at: Timestamp): void {
    if (trade.size !== 0) return
    this.#open.delete(trade.instrumentId)
    this.#closed.push(trade.closedAt(at))
  }

  #change(change: Change): void {
    if (change.size === 0) return
    const trade = this.#open.get(change.instrumentId)
    if (trade === undefined) {
      this.#open.set(change.instrumentId, new OpenTrade(change))
      return
    }
    this.#lookAt(trade, change.tsEvent)
    const isAgainst = change.size > 0 !== trade.size > 0
    const crosses = isAgainst && Math.abs(change.size) > Math.abs(trade.size)
    if (!crosses) {
      trade.change(change)
      this.#closeIfFlat(trade, change.tsEvent)
      return
    }
    const [closing, opening] = divided(change, Math.abs(trade.size))
    trade.change(closing)
    this.#closeIfFlat(trade, change.tsEvent)
    this.#open.set(change.instrumentId, new OpenTrade(opening))
  }

  #split({ cashInLieu, denominator, instrumentId, numerator, tsEvent }: Split): void {
    const trade = this.#open.get(instrumentId)
    if (trade === undefined) return
    this.#lookAt(trade, tsEvent)
    trade.split(numerator, denominator, cashInLieu)
    this.#closeIfFlat(trade, tsEvent)
  }

  #adjust({ denominator, instrumentId, numerator, to, tsEvent }: Adjustment): void {
    const trade = this.#open.get(instrumentId)
    if (trade === undefined) return
    this.#open.delete(instrumentId)
    trade.adjust(to, numerator, denominator)
    const there = this.#open.get(to)
    if (there === undefined) this.#open.set(to, trade)
    else there.absorb(trade)
    this.#closeIfFlat(there ?? trade, tsEvent)
  }

  /** All of them, those that are open at their marks. */
  rows(until: Timestamp, marks: ReadonlyMap<InstrumentId, Price>): ReadonlyArray<TradeRow> {
    const open = Array.from(this.#open.values(), (trade) => {
      this.#lookAt(trade, until)
      const bars = this.#bars.get(trade.instrumentId)
      const last = bars === undefined ? undefined : lastCloseUntil(bars, until)
      return trade.openAt(marks.get(trade.instrumentId) ?? last ?? trade.entryPrice)
    })
    return [...this.#closed, ...open]
  }
}

const marksOf = (held: ReadonlyArray<HeldRow>): ReadonlyMap<InstrumentId, Price> =>
  new Map(
    held.flatMap(({ instrumentId, mark }): ReadonlyArray<readonly [InstrumentId, Price]> =>
      mark === null ? [] : [[instrumentId, mark]]
    )
  )

/** By entry, then by instrument; of one instrument in the order they were made. */
const inOrder = (a: TradeRow, b: TradeRow): number => {
  if (a.entryTime !== b.entryTime) return a.entryTime - b.entryTime
  if (a.instrumentId === b.instrumentId) return 0
  return a.instrumentId < b.instrumentId ? -1 : 1
}

/** Every trade, oldest first; those without an exit were open at the end. */
export const tradesOf = (record: TradedRecord): ReadonlyArray<TradeRow> => {
  const trades = new Trades(record.bars)
  for (const step of stepsOf(record)) trades.take(step)
  return trades.rows(record.until, marksOf(record.held)).toSorted(inOrder)
}
