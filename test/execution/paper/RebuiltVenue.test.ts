/** What the journal tells of last prices, for a venue whose state was lost. */
import { describe, expect, it } from "@effect/vitest"
import { Option } from "effect"
import { accountId } from "../../../src/domain/Identifiers.ts"
import type { OptionInstrument } from "../../../src/domain/Instrument.ts"
import { pricePerShare } from "../../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import * as Book from "../../../src/execution/Book.ts"
import { decodeBody, makeTrace, rebuiltBody } from "../../../src/execution/paper/RebuiltVenue.ts"
import { session as sessionOn } from "../../../src/market/TradingCalendar.ts"
import { advancedDesk } from "./AdvancedDesk.ts"
import { call, lookUpAny } from "./OptionMarket.ts"
import { acme } from "./PaperMarket.ts"

const day = Option.getOrThrow(sessionOn(sessionDate("2024-03-12")))

/** What the venue is made again to think that things are worth, after a split of a desk with shares and a call. */
const marksAfter = (numerator: number, denominator: number, held: OptionInstrument) => {
  const desk = advancedDesk({ instrument: lookUpAny })
  desk.hold(acme, 100, 80)
  desk.hold(held, -1, 14)
  const split = { _tag: "Split" as const, date: day.date, numerator, denominator }
  desk.play({ session: day, opens: true, closes: false, ticks: [], actions: [[acme.id, split]] })
  const seen = makeTrace()
  for (const event of desk.events()) seen.add(event)
  const book = { ...Book.unopened, accountId: accountId("test"), ledger: desk.standing().ledger }
  const { progress } = Option.getOrThrow(decodeBody(rebuiltBody(book, seen, timestamp(day.open))))
  expect(progress.marks).toEqual(Object.fromEntries(desk.standing().marks))
  return progress.marks
}

describe("a venue made anew after a split", () => {
  it("values shares and contracts under their new names in new shares", () => {
    const marks = marksAfter(2, 1, call(100))
    expect(Object.entries(marks)).toEqual([
      [call(50).id, pricePerShare(7)],
      [acme.id, pricePerShare(40)]
    ])
  })

  it("knows the price of a series that went on with a digit", () => {
    const marks = marksAfter(1, 4, call(100))
    expect(Object.keys(marks).map((id) => id.split(" ")[0])).toEqual(["ACME.XNAS", "ACME1"])
  })
})
