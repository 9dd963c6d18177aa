/** What a run's journal says. */
import { describe, expect, it } from "@effect/vitest"
import { accountId, clientOrderId, quoteId, tradeId } from "../../src/domain/Identifiers.ts"
import type { JournalEvent } from "../../src/domain/JournalEvent.ts"
import { dollars, price, pricePerShare, shares } from "../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { RunSummary } from "../../src/session/RunSummary.ts"
import { AAPL, content, ofShares } from "../risk/Snapshots.ts"

const date = sessionDate("2024-03-04")
const id = clientOrderId("o")
const exit = clientOrderId("o.sl")
const at = timestamp(1)

const asked: JournalEvent = {
  _tag: "OrderInitialized",
  clientOrderId: id,
  tsEvent: at,
  content: content("BUY", ofShares(10)),
  role: "ENTRY",
  quoteId: quoteId("q-0123456789abcdef"),
  valuePrice: price(0),
  multiplier: 1,
  reducing: false,
  verdicts: []
}
const denied = (reason: string): JournalEvent => ({
  _tag: "OrderDenied",
  clientOrderId: id,
  tsEvent: at,
  rule: "order-size",
  reason
})
const filled: JournalEvent = {
  _tag: "OrderFilled",
  clientOrderId: id,
  tsEvent: at,
  tradeId: tradeId("T-1"),
  instrumentId: AAPL,
  side: "BUY",
  quantity: shares(10),
  price: pricePerShare(100),
  fee: dollars(0),
  multiplier: 1,
  final: true
}
const opened: JournalEvent = {
  _tag: "SessionOpened",
  tsEvent: at,
  date,
  priorCloseEquity: dollars(100_000)
}
const closed: JournalEvent = {
  _tag: "SessionClosed",
  tsEvent: at,
  date,
  equity: dollars(100_500),
  grossExposure: dollars(1000),
  peakEquity: dollars(101_000)
}
const rejectedByReconciliation: JournalEvent = {
  _tag: "OrderRejected",
  clientOrderId: id,
  tsEvent: at,
  reason: "reconciliation: paper never received it"
}
const unknown: JournalEvent = { _tag: "OrderUnknown", clientOrderId: id, tsEvent: at, reason: "no answer" }

const told = (events: ReadonlyArray<JournalEvent>, tsWall = 0, actor = "crank") => {
  const summary = new RunSummary()
  events.forEach((event, i) =>
    summary.add({
      sequence: i + 1,
      tsWall,
      accountId: accountId("trend"),
      actor: { kind: "desk", name: event === rejectedByReconciliation ? "reconciliation" : actor },
      event
    })
  )
  return summary.result()
}

describe("a run's summary", () => {
  it("counts orders, fills and denials, and has a point a session", () => {
    const story = [
      opened,
      asked,
      filled,
      { ...asked, role: "STOP_LOSS" as const, clientOrderId: exit },
      denied("first"),
      denied("later"),
      { ...denied("with its entry"), clientOrderId: exit },
      closed
    ]
    expect(told(story)).toMatchObject({
      sessions: 1,
      orders: 1,
      fills: 1,
      denied: 2,
      denials: [{ rule: "order-size", count: 2, example: "first" }],
      dates: [date],
      equity: [100_500],
      grossExposure: [1000],
      traded: [1000]
    })
  })

  it("has a hash of what happened, not of when the computer wrote it nor how long it did not know", () => {
    const { journalHash } = told([opened, asked, closed])
    expect(journalHash).toMatch(/^[0-9a-f]{64}$/u)
    expect(told([opened, asked, closed], 99, "another").journalHash).toBe(journalHash)
    expect(told([opened, asked, unknown, rejectedByReconciliation, closed]).journalHash).toBe(journalHash)
    expect(told([asked, opened, closed]).journalHash).not.toBe(journalHash)
    expect(told([opened, asked, { ...closed, equity: dollars(1) }]).journalHash).not.toBe(journalHash)
  })
})
