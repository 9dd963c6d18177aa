/** The page of a run that traded options. */
import { describe, expect, it } from "@effect/vitest"
import { dollars, pricePerShare, shares } from "../../../src/domain/Money.ts"
import { dateOfDay, dayOfDate, sessionDate } from "../../../src/domain/Timestamp.ts"
import type { OptionEvent, OptionSummary } from "../../../src/session/OptionTrail.ts"
import { reportHtml } from "../../../src/session/report/ReportHtml.ts"
import { drawingOf, firstUnbalanced, tableOf, tagsOf, textOf } from "./Page.ts"
import { sampleRun } from "./SampleRun.ts"

const short = sampleRun("2007-10-01", "2008-01-31")
const sold: OptionEvent = {
  date: sessionDate("2007-10-02"),
  kind: "sold",
  symbol: "ONE 071116C00105000",
  quantity: shares(3),
  price: pricePerShare(1.25),
  amount: dollars(375),
  note: "Sells calls."
}
const assigned: OptionEvent = {
  ...sold,
  date: sessionDate("2007-11-16"),
  kind: "assigned",
  price: pricePerShare(108),
  amount: dollars(31_500),
  note: "300 ONE sold; in the money"
}
const expired: OptionEvent = {
  ...sold,
  date: sessionDate("2007-12-21"),
  kind: "expired",
  amount: undefined,
  price: pricePerShare(99),
  quantity: shares(2),
  note: "out of the money"
}

const withOptions = (options: OptionSummary) =>
  reportHtml({ ...short, books: [{ ...short.books[0], options }, ...short.books.slice(1)] })

const page = withOptions({ events: [sold, assigned, expired], orders: 2, modelledOrders: 1 })

describe("the page of a run with options", () => {
  it("counts contracts by what became of them, of the books that traded any", () => {
    expect(tableOf(page, "options-table")).toEqual([
      ["Trend follower", "2", "1", "3", "0", "$375.00", "2", "3", "0", "0"]
    ])
  })

  it("lists every trade and end with its cash and its reason", () => {
    expect(tableOf(page, "option-events-table")).toEqual([
      ["2007-10-02", "Trend follower", "Sold 3", sold.symbol, "1.25", "$375.00", "Sells calls."],
      [
        "2007-11-16",
        "Trend follower",
        "Assigned 3",
        sold.symbol,
        "108.00",
        "$31,500.00",
        "300 ONE sold; in the money"
      ],
      ["2007-12-21", "Trend follower", "Expired 2", sold.symbol, "99.00", "–", "out of the money"]
    ])
    expect(firstUnbalanced(page)).toBeUndefined()
  })

  it("marks on the curve where an option turned into shares or another contract, and says so in the legend", () => {
    expect(textOf(page)).toContain("option exercised, assigned or adjusted")
    const marks = (drawn: string) => (drawingOf(drawn, "equity", "wide").match(/<polygon/gu) ?? []).length
    expect(marks(page)).toBe(marks(reportHtml(short)) + 1)
    const adjusted = withOptions({
      events: [assigned, { ...assigned, kind: "adjusted" }],
      orders: 1,
      modelledOrders: 0
    })
    expect(marks(adjusted)).toBe(marks(page))
  })

  it("folds a long list away, and lists the latest of a longer one", () => {
    const many = (count: number) =>
      withOptions({
        events: Array.from({ length: count }, (_, i) => ({
          ...sold,
          date: dateOfDay(dayOfDate(sold.date) + Math.floor(i / 8))
        })),
        orders: count,
        modelledOrders: 0
      })
    expect(many(24)).not.toContain("<summary>24 trades")
    expect(many(25)).toContain("<summary>25 trades and ends of options</summary>")
    const most = many(403)
    expect(tableOf(most, "option-events-table")).toHaveLength(400)
    expect(textOf(most)).toContain("And 3 earlier events, in the book's journal.")
  })

  it("says that nothing filled where nothing did", () => {
    expect(textOf(withOptions({ events: [], orders: 4, modelledOrders: 4 }))).toContain(
      "No order for options filled."
    )
  })

  it("takes no markup from a contract's name or a reason", () => {
    const hostile = "<script>alert(1)</script>"
    const event = { ...sold, symbol: hostile, note: hostile }
    expect(tagsOf(withOptions({ events: [event], orders: 1, modelledOrders: 0 }))).toEqual(
      tagsOf(withOptions({ events: [sold], orders: 1, modelledOrders: 0 }))
    )
  })
})

describe("the page of a run without options", () => {
  it("does not speak of them", () => {
    const plain = reportHtml(short)
    expect(plain).not.toContain('href="#options"')
    expect(tableOf(plain, "options-table")).toEqual([])
  })
})
