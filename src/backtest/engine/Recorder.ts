/** What a backtest leaves behind, kept as it happens: rows of the result, and one value a session in its columns. */
import type { Types } from "effect"
import type { ClientOrderId } from "../../domain/Identifiers.ts"
import type { JournalEvent, JournalEventOf, OrderFilled } from "../../domain/JournalEvent.ts"
import { type Money, money, notional, quantity, toFloat } from "../../domain/Money.ts"
import { isTerminal } from "../../domain/Order.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { OptionTrail } from "../../session/OptionTrail.ts"
import type { DenialRow, FillRow, OrderRow, StateRow } from "../BacktestRows.ts"
import { type Financing, noFinancing, withFinancing } from "../Financing.ts"
import type { Played, PositionMove } from "../Played.ts"

type OpenRow = Types.Mutable<OrderRow>

/** A recorder as plain data. */
export interface Recorded {
  readonly orders: ReadonlyArray<OrderRow>
  readonly fills: ReadonlyArray<FillRow>
  readonly moves: ReadonlyArray<PositionMove>
  readonly denials: ReadonlyArray<DenialRow>
  readonly states: ReadonlyArray<StateRow>
  readonly financing: Financing
  /** Micros bought and sold since the last close. */
  readonly traded: Money
  /** Those that options are told by. */
  readonly optionEvents: ReadonlyArray<JournalEvent>
  /** Dollars, one a session played. */
  readonly equity: ReadonlyArray<number>
  readonly grossExposure: ReadonlyArray<number>
  readonly netExposure: ReadonlyArray<number>
  readonly tradedBySession: ReadonlyArray<number>
}

/** How an account stands at a close. */
export interface Close {
  readonly equity: Money
  readonly gross: Money
  readonly net: Money
}

export class Recorder {
  readonly equity: Float64Array
  readonly grossExposure: Float64Array
  readonly netExposure: Float64Array
  readonly tradedBySession: Float64Array
  readonly orders: Array<OpenRow>
  readonly fills: Array<FillRow>
  readonly moves: Array<PositionMove>
  readonly states: Array<StateRow>
  readonly #denials: Map<string, { count: number; readonly example: string }>
  readonly #optionEvents: Array<JournalEvent>
  /** Orders that may still change. */
  readonly #open: Map<ClientOrderId, OpenRow>
  #financing: Financing
  #traded: number
  #sessions: number

