/** Options in the books: premiums, exercise, assignment, expiry, adjusted contracts. */
import { describe, expect, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
import { isFillEvent, JournalEvent } from "../../src/domain/JournalEvent.ts"
import { isJournalEvent } from "../../src/domain/JournalGuards.ts"
import { dollars, MICROS, money, price, pricePerShare, shares } from "../../src/domain/Money.ts"
import { applyAllToVenueAccount, emptyVenueAccount } from "../../src/execution/VenueAccount.ts"
import { type BooksAt, chargesAfter, noCharges, periodProfit } from "../../src/portfolio/DailyPnl.ts"
import { fillRows } from "../../src/portfolio/FillRows.ts"
import {
  apply,
  applyAll,
  closedLots,
  empty,
  equity,
  isBalanced,
  type LedgerState,
  marketValue,
  type Marks,
  positions,
  postings,
  trialBalance,
  unrealised
} from "../../src/portfolio/Ledger.ts"
import { costOf, quantityOf } from "../../src/portfolio/Lots.ts"
import {
  assignmentEvent,
  exerciseEvent,
  expiryEvent,
  inAdjustmentOrder,
  type OptionEnd
} from "../../src/portfolio/OptionEnds.ts"
import { aapl, account, deposit, fill } from "./Books.ts"
import {
  adjusted,
  adjustment,
  call100,
  call700,
  call90,
  contractOf,
  endOf,
  indexCall,
  OptionCommands,
  optionFill,
  optionHistories,
  optionInstruments,
  playOptions,
  put90
} from "./OptionBooks.ts"

const start = apply(empty(account), deposit(dollars(100_000)))

const held = (state: LedgerState, { id }: { readonly id: typeof aapl }) => {
  const found = state.positions[id]
  if (found === undefined) throw new Error(`${id} is not in the books`)
  return found
}
const stock = { id: aapl }

const exercised = (state: LedgerState, end: OptionEnd) => Option.getOrThrow(exerciseEvent(state, end))
const assigned = (state: LedgerState, end: OptionEnd) => Option.getOrThrow(assignmentEvent(state, end))
const expired = (state: LedgerState, end: OptionEnd) => Option.getOrThrow(expiryEvent(state, end))

describe("an option that ends, by example", () => {
  it("a call exercised buys the shares at the strike, and its premium is in their cost", () => {
    const bought = apply(
      start,
      optionFill({ of: call90, side: "BUY", contracts: 2, at: pricePerShare(3.45), fee: dollars(1.3) })
    )
    expect(held(bought, call90)).toMatchObject({ cost: dollars(690), contract: call90.contract })
    const event = exercised(bought, endOf(call90, 2, 95, { fee: dollars(5) }))
    expect(event).toMatchObject({
      tradeId: "X-AAPL 140613C00090000-9-2",
      delivery: {
        tradeId: "D-AAPL 140613C00090000-9-2",
        instrumentId: aapl,
        side: "BUY",
        quantity: shares(200),
        amount: dollars(18_000)
      }
    })
    const after = apply(bought, event)
    expect(after.cash).toBe(dollars(100_000 - 690 - 1.3 - 18_000 - 5))
    expect(held(after, call90)).toMatchObject({ quantity: 0, cost: 0, realised: 0, realisedFifo: 0 })
    expect(held(after, stock)).toMatchObject({ quantity: shares(200), cost: dollars(18_690), multiplier: 1 })
    expect(held(after, stock).lots).toEqual([
      { tradeId: event.delivery?.tradeId, tsOpen: 9, quantity: shares(200), cost: dollars(18_690) }
    ])
    expect([after.realised, after.fees]).toEqual([0, dollars(6.3)])
    expect(postings(event, bought)).toEqual([
      { account: "cash", amount: dollars(-18_000) },
      { account: "position", instrumentId: call90.id, amount: dollars(-690) },
      { account: "position", instrumentId: aapl, amount: dollars(18_690) },
      { account: "cash", amount: dollars(-5) },
      { account: "fees", amount: dollars(5) }
    ])
  })

  it("a put exercised sells shares for the strike less its premium", () => {
    const before = applyAll(start, [
      fill({ side: "BUY", shares: 300, at: 95.1 }),
      optionFill({ of: put90, side: "BUY", contracts: 1, at: pricePerShare(2.1) })
    ])
    const event = exercised(before, endOf(put90, 1, 80))
    const after = apply(before, event)
    expect(after.cash - before.cash).toBe(dollars(9_000))
    expect(held(after, stock)).toMatchObject({
      quantity: shares(200),
      cost: dollars(19_020),
      realised: dollars(8_790 - 9_510)
    })
    expect(closedLots(event, before)).toMatchObject([
      { instrumentId: put90.id, cost: dollars(210), proceeds: dollars(210), realised: 0 },
      { instrumentId: aapl, quantity: shares(100), proceeds: dollars(8_790), realised: dollars(-720) }
    ])
  })

  it("a covered call assigned sells the shares for the strike and the premium", () => {
    const before = applyAll(start, [
      fill({ side: "BUY", shares: 100, at: 85 }),
      optionFill({ of: call90, side: "SELL", contracts: 1, at: pricePerShare(1.25), fee: dollars(0.65) })
    ])
    const after = apply(before, assigned(before, endOf(call90, 1, 97)))
    expect(after.cash).toBe(dollars(100_000 - 8_500 + 125 - 0.65 + 9_000))
    expect(positions(after)).toEqual([])
    expect([held(after, call90).realised, held(after, stock).realised]).toEqual([0, dollars(625)])
  })

  it("a short put assigned buys the shares for the strike less the premium", () => {
    const before = apply(
      start,
      optionFill({ of: put90, side: "SELL", contracts: 3, at: pricePerShare(0.855) })
    )
    const after = apply(before, assigned(before, endOf(put90, 1, 70)))
    expect(held(after, stock)).toMatchObject({ quantity: shares(100), cost: dollars(9_000 - 85.5) })
    expect(held(after, put90)).toMatchObject({ quantity: 0 - shares(2), cost: dollars(-171) })
    expect(after.cash).toBe(dollars(100_000 + 256.5 - 9_000))
  })

  it("shares delivered beyond what is held turn the position over", () => {
    const before = applyAll(start, [
      fill({ side: "BUY", shares: 150, at: 80 }),
      optionFill({ of: put90, side: "BUY", contracts: 2, at: pricePerShare(2.5) })
    ])
    const after = apply(before, exercised(before, endOf(put90, 2, 60)))
    // 200 for 18,000 less 500: 87.50 each.
    expect(held(after, stock)).toMatchObject({
      quantity: 0 - shares(50),
      cost: dollars(-4_375),
      realised: dollars(13_125 - 12_000)
    })
  })

  it("the oldest contracts go first, each lot for what it cost; average cost realises the difference", () => {
    const before = applyAll(start, [
      optionFill({ of: call90, side: "BUY", contracts: 1, at: pricePerShare(2), id: "a" }),
      optionFill({ of: call90, side: "BUY", contracts: 1, at: pricePerShare(4), id: "b" })
    ])
    const after = apply(before, exercised(before, endOf(call90, 1, 95)))
    expect(held(after, stock)).toMatchObject({ cost: dollars(9_200) })
    expect(held(after, call90)).toMatchObject({
      quantity: shares(1),
      cost: dollars(300),
      realised: dollars(-100),
      realisedFifo: 0
    })
    const both = exercised(before, endOf(call90, 2, 95))
    expect(closedLots(both, before).map(({ realised }) => realised)).toEqual([0, 0])
    expect(held(apply(before, both), call90).realised).toBe(0)
  })

  it("one settled in cash realises what it is worth less what it cost", () => {
    const long = apply(
      start,
      optionFill({ of: indexCall, side: "BUY", contracts: 2, at: pricePerShare(12.5) })
    )
    const event = exercised(long, endOf(indexCall, 2, 1925.37))
    expect(event.delivery).toBeUndefined()
    expect(event.cash).toBe(dollars(5_074))
    expect(held(apply(long, event), indexCall).realised).toBe(dollars(5_074 - 2_500))
    const short = apply(
      start,
      optionFill({ of: indexCall, side: "SELL", contracts: 1, at: pricePerShare(12.5) })
    )
    const paid = assigned(short, endOf(indexCall, 1, 1925.37, { fee: dollars(1) }))
    expect(paid.cash).toBe(dollars(-2_537))
    const after = apply(short, paid)
    expect(after.realised).toBe(dollars(1_250 - 2_537))
    expect(after.cash).toBe(dollars(100_000 + 1_250 - 2_537 - 1))
  })

  it("one that expires loses its premium, or keeps it", () => {
    const long = apply(start, optionFill({ of: call90, side: "BUY", contracts: 2, at: pricePerShare(1.1) }))
    const gone = expired(long, endOf(call90, 2, 80))
    expect(gone.side).toBe("SELL")
    expect(apply(long, gone)).toMatchObject({ cash: dollars(99_780), realised: dollars(-220) })
    const short = apply(start, optionFill({ of: put90, side: "SELL", contracts: 2, at: pricePerShare(1.1) }))
    const kept = expired(short, endOf(put90, 1, 95))
    expect(kept.side).toBe("BUY")
    expect(apply(short, kept)).toMatchObject({ cash: dollars(100_220), realised: dollars(110) })
  })

  it("an adjusted contract delivers its own shares, and its cash against the strike", () => {
    const before = apply(start, optionFill({ of: adjusted, side: "BUY", contracts: 1, at: pricePerShare(1) }))
    const event = exercised(before, endOf(adjusted, 1, 700))
    expect(event.delivery).toMatchObject({
      side: "SELL",
      quantity: shares(9),
      amount: money(9_000_000_000 - 12_345_678)
    })
    expect(held(apply(before, event), stock).cost).toBe(0 - (8_987_654_322 - 100_000_000))
  })

  it("one that delivers no share any more is settled in cash", () => {
    const contract = contractOf({ right: "PUT", deliverable: shares(0), deliverableCash: dollars(12) })
    const of = { id: adjusted.id, contract }
    const before = apply(start, optionFill({ of, side: "BUY", contracts: 2, at: pricePerShare(1) }))
    expect(exercised(before, endOf(of, 2, 1))).toMatchObject({ cash: dollars(2 * (9_000 - 12)) })
  })

  it("there is no end of what is not held that way", () => {
    const long = apply(start, optionFill({ of: call90, side: "BUY", contracts: 2, at: pricePerShare(1) }))
    expect(exerciseEvent(long, endOf(call90, 3, 95))).toEqual(Option.none())
    expect(exerciseEvent(long, endOf(call90, 0, 95))).toEqual(Option.none())
    expect(assignmentEvent(long, endOf(call90, 1, 95))).toEqual(Option.none())
    expect(expiryEvent(long, endOf(put90, 1, 95))).toEqual(Option.none())
    expect(expiryEvent(long, { ...endOf(call90, 1, 95), instrumentId: aapl })).toEqual(Option.none())
    const event = exercised(long, endOf(call90, 2, 95))
    expect(() => apply(apply(long, event), event)).toThrow("the books hold 0")
    expect(() => apply(start, event)).toThrow("OptionExercised X-AAPL 140613C00090000-9-2")
  })

  it("a fill of another contract than the open position's is a defect; a closed one's is not", () => {
    const other = { id: call90.id, contract: contractOf({ strike: pricePerShare(91) }) }
    const buy = (of: typeof call90) => optionFill({ of, side: "BUY", contracts: 1, at: pricePerShare(1) })
    expect(() => applyAll(start, [buy(call90), buy(other)])).toThrow("another contract")
    const closed = applyAll(start, [buy(call90), { ...buy(call90), side: "SELL" }, buy(other)])
    expect(held(closed, call90).contract).toEqual(other.contract)
  })
})

describe("a contract that becomes another", () => {
  const before = applyAll(start, [
    optionFill({ of: call700, side: "BUY", contracts: 1, at: pricePerShare(5), id: "a", ts: 1 }),
    optionFill({ of: call700, side: "BUY", contracts: 2, at: pricePerShare(8), id: "b", ts: 2 }),
    optionFill({ of: call700, side: "SELL", contracts: 1, at: pricePerShare(9), id: "c", ts: 3 })
  ])

  it("keeps its cost and its lots' costs; what was realised stays under the old name", () => {
    // Average cost 700 a contract: 200 realised; by FIFO 400.
    expect(held(before, call700)).toMatchObject({ cost: dollars(1_400), realised: dollars(200) })
    const after = apply(before, adjustment(call700, call100, [7, 1]))
    expect(held(after, call700)).toMatchObject({ quantity: 0, cost: 0, realisedFifo: dollars(400) })
    expect(held(after, call100)).toMatchObject({
      quantity: shares(14),
      cost: dollars(1_400),
      contract: call100.contract,
      realisedFifo: 0,
      lots: [{ tradeId: "b", tsOpen: 2, quantity: shares(14), cost: dollars(1_600) }]
    })
    expect([after.cash, after.realised]).toEqual([before.cash, before.realised])
    expect(isBalanced(after)).toBe(true)
  })

  it("joins what is held under the new name, oldest first", () => {
    const both = apply(
      before,
      optionFill({ of: call100, side: "BUY", contracts: 3, at: pricePerShare(2), id: "d", ts: 1 })
    )
    const after = apply(both, adjustment(call700, call100, [7, 1]))
    expect(held(after, call100)).toMatchObject({ quantity: shares(17), cost: dollars(2_000) })
    expect(held(after, call100).lots.map(({ tradeId }) => tradeId)).toEqual(["d", "b"])
    expect(isBalanced(after)).toBe(true)
  })

  it("meets what is held the other way, each lot at its cost", () => {
    const short = apply(
      before,
      optionFill({ of: call100, side: "SELL", contracts: 20, at: pricePerShare(2), id: "d", ts: 4 })
    )
    const event = adjustment(call700, call100, [7, 1])
    const after = apply(short, event)
    // 14 of the 20 sold for 2,800 are met by what cost 1,600.
    expect(held(after, call100)).toMatchObject({
      quantity: 0 - shares(6),
      cost: dollars(-1_200),
      realisedFifo: dollars(1_200)
    })
    expect(closedLots(event, short)).toMatchObject([
      { openTradeId: "d", tsClose: 5, realised: dollars(1_200) }
    ])
    expect([after.cash, isBalanced(after)]).toEqual([short.cash, true])
  })

  it("may keep its name and deliver something else", () => {
    const changed = { id: call700.id, contract: { ...call700.contract, deliverable: shares(33) } }
    const after = apply(before, adjustment(call700, changed))
    expect(held(after, call700)).toMatchObject({ contract: changed.contract, cost: dollars(1_400) })
  })

  it("of which nothing is held changes nothing; into another contract of that name is a defect", () => {
    expect(apply(start, adjustment(call700, call100))).toBe(start)
    const other = { id: call100.id, contract: contractOf({ deliverable: shares(33) }) }
    const mixed = apply(before, optionFill({ of: other, side: "BUY", contracts: 1, at: pricePerShare(1) }))
    expect(() => apply(mixed, adjustment(call700, call100))).toThrow(
      "of which the books hold another contract"
    )
  })

  it("is recorded after the one whose name it takes", () => {
    const names = [
      [call700, call100],
      [call100, call90],
      [put90, adjusted]
    ] as const
    const order = inAdjustmentOrder(names.map(([from, to]) => ({ instrumentId: from.id, to: to.id })))
    expect(order.map(({ instrumentId }) => instrumentId)).toEqual([call100.id, call700.id, put90.id])
  })
})

describe("fills one by one", () => {
  it("an exercise is the contracts that leave and the shares that come; an expiry the contracts alone", () => {
    const long = apply(start, optionFill({ of: call90, side: "BUY", contracts: 2, at: pricePerShare(1) }))
    const rows = fillRows(exercised(long, endOf(call90, 2, 95, { fee: dollars(5) })))
    expect(rows).toMatchObject([
      { kind: "EXERCISE", side: "SELL", quantity: shares(2), price: 0, amount: 0, fee: dollars(5) },
      {
        kind: "DELIVERY",
        side: "BUY",
        quantity: shares(200),
        price: pricePerShare(90),
        amount: dollars(18_000)
      }
    ])
    expect(rows.every((row) => row.clientOrderId === undefined)).toBe(true)
    expect(fillRows(expired(long, endOf(call90, 2, 80)))).toMatchObject([{ kind: "EXPIRY", amount: 0 }])
    const short = apply(
      start,
      optionFill({ of: indexCall, side: "SELL", contracts: 2, at: pricePerShare(1) })
    )
    expect(fillRows(assigned(short, endOf(indexCall, 2, 1910.5)))).toMatchObject([
      { kind: "ASSIGNMENT", side: "BUY", price: pricePerShare(10.5), amount: dollars(2_100) }
    ])
  })
})

describe("a day's profit by instrument", () => {
  const at = (ledger: LedgerState, marks: Marks): BooksAt => ({
    ledger,
    marks,
    equity: Result.getOrThrow(equity(ledger, marks))
  })
  const profitOf = (before: BooksAt, events: ReadonlyArray<JournalEvent>, marks: Marks) => {
    let ledger = before.ledger
    let charges = noCharges
    for (const event of events) {
      charges = chargesAfter(charges, event, ledger)
      ledger = apply(ledger, event)
    }
    const { byInstrument, unattributed, whole } = periodProfit(before, at(ledger, marks), charges)
    expect(unattributed).toBe(0)
    return { whole, parts: byInstrument.map((one) => [one.instrumentId, Option.getOrThrow(one.total)]) }
  }

  it("an option has its own until it is exercised, the shares theirs from the settlement price on", () => {
    const ledger = apply(start, optionFill({ of: call90, side: "BUY", contracts: 1, at: pricePerShare(2) }))
    const before = at(ledger, new Map([[call90.id, pricePerShare(3)]]))
    const event = exercised(ledger, endOf(call90, 1, 95, { fee: dollars(1) }))
    const { parts, whole } = profitOf(before, [event], new Map([[aapl, pricePerShare(96)]]))
    // The call went from 3 to 5 with a fee of 1; the shares from 95 to 96.
    expect(parts).toEqual([
      [call90.id, dollars(199)],
      [aapl, dollars(100)]
    ])
    expect(whole).toMatchObject({ total: dollars(299), realised: 0, fees: dollars(1) })
  })

  it("one assigned early below the strike has the loss of it", () => {
    const ledger = apply(start, optionFill({ of: put90, side: "SELL", contracts: 1, at: pricePerShare(4) }))
    const before = at(ledger, new Map([[put90.id, pricePerShare(6)]]))
    const { parts } = profitOf(
      before,
      [assigned(ledger, endOf(put90, 1, 85))],
      new Map([[aapl, pricePerShare(85)]])
    )
    expect(parts).toEqual([
      [put90.id, dollars(100)],
      [aapl, 0]
    ])
  })

  it("a contract that a split renames takes what it was worth at the open along", () => {
    const ledger = applyAll(start, [
      optionFill({ of: call700, side: "BUY", contracts: 1, at: pricePerShare(5), id: "a" }),
      optionFill({ of: call700, side: "BUY", contracts: 2, at: pricePerShare(8), id: "b" }),
      optionFill({ of: call700, side: "SELL", contracts: 1, at: pricePerShare(9), id: "c" }),
      optionFill({ of: call100, side: "BUY", contracts: 1, at: pricePerShare(600), id: "d" })
    ])
    const before = at(
      ledger,
      new Map([
        [call700.id, pricePerShare(14)],
        [call100.id, pricePerShare(610)]
      ])
    )
    const events = [adjustment(call100, call90, [7, 1]), adjustment(call700, call100, [7, 1])]
    const { parts } = profitOf(
      before,
      events,
      new Map([
        [call100.id, pricePerShare(3)],
        [call90.id, pricePerShare(88)]
      ])
    )
    // 14 contracts from 2 to 3; 7 contracts from 610/7 to 88.
    expect(new Map(parts.map(([id, total]) => [id, total]))).toEqual(
      new Map([
        [call90.id, dollars(61_600 - 61_000)],
        [call100.id, dollars(1_400)],
        [call700.id, 0]
      ])
    )
  })

  it.prop(
    "sums to the account's, whatever ends",
    {
      commands: OptionCommands,
      cut: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 40 })))
    },
    ({ commands, cut }) => {
      const steps = playOptions(commands)
      const from = Math.min(cut, steps.length)
      const marks = new Map(optionInstruments.map((id, n) => [id, price((n * 7 + 3) * 1_234_567)]))
      const ledger = steps[from - 1]?.after ?? empty(account)
      const end = steps.at(-1)?.after ?? ledger
      const events = steps.slice(from).map(({ event }) => event)
      const { parts, whole } = profitOf(at(ledger, marks), events, marks)
      const gained = Result.getOrThrow(equity(end, marks)) - Result.getOrThrow(equity(ledger, marks))
      expect(whole.total).toBe(gained - (end.deposits - ledger.deposits))
      expect(parts.reduce((sum, [, total]) => sum + Number(total), 0)).toBe(whole.total)
    },
    optionHistories
  )
})

