import { describe, expect, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
import type { InstrumentId } from "../../src/domain/Identifiers.ts"
import type { JournalEvent } from "../../src/domain/JournalEvent.ts"
import {
  dollars,
  MICROS,
  money,
  price,
  pricePerShare,
  shares,
  signedQuantity
} from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { type BooksAt, chargesAfter, noCharges, periodProfit } from "../../src/portfolio/DailyPnl.ts"
import { apply, applyAll, empty, equity, type LedgerState, type Marks } from "../../src/portfolio/Ledger.ts"
import { aapl, account, Commands, deposit, fill, histories, instruments, option, play, spy } from "./Books.ts"

const at = (ledger: LedgerState, marks: Marks): BooksAt => ({
  ledger,
  marks,
  equity: Result.getOrThrow(equity(ledger, marks))
})

const marksAt = (aaplAt: number, spyAt: number): Marks =>
  new Map([
    [aapl, pricePerShare(aaplAt)],
    [spy, pricePerShare(spyAt)]
  ])

/** The profit of what happens after `before`, valued at `after`. */
const dayOf = (before: BooksAt, events: ReadonlyArray<JournalEvent>, after: Marks) => {
  let ledger = before.ledger
  let charges = noCharges
  for (const event of events) {
    charges = chargesAfter(charges, event, ledger)
    ledger = apply(ledger, event)
  }
  return periodProfit(before, at(ledger, after), charges)
}

const yesterday = at(
  applyAll(empty(account), [
    deposit(dollars(100_000)),
    fill({ side: "BUY", shares: 10, at: 100, fee: dollars(1) }),
    fill({ instrument: spy, side: "SELL", shares: 5, at: 400 })
  ]),
  marksAt(110, 390)
)

describe("a day by example", () => {
  it("what was sold realises against its cost, and its gain of before leaves the unrealised", () => {
    const day = dayOf(
      yesterday,
      [fill({ side: "SELL", shares: 4, at: 120, fee: dollars(0.5) }), deposit(dollars(500))],
      marksAt(115, 395)
    )
    // Sold 4 with 20 each; 6 kept with 15 each, where yesterday 10 had 10 each. The short lost 5 on 5.
    expect(day.byInstrument).toEqual([
      {
        instrumentId: aapl,
        realised: dollars(80),
        unrealisedChange: Option.some(dollars(-10)),
        dividends: 0,
        fees: dollars(0.5),
        corrections: 0,
        total: Option.some(dollars(69.5))
      },
      {
        instrumentId: spy,
        realised: 0,
        unrealisedChange: Option.some(dollars(-25)),
        dividends: 0,
        fees: 0,
        corrections: 0,
        total: Option.some(dollars(-25))
      }
    ])
    expect(day.whole).toEqual({
      realised: dollars(80),
      unrealisedChange: dollars(-35),
      dividends: 0,
      fees: dollars(0.5),
      corrections: 0,
      total: dollars(44.5)
    })
    expect(day.netFlows).toBe(dollars(500))
    expect([day.cashCorrections, day.unattributed]).toEqual([0, 0])
  })

  it("dividends and corrections go to their instrument, a correction of cash to none", () => {
    const day = dayOf(
      yesterday,
      [
        {
          _tag: "DividendPaid",
          tsEvent: timestamp(1),
          instrumentId: spy,
          amountPerShare: dollars(2),
          amount: dollars(-10)
        },
        {
          _tag: "PositionCorrected",
          tsEvent: timestamp(2),
          instrumentId: aapl,
          from: signedQuantity(shares(10)),
          to: signedQuantity(shares(11)),
          price: pricePerShare(112),
          multiplier: 1,
          reason: "the venue holds one more"
        },
        {
          _tag: "CashCorrected",
          tsEvent: timestamp(3),
          from: money(0),
          to: money(yesterday.ledger.cash - dollars(10) + dollars(3)),
          reason: "the venue holds more"
        }
      ],
      marksAt(112, 390)
    )
    expect(day.byInstrument.map(({ corrections, dividends }) => [corrections, dividends])).toEqual([
      [dollars(112), 0],
      [0, dollars(-10)]
    ])
    expect(day.cashCorrections).toBe(dollars(3))
    // Ten shares rose by 2; one came in at its mark.
    expect(day.whole.total).toBe(dollars(20 + 112 - 10 + 3))
    expect(day.unattributed).toBe(0)
  })

  it("an instrument without a price at the start has no figures of its own; the account's stand", () => {
    const before = { ...yesterday, marks: new Map([[spy, pricePerShare(390)]]) }
    const day = dayOf(before, [], marksAt(115, 390))
    expect(day.byInstrument.map(({ total }) => total)).toEqual([Option.none(), Option.some(0)])
    expect(day.whole.total).toBe(dollars(50))
    expect(day.unattributed).toBe(dollars(50))
  })

  it("an equity that was measured at other marks leaves the difference unattributed", () => {
    const day = dayOf({ ...yesterday, equity: money(yesterday.equity + 7) }, [], marksAt(110, 390))
    expect(day.whole.total).toBe(-7)
    expect(day.unattributed).toBe(-7)
  })

  it("what was neither held nor traded is not listed", () => {
    const closed = apply(yesterday.ledger, fill({ side: "SELL", shares: 10, at: 110 }))
    const day = dayOf(at(closed, marksAt(110, 390)), [], marksAt(300, 390))
    expect(day.byInstrument.map(({ instrumentId }) => instrumentId)).toEqual([spy])
  })
})

describe("whatever happens in a day", () => {
  const mark = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 2_000 * MICROS })))
  const prices = Schema.Tuple([mark, mark, mark])
  const marksOf = (values: readonly [number, number, number]): Marks =>
    new Map<InstrumentId, ReturnType<typeof price>>([
      [aapl, price(values[0])],
      [spy, price(values[1])],
      [option, price(values[2])]
    ])

  it.prop(
    "its parts, its instruments and its change of equity are one sum, to the micro",
    { before: Commands, during: Commands, open: prices, close: prices },
    ({ before, close, during, open }) => {
      const commands = [...before, ...during]
      const cut = play(before).length
      const steps = play(commands)
      const ledger = steps[cut - 1]?.after ?? empty(account)
      const start = at(ledger, marksOf(open))
      const after = marksOf(close)
      const day = dayOf(
        start,
        steps.slice(cut).map(({ event }) => event),
        after
      )
      const end = at(steps.at(-1)?.after ?? ledger, after)

      const { whole } = day
      const flows =
        end.ledger.deposits - start.ledger.deposits - end.ledger.withdrawals + start.ledger.withdrawals
      expect(day.netFlows).toBe(flows)
      expect(whole.total).toBe(end.equity - start.equity - flows)
      expect(whole.total).toBe(
        whole.realised + whole.unrealisedChange + whole.dividends - whole.fees + whole.corrections
      )
      expect(day.unattributed).toBe(0)

      const sum = (part: (one: (typeof day.byInstrument)[number]) => number): number =>
        day.byInstrument.reduce((total, one) => total + part(one), 0)
      expect(sum((one) => Option.getOrThrow(one.total)) + day.cashCorrections).toBe(whole.total)
      expect(sum((one) => one.realised)).toBe(whole.realised)
      expect(sum((one) => Option.getOrThrow(one.unrealisedChange))).toBe(whole.unrealisedChange)
      expect(sum((one) => one.fees)).toBe(whole.fees)
      expect(sum((one) => one.dividends)).toBe(whole.dividends)
      expect(sum((one) => one.corrections) + day.cashCorrections).toBe(whole.corrections)
      expect(instruments).toEqual(expect.arrayContaining(day.byInstrument.map((one) => one.instrumentId)))
    },
    histories
  )
})