  constructor(sessions: number, before?: Recorded) {
    const column = (values: ReadonlyArray<number> = []): Float64Array => {
      const made = new Float64Array(sessions)
      made.set(values)
      return made
    }
    this.equity = column(before?.equity)
    this.grossExposure = column(before?.grossExposure)
    this.netExposure = column(before?.netExposure)
    this.tradedBySession = column(before?.tradedBySession)
    this.#sessions = before?.equity.length ?? 0
    this.orders = (before?.orders ?? []).map((row) => ({ ...row }))
    this.#open = new Map(this.orders.filter(({ status }) => !isTerminal(status)).map((row) => [row.id, row]))
    this.fills = [...(before?.fills ?? [])]
    this.moves = [...(before?.moves ?? [])]
    this.states = [...(before?.states ?? [])]
    this.#denials = new Map(
      (before?.denials ?? []).map(({ count, example, rule }) => [rule, { count, example }])
    )
    this.#optionEvents = [...(before?.optionEvents ?? [])]
    this.#financing = before?.financing ?? noFinancing
    this.#traded = before?.traded ?? 0
  }

  /** The last order that was asked for. */
  get lastOrder(): ClientOrderId | undefined {
    return this.orders.at(-1)?.id
  }

  get denials(): ReadonlyArray<DenialRow> {
    return Array.from(this.#denials, ([rule, { count, example }]) => ({ rule, count, example }))
  }

  get financing(): Financing {
    return this.#financing
  }

  /** What became of options, and where any were ordered on which quotes. */
  optionResult(): Pick<Played, "options" | "optionOrders"> {
    const trail = new OptionTrail()
    for (const event of this.#optionEvents) trail.add(event)
    const { events, modelledOrders, orders } = trail.result()
    return {
      options: events.map(({ amount, price, ...row }) => ({
        ...row,
        price: price ?? null,
        amount: amount ?? null
      })),
      ...(orders === 0 ? {} : { optionOrders: { orders, modelledOrders } })
    }
  }

  /** The next event of the journal; `date` is of the session it is in, none before the first. */
  add(event: JournalEvent, date: SessionDate | undefined): void {
    switch (event._tag) {
      case "OrderInitialized":
        this.#asked(event)
        return
      case "OrderFilled":
        this.#filled(event)
        return
      case "OrderDenied":
        this.#denied(event)
        return
      case "OrderAccepted":
        this.#change(event.clientOrderId, { status: "Accepted" })
        return
      case "OrderSubmitted":
        this.#change(event.clientOrderId, { status: "Submitted" })
        return
      case "OrderPendingCancel":
        this.#change(event.clientOrderId, { status: "PendingCancel" })
        return
      case "OrderCancelRejected":
        this.#rest(event.clientOrderId)
        return
      case "OrderUpdated":
        this.#change(event.clientOrderId, { type: event.type, size: event.size })
        return
      case "OrderRejected":
        this.#end(event.clientOrderId, { status: "Rejected", reason: event.reason })
        return
      case "OrderCanceled":
        this.#end(event.clientOrderId, { status: "Canceled", reason: event.reason })
        return
      case "OrderExpired":
        this.#end(event.clientOrderId, { status: "Expired", reason: event.reason })
        return
      case "TradingStateChanged":
        if (date !== undefined) this.states.push(stateRow(event, date))
        return
      case "SplitApplied":
        this.moves.push(event)
        return
      case "OptionExercised":
      case "OptionAssigned":
      case "OptionExpired":
      case "OptionAdjusted":
        this.moves.push(event)
        this.#optionEvents.push(event)
        return
      default:
        this.#financing = withFinancing(this.#financing, event)
    }
  }

  /** Ends a session; without a measurable equity its columns stay where they were. */
  closeSession(close: Close | undefined): void {
    const at = this.#sessions
    this.equity[at] = close === undefined ? (this.equity[at - 1] ?? 0) : toFloat(close.equity)
    this.grossExposure[at] = close === undefined ? (this.grossExposure[at - 1] ?? 0) : toFloat(close.gross)
    this.netExposure[at] = close === undefined ? (this.netExposure[at - 1] ?? 0) : toFloat(close.net)
    if (this.#traded !== 0) {
      this.tradedBySession[at] = toFloat(this.#traded)
      this.#traded = 0
    }
    this.#sessions = at + 1
  }

  recorded(): Recorded {
    const columnOf = (values: Float64Array) => Array.from(values.subarray(0, this.#sessions))
    return {
      orders: this.orders.map((row) => ({ ...row })),
      fills: [...this.fills],
      moves: [...this.moves],
      denials: this.denials,
      states: [...this.states],
      financing: this.#financing,
      traded: money(this.#traded),
      optionEvents: [...this.#optionEvents],
      equity: columnOf(this.equity),
      grossExposure: columnOf(this.grossExposure),
      netExposure: columnOf(this.netExposure),
      tradedBySession: columnOf(this.tradedBySession)
    }
  }

  #asked(event: JournalEventOf<"OrderInitialized">): void {
    const { clientOrderId, content, rationale, terms, tsEvent } = event
    const { instrumentId, side, size, timeInForce, type } = content
    const row: OpenRow = {
      id: clientOrderId,
      instrumentId,
      side,
      type,
      size,
      timeInForce,
      status: "Initialized",
      tsEvent,
      filledQuantity: quantity(0)
    }
    if (rationale !== undefined) row.rationale = rationale
    this.orders.push(row)
    this.#open.set(clientOrderId, row)
    if (terms !== undefined) this.#optionEvents.push(event)
  }

  #filled(event: OrderFilled): void {
    const { clientOrderId, contract, fee, final, instrumentId, multiplier, price, side, tsEvent, units } =
      event
    this.fills.push({
      orderId: clientOrderId,
      instrumentId,
      side,
      quantity: event.quantity,
      price,
      multiplier,
      fee,
      tsEvent
    })
    this.#traded += notional(price, event.quantity, multiplier)
    if (contract !== undefined) this.#optionEvents.push(event)
    const row = this.#open.get(clientOrderId)
    if (row === undefined) return
    // A combo counts its units, with the last leg of each fill.
    const isLeg = instrumentId !== row.instrumentId
    row.filledQuantity = quantity(row.filledQuantity + (isLeg ? (units ?? 0) : event.quantity))
    if (final) {
      row.status = "Filled"
      this.#open.delete(clientOrderId)
    } else if (row.status !== "PendingCancel") {
      row.status = "PartiallyFilled"
    }
  }

  #denied({ clientOrderId, reason, rule }: JournalEventOf<"OrderDenied">): void {
    this.#end(clientOrderId, { status: "Denied", rule, reason })
    const known = this.#denials.get(rule)
    if (known === undefined) this.#denials.set(rule, { count: 1, example: reason })
    else known.count += 1
  }

  #change(id: ClientOrderId, change: Partial<OpenRow>): void {
    const row = this.#open.get(id)
    if (row !== undefined) Object.assign(row, change)
  }

  #rest(id: ClientOrderId): void {
    const row = this.#open.get(id)
    if (row !== undefined) row.status = row.filledQuantity > 0 ? "PartiallyFilled" : "Accepted"
  }

  #end(id: ClientOrderId, change: Partial<OpenRow>): void {
    this.#change(id, change)
    this.#open.delete(id)
  }
}

const stateRow = (
  { cause, equity, limit, reason, value }: JournalEventOf<"TradingStateChanged">,
  date: SessionDate
): StateRow => ({
  date,
  cause,
  ...(value === undefined ? {} : { value }),
  ...(limit === undefined ? {} : { limit }),
  equity,
  reason
})