describe("whatever is traded and however it ends", () => {
  it.prop(
    "the books balance, and the venue's account says the same",
    { commands: OptionCommands },
    ({ commands }) => {
      const steps = playOptions(commands)
      let venue = emptyVenueAccount
      for (const { after, before, event } of steps) {
        expect(postings(event, before).reduce((sum, { amount }) => sum + amount, 0)).toBe(0)
        expect(trialBalance(after)).toBe(0)
        expect(isBalanced(after)).toBe(true)
        venue = applyAllToVenueAccount(venue, [event])
        expect(venue.cash).toBe(after.cash)
        expect(venue.positions).toEqual(
          Object.fromEntries(positions(after).map(({ instrumentId, quantity }) => [instrumentId, quantity]))
        )
      }
    },
    optionHistories
  )

  it.prop(
    "cash + market value = deposits + realised + unrealised − fees, and cash is what came in and went out",
    { commands: OptionCommands },
    ({ commands }) => {
      const marks = new Map(optionInstruments.map((id, n) => [id, price((n + 1) * 7_654_321)]))
      let cash = 0n
      for (const { after, event } of playOptions(commands)) {
        const value = Result.getOrThrow(marketValue(after, marks))
        const open = Result.getOrThrow(unrealised(after, marks))
        expect(after.cash + value).toBe(after.deposits + after.realised + open - after.fees)
        if (event._tag === "CashDeposited") cash += BigInt(event.amount)
        if (event._tag === "SplitApplied") cash += BigInt(event.cashInLieu)
        if (isFillEvent(event)) {
          for (const { amount, fee, side } of fillRows(event)) {
            cash -= BigInt(side === "BUY" ? amount : -amount) + BigInt(fee)
          }
        }
        expect(BigInt(after.cash)).toBe(cash)
      }
    },
    optionHistories
  )

  it.prop(
    "what shares are delivered on realises nothing by FIFO, lot by lot; an adjustment realises nothing at all",
    { commands: OptionCommands },
    ({ commands }) => {
      for (const { after, before, event } of playOptions(commands)) {
        const isDelivered =
          (event._tag === "OptionExercised" || event._tag === "OptionAssigned") &&
          event.delivery !== undefined
        if (isDelivered) {
          const own = closedLots(event, before).filter((lot) => lot.instrumentId === event.instrumentId)
          expect(own.every(({ realised }) => realised === 0)).toBe(true)
          expect(after.positions[event.instrumentId]?.realisedFifo).toBe(
            before.positions[event.instrumentId]?.realisedFifo
          )
        }
        if (event._tag === "OptionAdjusted") {
          const met = closedLots(event, before)
          expect(after.cash).toBe(before.cash)
          if (met.length === 0) expect(after.realised).toBe(before.realised)
          for (const one of Object.values(after.positions)) {
            if (one.quantity === 0) expect(one.realised).toBe(one.realisedFifo)
          }
        }
        for (const one of Object.values(after.positions)) {
          expect(quantityOf(one.lots)).toBe(one.quantity)
          expect(one.realised - one.cost).toBe(one.realisedFifo - costOf(one.lots))
          const opened = one.lots.map(({ tsOpen }) => tsOpen)
          expect(opened).toEqual(opened.toSorted((a, b) => a - b))
        }
      }
    },
    optionHistories
  )

  it.prop(
    "an end at the settlement price makes nobody richer than the option was worth there",
    { commands: OptionCommands },
    ({ commands }) => {
      for (const { after, before, event } of playOptions(commands)) {
        if (event._tag !== "OptionExercised" && event._tag !== "OptionAssigned") continue
        if (event.delivery === undefined) continue
        const { contract, delivery, fee, quantity, settlementPrice: spot } = event
        const size = (state: LedgerState): bigint => BigInt(state.positions[aapl]?.quantity ?? 0)
        const worth = (state: LedgerState): number =>
          state.cash + Number((size(state) * BigInt(spot)) / BigInt(MICROS))
        const shareValue = (delivery.quantity * spot) / MICROS
        const forStrike = ((contract.strike * 100 - contract.deliverableCash) * quantity) / MICROS
        const expected = (delivery.side === "BUY" ? 1 : -1) * (shareValue - forStrike) - fee
        expect(Math.abs(worth(after) - worth(before) - expected)).toBeLessThan(3)
      }
    },
    optionHistories
  )

  it.prop(
    "rebuilding through JSON gives the same books, and the guards take every event",
    { commands: OptionCommands },
    ({ commands }) => {
      const steps = playOptions(commands)
      const lines: ReadonlyArray<unknown> = JSON.parse(JSON.stringify(steps.map(({ event }) => event)))
      expect(lines.every((line) => isJournalEvent(line))).toBe(true)
      const events = lines.map((line) => Schema.decodeUnknownSync(JournalEvent)(line))
      expect(applyAll(empty(account), events)).toStrictEqual(steps.at(-1)?.after ?? empty(account))
    },
    optionHistories
  )
})
