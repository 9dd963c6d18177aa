import { describe, expect, it } from "@effect/vitest"
import { Option } from "effect"
import { parse } from "csv-parse/sync"
import { tradeId } from "../../src/domain/Identifiers.ts"
import { dollars, pricePerShare } from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { fillsCsv, positionsCsv } from "../../src/portfolio/CsvExport.ts"
import { apply, applyAll, empty } from "../../src/portfolio/Ledger.ts"
import { exerciseEvent } from "../../src/portfolio/OptionEnds.ts"
import { aapl, account, deposit, fill, spy } from "./Books.ts"
import { call90, endOf, optionFill } from "./OptionBooks.ts"

const exchangeTime = () => "2004-06-10 16:00:00 EDT"
const asOf = timestamp(1_086_897_600_000_000)

describe("fills as CSV", () => {
  it("gives exact decimals, both times, and CRLF after every row", () => {
    const text = fillsCsv(
      [fill({ side: "BUY", shares: 1.5, at: 150.25, fee: dollars(-0.000001), ts: asOf })],
      exchangeTime
    )
    expect(text).toBe(
      "time_utc,time_exchange,trade_id,client_order_id,instrument_id,side,quantity,price,multiplier,notional,fee,kind,underlying,expiry,right,strike,deliverable,deliverable_cash\r\n" +
        "2004-06-10T20:00:00.000000Z,2004-06-10 16:00:00 EDT,t1,o-t1,AAPL.XNAS,BUY,1.5,150.25,1,225.375,-0.000001,TRADE,,,,,,\r\n"
    )
  })

  it("an exercise is two rows: the contracts that leave, and the shares that come; no order asked for them", () => {
    const held = apply(
      empty(account),
      optionFill({ of: call90, side: "BUY", contracts: 2, at: pricePerShare(1.5) })
    )
    const event = Option.getOrThrow(exerciseEvent(held, endOf(call90, 2, 95, { fee: 1_300_000 })))
    const rows: ReadonlyArray<Record<string, string>> = parse(fillsCsv([event], exchangeTime), {
      columns: true,
      record_delimiter: "\r\n"
    })
    const common = { client_order_id: "", quantity: "2", multiplier: "100" }
    const contract = { underlying: "AAPL.XNAS", expiry: "2014-06-13", right: "CALL", strike: "90" }
    expect(rows).toMatchObject([
      { ...common, ...contract, kind: "EXERCISE", side: "SELL", price: "0", notional: "0", fee: "1.3" },
      {
        client_order_id: "",
        kind: "DELIVERY",
        instrument_id: "AAPL.XNAS",
        side: "BUY",
        quantity: "200",
        price: "90",
        notional: "18000",
        fee: "0",
        strike: ""
      }
    ])
    const [position] = parse(positionsCsv(held, { marks: new Map(), asOf, exchangeTime }), { columns: true })
    expect(position).toMatchObject({ ...contract, quantity: "2", deliverable: "100", deliverable_cash: "0" })
  })

  it("no fills is the header alone", () => {
    expect(fillsCsv([], exchangeTime).split("\r\n")).toHaveLength(2)
  })

  it("texts a spreadsheet would run are made harmless, whatever they hold; a reader gets back the rest", () => {
    const ids = [
      "=1+1",
      "+1",
      "-1",
      "@SUM(A1)",
      "\t=1",
      "\r=1",
      '=HYPERLINK("http://x","y")',
      'a "b", c',
      "line\nbreak"
    ]
    const text = fillsCsv(
      ids.map((id) => ({
        ...fill({ side: "SELL", shares: 1, at: 2, fee: dollars(-1) }),
        tradeId: tradeId(id)
      })),
      exchangeTime
    )
    const rows: ReadonlyArray<Record<string, string>> = parse(text, {
      columns: true,
      record_delimiter: "\r\n"
    })
    expect(rows.map((row) => row["trade_id"])).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@SUM(A1)",
      "'\t=1",
      "'\r=1",
      `'=HYPERLINK("http://x","y")`,
      'a "b", c',
      "line\nbreak"
    ])
    expect(rows.every((row) => row["fee"] === "-1")).toBe(true)
  })
})

describe("positions as CSV", () => {
  const state = applyAll(empty(account), [
    deposit(dollars(10_000)),
    fill({ instrument: aapl, side: "BUY", shares: 3, at: 100 }),
    fill({ instrument: spy, side: "SELL", shares: 2, at: 400 })
  ])

  it("values what has a mark and leaves the rest empty; a negative number stays a number", () => {
    const text = positionsCsv(state, { marks: new Map([[spy, pricePerShare(390)]]), asOf, exchangeTime })
    const rows: ReadonlyArray<Record<string, string>> = parse(text, { columns: true })
    expect(rows).toEqual([
      {
        as_of_utc: "2004-06-10T20:00:00.000000Z",
        as_of_exchange: "2004-06-10 16:00:00 EDT",
        instrument_id: "AAPL.XNAS",
        quantity: "3",
        multiplier: "1",
        average_price: "100",
        cost: "300",
        mark: "",
        market_value: "",
        unrealised: "",
        realised: "0",
        realised_fifo: "0",
        underlying: "",
        expiry: "",
        right: "",
        strike: "",
        deliverable: "",
        deliverable_cash: ""
      },
      expect.objectContaining({
        instrument_id: "SPY.ARCX",
        quantity: "-2",
        average_price: "400",
        cost: "-800",
        mark: "390",
        market_value: "-780",
        unrealised: "20"
      })
    ])
  })
})
