import { assert, it } from "@effect/vitest"
import { noFinancing, withFinancing } from "../../src/backtest/Financing.ts"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import type { JournalEvent } from "../../src/domain/JournalEvent.ts"
import { dollars } from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"

it("what was borrowed is summed apart from what was owed, and nothing else is", () => {
  const at = { tsEvent: timestamp(1), nights: 3 }
  const events: ReadonlyArray<JournalEvent> = [
    {
      _tag: "BorrowFeeCharged",
      ...at,
      instrumentId: instrumentId("ACME.XNAS"),
      value: dollars(100),
      amount: dollars(2)
    },
    { _tag: "InterestCharged", ...at, debit: dollars(100), amount: dollars(5) },
    { _tag: "CashWithdrawn", tsEvent: timestamp(1), amount: dollars(7) },
    {
      _tag: "BorrowFeeCharged",
      ...at,
      instrumentId: instrumentId("BOLT.XNAS"),
      value: dollars(100),
      amount: dollars(1)
    }
  ]
  assert.deepStrictEqual(events.reduce(withFinancing, noFinancing), {
    borrow: dollars(3),
    interest: dollars(5)
  })
})
