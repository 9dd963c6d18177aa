/** The series of an instrument's options, when they stop trading and when they settle. */
import { describe, expect, it } from "vitest"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import { sessionDate, timestamp, toIso } from "../../src/domain/Timestamp.ts"
import { lastTradingTime, settlementOf, yearsLeft } from "../../src/market/ContractTime.ts"
import { instrumentLookup, standardContract } from "../../src/market/OptionInstruments.ts"
import { isMonthly, isOpenSettled, rootFor, rootOf, rootsOf } from "../../src/market/OptionRoot.ts"
import { equity, indexOf } from "./Fixtures.ts"

const AAPL = equity("AAPL")
const SPX = indexOf("SPX-REPLAY")
const NDX = indexOf("NDX")
const OTHER = indexOf("IDX-REPLAY")

describe("a root", () => {
  it("is the symbol's letters and digits, six at most", () => {
    expect([AAPL, SPX, equity("BRK_B"), equity("ABCDEFGH")].map(rootOf)).toEqual([
      "AAPL",
      "SPX",
      "BRKB",
      "ABCDEF"
    ])
  })

  it.each([
    ["2014-06-20", true],
    ["2014-06-13", false],
    ["2014-06-27", false],
    // The Saturday after, as symbols had it until 2015, and another one.
    ["2014-06-21", true],
    ["2014-06-28", false],
    // The Thursday before Good Friday 2019, and before a Friday with a session.
    ["2019-04-18", true],
    ["2019-05-16", false],
    ["2019-05-15", false]
  ])("%s is of a monthly series: %s", (date, monthly) => {
    expect(isMonthly(sessionDate(date))).toBe(monthly)
  })

  it("of an index settled at the open is another one for its weekly series", () => {
    const [monthly, weekly] = [sessionDate("2017-02-17"), sessionDate("2017-02-24")]
    expect([rootFor(SPX, monthly), rootFor(SPX, weekly)]).toEqual(["SPX", "SPXW"])
    expect([rootFor(NDX, monthly), rootFor(NDX, weekly)]).toEqual(["NDX", "NDXP"])
    expect([rootFor(OTHER, weekly), rootFor(AAPL, weekly)]).toEqual(["IDX", "AAPL"])
    expect([rootsOf(SPX), rootsOf(OTHER), rootsOf(equity("RUT"))]).toEqual([
      ["SPX", "SPXW"],
      ["IDX"],
      ["RUT"]
    ])
    expect([SPX, OTHER, AAPL].map((one) => isOpenSettled(one, monthly))).toEqual([true, false, false])
    expect(isOpenSettled(SPX, weekly)).toBe(false)
  })
})

describe("a contract", () => {
  const lookup = instrumentLookup([AAPL, SPX])
  const found = (occ: string) => lookup(instrumentId(`${occ}.OPRA`))

  it("is found by its own root alone, so that it has one name", () => {
    expect(found("SPX 170217C02250000")).toMatchObject({
      contract: { expirySession: "AM", settlement: "CASH" }
    })
    expect(found("SPXW 170224C02250000")).toMatchObject({ contract: { expirySession: "PM" } })
    expect(found("SPX 170224C02250000")).toBeUndefined()
    expect(found("SPXW 170217C02250000")).toBeUndefined()
    expect(found("AAPL 170224C00110000")).toMatchObject({
      contract: { expirySession: "PM", style: "AMERICAN" }
    })
    expect(found("AAPL1 170224C00110000")).toBeUndefined()
  })

  it.each([
    // PM: to the close of the expiry, early closes and holidays included.
    ["AAPL", "2017-02-17", "2017-02-17T21:00", "2017-02-17T21:00"],
    ["AAPL", "2017-11-24", "2017-11-24T18:00", "2017-11-24T18:00"],
    ["AAPL", "2014-06-21", "2014-06-20T20:00", "2014-06-20T20:00"],
    // AM: to the close of the session before, settled at the open.
    ["SPX", "2017-02-17", "2017-02-16T21:00", "2017-02-17T14:30"],
    ["SPX", "2019-04-18", "2019-04-17T20:00", "2019-04-18T13:30"],
    ["SPX", "2017-02-24", "2017-02-24T21:00", "2017-02-24T21:00"]
  ])("of %s that expires on %s is traded until %s and settles at %s", (symbol, expiry, last, settles) => {
    const terms = standardContract(symbol === "SPX" ? SPX : AAPL, {
      root: symbol,
      expiry: sessionDate(expiry),
      right: "CALL",
      strike: 100
    })
    const [until, settlement] = [lastTradingTime(terms), settlementOf(terms)]
    if (until === undefined || settlement === undefined) throw new Error("outside the calendar")
    expect([toIso(until).slice(0, 16), toIso(settlement.at).slice(0, 16)]).toEqual([last, settles])
    expect(yearsLeft(terms, settlement.at)).toBe(0)
  })
  it.each(["1997-12-19", "1998-01-01", "2014-02-31", "2036-01-18", "2040-01-20"])(
    "of %s, of which the calendar has no session to settle in, is not known",
    (expiry) => {
      const terms = { expiry: sessionDate(expiry), expirySession: "PM" as const }
      expect([lastTradingTime(terms), settlementOf(terms), yearsLeft(terms, timestamp(0))]).toEqual([
        undefined,
        undefined,
        Number.NaN
      ])
    }
  )
})
