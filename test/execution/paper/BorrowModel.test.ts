/** What short shares and owed money cost by the night, and what it does to the books. */
import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { dollars, pricePerShare } from "../../../src/domain/Money.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { isJournalEvent } from "../../../src/domain/JournalGuards.ts"
import { borrowFee, type BorrowModel, nightsAfter } from "../../../src/execution/paper/BorrowModel.ts"
import { debitInterest, type MarginModel, regulationT } from "../../../src/execution/paper/MarginModel.ts"
import { session as sessionOn } from "../../../src/market/TradingCalendar.ts"
import { chargesAfter, noCharges } from "../../../src/portfolio/DailyPnl.ts"
import { isBalanced } from "../../../src/portfolio/Ledger.ts"
import { happeningWords } from "../../../src/programs/cli/FillWords.ts"
import { advancedDesk, venueAccountOf } from "./AdvancedDesk.ts"
import { call, lookUpAny } from "./OptionMarket.ts"
import { acme, bolt } from "./PaperMarket.ts"

const threePercent: BorrowModel = { _tag: "Yearly", basisPoints: 300 }
const owingFive: MarginModel = { ...regulationT, interestBasisPoints: 500 }

describe("nights", () => {
  it("run from a session to the next: one in the week, three over a weekend, four over a long one", () => {
    assert.strictEqual(nightsAfter(sessionDate("2024-03-12")), 1)
    assert.strictEqual(nightsAfter(sessionDate("2024-03-15")), 3)
    // Presidents' Day.
    assert.strictEqual(nightsAfter(sessionDate("2024-02-16")), 4)
    // Across the change of the clocks.
    assert.strictEqual(nightsAfter(sessionDate("2024-03-08")), 3)
    // July 4th, a Thursday.
    assert.strictEqual(nightsAfter(sessionDate("2024-07-03")), 2)
  })
})

describe("the fee", () => {
  it("is value × rate × nights ÷ 360, to the micro", () => {
    // 100,000 × 3% ÷ 360 = 8.33…
    assert.strictEqual(borrowFee(threePercent, dollars(100_000), 1), dollars(8.333333))
    assert.strictEqual(borrowFee(threePercent, dollars(100_000), 3), dollars(25))
    // 5,000 × 45% ÷ 360 × 4 = 25.
    assert.strictEqual(borrowFee({ _tag: "Yearly", basisPoints: 4500 }, dollars(5000), 4), dollars(25))
    assert.strictEqual(borrowFee({ _tag: "None" }, dollars(100_000), 1), 0)
    assert.strictEqual(borrowFee(undefined, dollars(100_000), 1), 0)
  })

  it("is asked for money that is owed, and only for that", () => {
    // 72,000 × 5% ÷ 360 × 3 = 30.
    assert.strictEqual(debitInterest(owingFive, dollars(-72_000), 3), dollars(30))
    assert.strictEqual(debitInterest(owingFive, dollars(72_000), 3), 0)
    assert.strictEqual(debitInterest({ _tag: "None" }, dollars(-72_000), 3), 0)
    assert.strictEqual(debitInterest(undefined, dollars(-72_000), 3), 0)
  })
})

const friday = Option.getOrThrow(sessionOn(sessionDate("2024-03-15")))

/** A desk after a Friday's close: short 200 at 60 and 100 at 30, long 50 at 30, an option short, cash of `cash`. */
const afterClose = (cash: number, policy: Parameters<typeof advancedDesk>[0]["policy"]) => {
  const desk = advancedDesk({ instrument: lookUpAny, cash, ...(policy === undefined ? {} : { policy }) })
  desk.hold(acme, -200, 50)
  desk.hold(bolt, 50, 30)
  desk.hold(call(100, "2024-06-21"), -1, 2)
  desk.mark(acme, 60)
  const events = desk.play({ session: friday, opens: false, closes: true, ticks: [], actions: [] })
  return { desk, events }
}

describe("a session's close", () => {
  it("charges short shares for the nights to the next session; what is long and what is an option costs nothing", () => {
    const { desk, events } = afterClose(10_000, { borrow: threePercent })
    // 200 × 60 = 12,000; × 3% ÷ 360 × 3 nights = 3.
    assert.deepStrictEqual(events.slice(0, 1), [
      {
        _tag: "BorrowFeeCharged",
        tsEvent: friday.close,
        instrumentId: acme.id,
        value: dollars(12_000),
        nights: 3,
        amount: dollars(3)
      }
    ])
    assert.deepStrictEqual(
      events.map(({ _tag }) => _tag),
      ["BorrowFeeCharged", "SessionClosed"]
    )
    const { ledger } = desk.standing()
    // 10,000 + 200 × 50 − 50 × 30 + 200 − 3.
    assert.strictEqual(desk.cash(), dollars(18_697))
    assert.strictEqual(ledger.fees, dollars(3))
    assert.isTrue(isBalanced(ledger))
    assert.strictEqual(venueAccountOf(desk).cash, ledger.cash)
    assert.isTrue(events.every(isJournalEvent))
    assert.deepStrictEqual(
      events.flatMap((event) => happeningWords(event) ?? []),
      ["ACME short was borrowed for 3 nights: $3.00"]
    )
  })

  it("is told with the fee taken off the closing equity", () => {
    const closing = (policy: Parameters<typeof afterClose>[1]) =>
      afterClose(10_000, policy).events.flatMap((event) =>
        event._tag === "SessionClosed" ? [event.equity] : []
      )
    const [free = 0] = closing(undefined)
    const [charged] = closing({ borrow: threePercent })
    assert.strictEqual(charged, free - dollars(3))
  })

  it("charges interest on cash below zero, the fee for shares included", () => {
    const { desk, events } = afterClose(-44_697, { borrow: threePercent, margin: owingFive })
    // −44,697 + 8,700 − 3 = −36,000; × 5% ÷ 360 × 3 = 15.
    assert.deepStrictEqual(
      events.flatMap((event) => happeningWords(event) ?? []),
      ["ACME short was borrowed for 3 nights: $3.00", "$36,000.00 was owed for 3 nights: $15.00 of interest"]
    )
    assert.strictEqual(desk.cash(), dollars(-36_015))
    assert.isTrue(isBalanced(desk.standing().ledger))
    assert.strictEqual(venueAccountOf(desk).cash, desk.cash())
    assert.isTrue(events.every(isJournalEvent))
  })

  it("without a model leaves no trace", () => {
    for (const policy of [undefined, { borrow: { _tag: "None" } }, { margin: regulationT }] as const) {
      const { events } = afterClose(-44_697, policy)
      assert.deepStrictEqual(
        events.map(({ _tag }) => _tag),
        ["SessionClosed"]
      )
    }
  })

  it("a fee is its instrument's, interest is the account's", () => {
    const { desk, events } = afterClose(-44_697, { borrow: threePercent, margin: owingFive })
    let charges = noCharges
    for (const event of events) charges = chargesAfter(charges, event, desk.standing().ledger)
    assert.deepStrictEqual(
      [...charges].map(([id, { fees }]) => [id, fees]),
      [[acme.id, dollars(3)]]
    )
    assert.strictEqual(desk.standing().marks.get(acme.id), pricePerShare(60))
  })
})
