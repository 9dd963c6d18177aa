/** Options for the tests of the books: contracts, their fills, and random histories with their ends. */
import { Option, Schema } from "effect"
import { clientOrderId, type InstrumentId, instrumentId, tradeId } from "../../src/domain/Identifiers.ts"
import type { JournalEvent, OrderFilled } from "../../src/domain/JournalEvent.ts"
import { MICROS, money, type Price, price, pricePerShare, quantity, shares } from "../../src/domain/Money.ts"
import type { OptionContract } from "../../src/domain/OptionContract.ts"
import { sessionDate, type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import { splitEvent } from "../../src/portfolio/CorporateActions.ts"
import { apply, empty, type LedgerState } from "../../src/portfolio/Ledger.ts"
import { assignmentEvent, exerciseEvent, expiryEvent } from "../../src/portfolio/OptionEnds.ts"
import { aapl, account, type Step } from "./Books.ts"

export const indx = instrumentId("INDX.XCBO")

export const contractOf = (change: Partial<OptionContract> = {}): OptionContract => ({
  underlying: aapl,
  right: "CALL",
  strike: pricePerShare(90),
  expiry: sessionDate("2014-06-13"),
  style: "AMERICAN",
  settlement: "PHYSICAL",
  expirySession: "PM",
  deliverable: shares(100),
  deliverableCash: money(0),
  ...change
})

interface Listed {
  readonly id: InstrumentId
  readonly contract: OptionContract
}

const listed = (symbol: string, change: Partial<OptionContract> = {}): Listed => ({
  id: instrumentId(`${symbol}.OPRA`),
  contract: contractOf(change)
})

export const call90 = listed("AAPL 140613C00090000")
export const put90 = listed("AAPL 140613P00090000", { right: "PUT" })
export const call700 = listed("AAPL 140613C00700000", { strike: pricePerShare(700) })
export const call100 = listed("AAPL 140613C00100000", { strike: pricePerShare(100) })
/** A hundred shares became a tenth of them and cash for a part of one. */
export const adjusted = listed("AAPL1 140613P00090000", {
  right: "PUT",
  deliverable: shares(9),
  deliverableCash: money(12_345_678)
})
export const indexCall = listed("INDX 140613C01900000", {
  underlying: indx,
  strike: pricePerShare(1900),
  style: "EUROPEAN",
  settlement: "CASH"
})

export interface OptionFill {
  readonly of: Listed
  readonly side: "BUY" | "SELL"
  readonly contracts: number
  /** Micros. */
  readonly at: Price
  readonly fee?: number
  readonly id?: string
  readonly ts?: number
}

export const optionFill = ({ at, contracts, fee, id, of, side, ts }: OptionFill): OrderFilled => ({
  _tag: "OrderFilled",
  clientOrderId: clientOrderId("o"),
  tsEvent: timestamp(ts ?? 0),
  tradeId: tradeId(id ?? "t1"),
  instrumentId: of.id,
  side,
  quantity: shares(contracts),
  price: at,
  fee: money(fee ?? 0),
  multiplier: 100,
  contract: of.contract,
  final: true
})

/** An end of so many contracts, with the underlying at a price in dollars. */
export const endOf = (
  { id }: Listed,
  contracts: number,
  spot: number,
  options: { readonly fee?: number; readonly ts?: number } = {}
) => ({
  instrumentId: id,
  quantity: shares(contracts),
  settlementPrice: pricePerShare(spot),
  tsEvent: timestamp(options.ts ?? 9),
  fee: money(options.fee ?? 0),
  reason: "at expiry"
})

export const adjustment = (
  from: Listed,
  to: Listed,
  ratio: readonly [number, number] = [1, 1],
  tsEvent: Timestamp = timestamp(5)
): JournalEvent => ({
  _tag: "OptionAdjusted",
  tsEvent,
  instrumentId: from.id,
  to: to.id,
  contract: to.contract,
  multiplier: 100,
  numerator: ratio[0],
  denominator: ratio[1],
  reason: "a split of the underlying"
})

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const all = [call90, put90, call700, call100, adjusted, indexCall]
const which = between(0, all.length - 1)
const side = Schema.Literals(["BUY", "SELL"])

const OptionTrade = Schema.Struct({
  kind: Schema.Literal("option"),
  which,
  side,
  contracts: between(1, 30),
  price: between(0, 200 * MICROS),
  fee: between(-1_000_000, 5_000_000)
})

const End = Schema.Struct({
  kind: Schema.Literal("end"),
  which,
  isExpiry: Schema.Boolean,
  /** Of what is held, in eighths. */
  part: between(1, 8),
  spot: between(0, 2_000 * MICROS),
  fee: between(0, 2_000_000)
})

/** Trades and ends come oftener than the rest. */
const Command = Schema.Union([
  OptionTrade,
  OptionTrade,
  End,
  End,
  Schema.Struct({
    kind: Schema.Literal("shares"),
    side,
    micros: between(1, 3_000 * MICROS),
    price: between(0, 2_000 * MICROS)
  }),
  Schema.Struct({
    kind: Schema.Literal("adjust"),
    ratio: Schema.Literals(["7:1", "3:2", "1:1", "1:3"])
  }),
  Schema.Struct({ kind: Schema.Literal("split"), ratio: Schema.Literals(["2:1", "1:3"]) }),
  Schema.Struct({ kind: Schema.Literal("deposit"), amount: between(1, 1_000_000 * MICROS) })
])
type Command = typeof Command.Type

export const OptionCommands = Schema.Array(Command).pipe(Schema.check(Schema.isMaxLength(40)))
export const optionHistories = { arbitrary: { runs: 600, size: 200 } }

const eventFor = (state: LedgerState, command: Command, n: number): Option.Option<JournalEvent> => {
  const ts = n * 60_000_000
  switch (command.kind) {
    case "option": {
      const of = all[command.which] ?? call90
      const { contracts, fee } = command
      const at = price(command.price)
      return Option.some(optionFill({ of, side: command.side, contracts, at, fee, id: `t${n}`, ts }))
    }
    case "shares":
      return Option.some({
        _tag: "OrderFilled",
        clientOrderId: clientOrderId("s"),
        tsEvent: timestamp(ts),
        tradeId: tradeId(`s${n}`),
        instrumentId: aapl,
        side: command.side,
        quantity: quantity(command.micros),
        price: price(command.price),
        fee: money(0),
        multiplier: 1,
        final: true
      })
    case "end": {
      const open = all.filter(({ id }) => (state.positions[id]?.quantity ?? 0) !== 0)
      const { id } = open[command.which % open.length] ?? call90
      const held = state.positions[id]?.quantity ?? 0
      const end = {
        instrumentId: id,
        quantity: quantity(Math.ceil((Math.abs(held) * command.part) / 8)),
        settlementPrice: price(command.spot),
        tsEvent: timestamp(ts),
        fee: money(command.fee),
        reason: "it ends"
      }
      if (command.isExpiry) return expiryEvent(state, end)
      return held > 0 ? exerciseEvent(state, end) : assignmentEvent(state, end)
    }
    case "adjust": {
      const [numerator = 1, denominator = 1] = command.ratio.split(":").map(Number)
      const held = Math.abs(state.positions[call700.id]?.quantity ?? 0)
      if (held === 0) return Option.none()
      return Option.some(adjustment(call700, call100, [numerator, denominator], timestamp(ts)))
    }
    case "split": {
      const [numerator = 1, denominator = 1] = command.ratio.split(":").map(Number)
      const held = Math.abs(state.positions[aapl]?.quantity ?? 0)
      if (held > 1_000_000 * MICROS) return Option.none()
      const priceForFraction = pricePerShare(90)
      return splitEvent(state, {
        instrumentId: aapl,
        numerator,
        denominator,
        priceForFraction,
        tsEvent: timestamp(ts)
      })
    }
    case "deposit":
      return Option.some({
        _tag: "CashDeposited",
        tsEvent: timestamp(ts),
        amount: money(command.amount)
      })
  }
}

/** The events the commands come to, with the books before and after each. */
export const playOptions = (commands: ReadonlyArray<Command>): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  let before = empty(account)
  for (const command of commands) {
    const event = Option.getOrUndefined(eventFor(before, command, steps.length))
    if (event === undefined) continue
    const after = apply(before, event)
    steps.push({ event, before, after })
    before = after
  }
  return steps
}

export const optionInstruments = [aapl, indx, ...all.map(({ id }) => id)]
