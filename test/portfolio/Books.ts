/** Events and random histories for the tests of the books. */
import { Option, Schema } from "effect"
import {
  accountId,
  clientOrderId,
  type InstrumentId,
  instrumentId,
  tradeId
} from "../../src/domain/Identifiers.ts"
import type { JournalEvent, OrderFilled } from "../../src/domain/JournalEvent.ts"
import {
  MICROS,
  type Money,
  money,
  type Price,
  price,
  pricePerShare,
  quantity,
  signedQuantity
} from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { dividendEvent, splitEvent } from "../../src/portfolio/CorporateActions.ts"
import { apply, empty, type LedgerState } from "../../src/portfolio/Ledger.ts"

export const account = accountId("desk")

/** Two shares and an option of multiplier 100. */
export const aapl = instrumentId("AAPL.XNAS")
export const spy = instrumentId("SPY.ARCX")
export const option = instrumentId("SPY 240119C00450000.XCBO")
export const instruments = [aapl, spy, option]

const multiplierOf = (id: InstrumentId): number => (id === option ? 100 : 1)

export interface FillFields {
  readonly instrument?: InstrumentId
  readonly side: "BUY" | "SELL"
  readonly shares: number
  /** Dollars. */
  readonly at: number
  readonly fee?: Money
  readonly id?: string
  readonly ts?: number
}

/** A fill in dollars and shares, for examples. */
export const fill = (fields: FillFields): OrderFilled =>
  fillMicros({
    instrument: fields.instrument ?? aapl,
    side: fields.side,
    quantity: Math.round(fields.shares * MICROS),
    price: pricePerShare(fields.at),
    fee: fields.fee ?? money(0),
    id: fields.id ?? "t1",
    ts: fields.ts ?? 0
  })

const fillMicros = (fields: {
  readonly instrument: InstrumentId
  readonly side: "BUY" | "SELL"
  readonly quantity: number
  readonly price: number
  readonly fee: number
  readonly id: string
  readonly ts: number
}): OrderFilled => ({
  _tag: "OrderFilled",
  clientOrderId: clientOrderId(`o-${fields.id}`),
  tsEvent: timestamp(fields.ts),
  tradeId: tradeId(fields.id),
  instrumentId: fields.instrument,
  side: fields.side,
  quantity: quantity(fields.quantity),
  price: price(fields.price),
  fee: money(fields.fee),
  multiplier: multiplierOf(fields.instrument),
  final: true
})

export const deposit = (amount: Money): JournalEvent => ({
  _tag: "CashDeposited",
  tsEvent: timestamp(0),
  amount
})

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const which = between(0, 2)
const side = Schema.Literals(["BUY", "SELL"])
const anyPrice = between(0, 2_000 * MICROS)
/** Brokers charge; venues also give rebates. */
const fee = between(-1_000_000, 5_000_000)

/** What may happen to an account; which events it becomes depends on what is held then. */
export const Command = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("whole"), which, side, size: between(1, 300), price: anyPrice, fee }),
  Schema.Struct({
    kind: Schema.Literal("micros"),
    which,
    side,
    size: between(0, 300 * MICROS),
    price: anyPrice,
    fee
  }),
  Schema.Struct({ kind: Schema.Literal("flatten"), which, price: anyPrice, fee }),
  Schema.Struct({
    kind: Schema.Literal("split"),
    which: between(0, 1),
    ratio: Schema.Literals(["2:1", "3:2", "7:1", "1:10", "1:1000", "21:20"]),
    price: anyPrice
  }),
  Schema.Struct({ kind: Schema.Literal("dividend"), which, amount: between(0, 5 * MICROS) }),
  Schema.Struct({ kind: Schema.Literal("deposit"), amount: between(1, 1_000_000 * MICROS) }),
  Schema.Struct({ kind: Schema.Literal("withdraw"), amount: between(1, 1_000_000 * MICROS) }),
  Schema.Struct({
    kind: Schema.Literal("correct-position"),
    which,
    to: between(-300 * MICROS, 300 * MICROS),
    price: anyPrice
  }),
  Schema.Struct({ kind: Schema.Literal("correct-cash"), by: between(-1_000 * MICROS, 1_000 * MICROS) }),
  Schema.Struct({ kind: Schema.Literal("session") })
])
export type Command = typeof Command.Type

/** Histories as long as `Commands` allows: the default size stops at ten. */
export const histories = { arbitrary: { runs: 600, size: 60 } }

export const Commands = Schema.Array(Command).pipe(Schema.check(Schema.isMaxLength(60)))

const eventFor = (state: LedgerState, command: Command, n: number): Option.Option<JournalEvent> => {
  const tsEvent = timestamp(n * 60_000_000)
  const id = "which" in command ? (instruments[command.which] ?? aapl) : aapl
  const held = state.positions[id]?.quantity ?? 0
  const filled = (way: "BUY" | "SELL", micros: number, at: number, cost: number) =>
    Option.some(
      fillMicros({
        instrument: id,
        side: way,
        quantity: micros,
        price: at,
        fee: cost,
        id: `t${n}`,
        ts: tsEvent
      })
    )
  switch (command.kind) {
    case "whole":
      return filled(command.side, command.size * MICROS, command.price, command.fee)
    case "micros":
      return filled(command.side, command.size, command.price, command.fee)
    case "flatten":
      return held === 0
        ? Option.none()
        : filled(held > 0 ? "SELL" : "BUY", Math.abs(held), command.price, command.fee)
    case "split": {
      const [numerator = 1, denominator = 1] = command.ratio.split(":").map(Number)
      // Splits compound; no account of these histories leaves what the books can hold.
      if ((Math.abs(held) / MICROS) * (numerator / denominator) > 200_000) return Option.none()
      const priceForFraction: Price = price(command.price)
      return splitEvent(state, { instrumentId: id, numerator, denominator, priceForFraction, tsEvent })
    }
    case "dividend":
      return dividendEvent(state, { instrumentId: id, amountPerShare: command.amount, tsEvent })
    case "deposit":
      return Option.some({ _tag: "CashDeposited", tsEvent, amount: money(command.amount) })
    case "withdraw":
      return Option.some({ _tag: "CashWithdrawn", tsEvent, amount: money(command.amount) })
    case "correct-position":
      return Option.some({
        _tag: "PositionCorrected",
        tsEvent,
        instrumentId: id,
        from: signedQuantity(held),
        to: signedQuantity(command.to),
        price: price(command.price),
        multiplier: multiplierOf(id),
        reason: "the venue says so"
      })
    case "correct-cash":
      return Option.some({
        _tag: "CashCorrected",
        tsEvent,
        from: state.cash,
        to: money(state.cash + command.by),
        reason: "the venue says so"
      })
    case "session":
      return Option.some({ _tag: "OrderSubmitted", tsEvent, clientOrderId: clientOrderId(`o-${n}`) })
  }
}

/** One event and the books before and after it. */
export interface Step {
  readonly event: JournalEvent
  readonly before: LedgerState
  readonly after: LedgerState
}

/** Plays the commands from empty books. */
export const play = (commands: ReadonlyArray<Command>): ReadonlyArray<Step> => {
  let before = empty(account)
  const steps: Array<Step> = []
  for (const [n, command] of commands.entries()) {
    const event = eventFor(before, command, n)
    if (Option.isSome(event)) {
      const after = apply(before, event.value)
      steps.push({ event: event.value, before, after })
      before = after
    }
  }
  return steps
}
