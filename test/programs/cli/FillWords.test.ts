import { describe, expect, it } from "@effect/vitest"
import { Option } from "effect"
import { clientOrderId, instrumentId } from "../../../src/domain/Identifiers.ts"
import type { JournalEvent } from "../../../src/domain/JournalEvent.ts"
import { dollars, pricePerShare } from "../../../src/domain/Money.ts"
import { timestamp } from "../../../src/domain/Timestamp.ts"
import { apply, empty } from "../../../src/portfolio/Ledger.ts"
import { assignmentEvent, exerciseEvent, expiryEvent } from "../../../src/portfolio/OptionEnds.ts"
import { happeningWords, toldFills, toldWords } from "../../../src/programs/cli/FillWords.ts"
import { eventWords } from "../../../src/programs/cli/WhyText.ts"
import { account, fill } from "../../portfolio/Books.ts"
import {
  adjustment,
  call100,
  call700,
  call90,
  endOf,
  indexCall,
  optionFill,
  put90
} from "../../portfolio/OptionBooks.ts"

const holding = (side: "BUY" | "SELL", of: typeof call90) =>
  apply(empty(account), optionFill({ of, side, contracts: 2, at: pricePerShare(1.5) }))

const wordsOf = (event: Option.Option<JournalEvent>): string => eventWords(Option.getOrThrow(event))

describe("a fill in words", () => {
  it("is a trade, with its contract where there may be several", () => {
    expect(eventWords(fill({ side: "BUY", shares: 10, at: 93.7 }))).toContain("bought 10 at 93.70")
    const sold = optionFill({
      of: call90,
      side: "SELL",
      contracts: 2,
      at: pricePerShare(1.5),
      fee: dollars(1.3)
    })
    expect(eventWords(sold)).toContain("sold 2 AAPL 140613C00090000 at 1.50, fee $1.30")
  })

  it("is an option's end, and what changes hands", () => {
    const words = [
      exerciseEvent(holding("BUY", call90), endOf(call90, 2, 95)),
      assignmentEvent(holding("SELL", put90), endOf(put90, 1, 80)),
      exerciseEvent(holding("BUY", indexCall), endOf(indexCall, 1, 1925.5)),
      expiryEvent(holding("SELL", put90), endOf(put90, 2, 95))
    ].map(wordsOf)
    expect(words).toEqual([
      "exercised 2 AAPL 140613C00090000; bought 200 AAPL at 90.00, delivered: at expiry",
      "assigned 1 AAPL 140613P00090000; bought 100 AAPL at 90.00, delivered: at expiry",
      "exercised 1 INDX 140613C01900000, settled in cash at 25.50: at expiry",
      "short 2 AAPL 140613P00090000 expired: at expiry"
    ])
  })

  it("that comes to pass by itself says why; what was delivered for it does not say it again", () => {
    const assigned = assignmentEvent(holding("SELL", put90), endOf(put90, 1, 80))
    expect(toldFills(Option.getOrThrow(assigned)).map(toldWords)).toEqual([
      "assigned 1 AAPL 140613P00090000: at expiry",
      "bought 100 AAPL at 90.00, delivered"
    ])
    expect(toldFills(fill({ side: "BUY", shares: 10, at: 93.7 })).map(toldWords)).toEqual([
      "bought 10 AAPL at 93.70"
    ])
  })

  it("is a contract that became another", () => {
    expect(eventWords(adjustment(call700, call100, [7, 1]))).toBe(
      "AAPL 140613C00700000 became AAPL 140613C00100000, 7 for 1: a split of the underlying"
    )
  })
})

describe("what comes to pass by itself", () => {
  it("is a split, a dividend, a contract that became another, and an order that went", () => {
    const day = timestamp(1_402_320_600_000_000)
    const id = clientOrderId("o-1")
    const told: ReadonlyArray<JournalEvent> = [
      {
        _tag: "SplitApplied",
        instrumentId: instrumentId("AAPL.XNAS"),
        numerator: 7,
        denominator: 1,
        cashInLieu: dollars(0),
        tsEvent: day
      },
      {
        _tag: "DividendPaid",
        instrumentId: instrumentId("AAPL.XNAS"),
        amountPerShare: dollars(0.47),
        amount: dollars(94),
        tsEvent: day
      },
      { _tag: "OrderCanceled", clientOrderId: id, reason: "7 for 1 split of AAPL.XNAS", tsEvent: day }
    ]
    expect(told.map(happeningWords)).toEqual([
      "AAPL split 7 for 1",
      "AAPL paid a dividend of $0.47 a share: $94.00",
      "o-1 canceled: 7 for 1 split of AAPL.XNAS"
    ])
    expect(happeningWords(fill({ side: "BUY", shares: 10, at: 93.7 }))).toBeUndefined()
  })
})
