/** How options end: at expiry, in the night before, through splits and dividends. */
import { describe, expect, it } from "@effect/vitest"
import { Option } from "effect"
import { readFileSync } from "node:fs"
import type { Instrument, OptionInstrument } from "../../../src/domain/Instrument.ts"
import type { JournalEvent } from "../../../src/domain/JournalEvent.ts"
import { dollars, formatMicros, price, pricePerShare, shares } from "../../../src/domain/Money.ts"
import { sessionDate, type Timestamp, timestamp } from "../../../src/domain/Timestamp.ts"
import type { VenueOrder } from "../../../src/execution/VenueOrder.ts"
import { type NightOf, whyAssigned } from "../../../src/execution/paper/EarlyAssignment.ts"
import type { Stretch } from "../../../src/execution/paper/SessionAdvance.ts"
import type { CorporateAction } from "../../../src/market/BarSeries.ts"
import { actionsOf, decodeFactorFile } from "../../../src/market/lean/FactorFile.ts"
import type { MarketTick } from "../../../src/market/MarketTick.ts"
import { contractInstrument } from "../../../src/market/OptionInstruments.ts"
import { policyRate } from "../../../src/market/PolicyRate.ts"
import {
  nextSession,
  previousSession,
  type Session,
  session as sessionOn
} from "../../../src/market/TradingCalendar.ts"
import { itWithShared, sharedPath } from "../../support/Shared.ts"
import { type AdvancedDesk, advancedDesk, venueAccountOf } from "./AdvancedDesk.ts"
import {
  buying,
  call,
  combo,
  EXPIRY,
  indx,
  lookUpAny,
  net,
  optionOn,
  put,
  quoteAt,
  selling
} from "./OptionMarket.ts"
import { acme, bolt, count, id, limit, market } from "./PaperMarket.ts"

const sessionOf = (date: string): Session => Option.getOrThrow(sessionOn(sessionDate(date)))
const expiryDay = sessionOf(EXPIRY)

/** A price of something that is no option: bid and ask a cent around it. */
const print = (
  instrument: Instrument,
  tsEvent: Timestamp,
  last: number,
  phase: MarketTick["phase"] = "CONTINUOUS"
): MarketTick => ({
  ...quoteAt(instrument, tsEvent, last - 0.01, last + 0.01, phase),
  last: pricePerShare(last),
  volume: shares(1_000_000)
})

interface Told {
  readonly ticks?: ReadonlyArray<MarketTick>
  readonly actions?: Stretch["actions"]
  readonly opens?: boolean
  readonly closes?: boolean
}

/** A whole session unless told otherwise. */
const stretch = (
  session: Session,
  { actions = [], closes = true, opens = true, ticks = [] }: Told = {}
): Stretch => ({
  session,
  opens,
  closes,
  ticks,
  actions
})

/** A session in which an instrument opens and closes at these prices. */
const flat = (
  session: Session,
  instrument: Instrument,
  open: number,
  close: number
): ReadonlyArray<MarketTick> => [
  print(instrument, session.open, open, "OPEN"),
  print(instrument, session.close, close, "CLOSE")
]

const decimal = (micros: number): string => formatMicros(micros, 2)

/** Ends of options in words. */
const ends = (events: ReadonlyArray<JournalEvent>): ReadonlyArray<string> =>
  events.flatMap((event) => {
    switch (event._tag) {
      case "OptionExercised":
      case "OptionAssigned": {
        const { cash, delivery, quantity } = event
        const what = event._tag === "OptionExercised" ? "exercised" : "assigned"
        const came =
          delivery === undefined
            ? `cash ${decimal(cash ?? 0)}`
            : `${delivery.side} ${formatMicros(delivery.quantity)} for ${decimal(delivery.amount)}`
        return [`${event.instrumentId.split(".")[0]}: ${formatMicros(quantity)} ${what}, ${came}`]
      }
      case "OptionExpired":
        return [`${event.instrumentId.split(".")[0]}: ${formatMicros(event.quantity)} expired`]
      case "OptionAdjusted":
        return [
          `${event.instrumentId.split(".")[0]} is ${event.to.split(".")[0]}, ${event.numerator} for ${event.denominator}`
        ]
      default:
        return []
    }
  })

const reasons = (events: ReadonlyArray<JournalEvent>): ReadonlyArray<string> =>
  events.flatMap((event) =>
    event._tag === "OptionExercised" || event._tag === "OptionAssigned" || event._tag === "OptionExpired"
      ? [event.reason]
      : []
  )

/** The books balance, and the venue's own account of the same events is the same. */
const agrees = (desk: AdvancedDesk): void => {
  const account = venueAccountOf(desk)
  expect(account.cash).toBe(desk.cash())
  expect(
    Object.entries(account.positions)
      .map(([one, n]) => `${one.split(".")[0]} ${formatMicros(n)}`)
      .toSorted()
  ).toEqual(desk.held().toSorted())
}

describe("at the close of its last session", () => {
  const settled = (instrument: OptionInstrument, amount: number, close: number, threshold = 0.01) => {
    const desk = advancedDesk({ instrument: lookUpAny, threshold: pricePerShare(threshold) })
    desk.hold(instrument, amount, 1)
    const events = desk.play(stretch(expiryDay, { ticks: flat(expiryDay, acme, 100, close) }))
    agrees(desk)
    return { desk, events, ends: ends(events) }
  }

  it.each<readonly [string, OptionInstrument, number, number, string]>([
    ["a long call in the money buys the shares", call(100), 2, 103, "exercised, BUY 200 for 20000.00"],
    ["a short call in the money sells them", call(100), -2, 103, "assigned, SELL 200 for 20000.00"],
    ["a long put in the money sells them", put(100), 2, 97, "exercised, SELL 200 for 20000.00"],
    ["a short put in the money buys them", put(100), -2, 97, "assigned, BUY 200 for 20000.00"],
    ["a cent in the money is enough", call(100), 2, 100.01, "exercised, BUY 200 for 20000.00"],
    ["at the strike it expires", call(100), 2, 100, "expired"],
    ["out of the money it expires", put(100), -2, 103, "expired"]
  ])("%s", (_, instrument, amount, close, end) => {
    const [symbol] = instrument.id.split(".")
    expect(settled(instrument, amount, close).ends).toEqual([`${symbol}: 2 ${end}`])
  })

  it("the threshold can be another", () => {
    expect(settled(call(100), 1, 100.24, 0.25).ends).toEqual(["ACME 240315C00100000: 1 expired"])
    expect(settled(call(100), 1, 100.25, 0.25).ends).toEqual([
      "ACME 240315C00100000: 1 exercised, BUY 100 for 10000.00"
    ])
    expect(reasons(settled(call(100), 1, 100.24, 0.25).events)).toEqual([
      "in the money by less than the threshold at expiry: 100.24 against a strike of 100.00"
    ])
  })

  it("comes after the closing ticks and the orders that end there, before the session closes in the books", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(call(100), 1, 1)
    desk.take(
      desk.core.submit(
        {
          clientOrderId: id("o"),
          instrumentId: call(100).id,
          side: "SELL",
          type: limit(9),
          size: count(1),
          timeInForce: "GTC"
        },
        { now: expiryDay.open, marketOpen: true }
      )
    )
    const events = desk.play(stretch(expiryDay, { ticks: flat(expiryDay, acme, 100, 103) }))
    expect(events.map(({ _tag }) => _tag)).toEqual([
      "SessionOpened",
      "OrderExpired",
      "OptionExercised",
      "SessionClosed"
    ])
    expect(events.at(-1)).toMatchObject({ equity: dollars(1_000_000 - 100 - 10_000 + 10_300) })
    expect([...desk.standing().marks]).toEqual([[acme.id, pricePerShare(103)]])
  })

  it("settles each leg of a structure by itself", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(put(100), -2, 4)
    desk.hold(put(95), 2, 2)
    desk.hold(call(105), 1, 0.5)
    const events = desk.play(stretch(expiryDay, { ticks: flat(expiryDay, acme, 98, 97) }))
    expect(ends(events)).toEqual([
      "ACME 240315C00105000: 1 expired",
      "ACME 240315P00095000: 2 expired",
      "ACME 240315P00100000: 2 assigned, BUY 200 for 20000.00"
    ])
    expect(desk.held()).toEqual(["ACME 200"])
    agrees(desk)
  })

  describe("orders to sell shares that were delivered", () => {
    const sells = (name: string, amount: number, terms: Partial<VenueOrder> = {}): VenueOrder => ({
      clientOrderId: id(name),
      instrumentId: acme.id,
      side: "SELL",
      type: limit(150),
      size: count(amount),
      timeInForce: "GTC",
      ...terms
    })
    const played = (puts: number, orders: ReadonlyArray<VenueOrder>, limits = {}) => {
      const desk = advancedDesk({ instrument: lookUpAny, limits })
      desk.hold(acme, 300, 100)
      desk.hold(put(100), puts, 1)
      for (const order of orders)
        desk.take(desk.core.submit(order, { now: expiryDay.open, marketOpen: true }))
      const events = desk.play(stretch(expiryDay, { ticks: flat(expiryDay, acme, 100, 97) }))
      agrees(desk)
      return {
        canceled: events.flatMap((event) =>
          event._tag === "OrderCanceled" ? [`${event.clientOrderId}: ${event.reason}`] : []
        ),
        working: desk.core.working().map(({ clientOrderId }) => clientOrderId)
      }
    }
    const why = "the shares of ACME.XNAS it would sell were delivered on an option"

    it("are canceled where they go beyond what is left, the earlier ones stay", () => {
      const orders = [sells("first", 100), sells("second", 100), sells("third", 100)]
      expect(played(2, orders)).toEqual({
        canceled: [`second: ${why}`, `third: ${why}`],
        working: ["first"]
      })
      expect(played(3, orders).working).toEqual([])
    })

    it("count once where one of them cancels the other, and not before their entry", () => {
      const oco = { ocoGroup: "exit" }
      const bracket = sells("entry", 100, {
        side: "BUY",
        type: limit(50),
        bracket: { takeProfit: { clientOrderId: id("tp"), limitPrice: pricePerShare(160) } }
      })
      const orders = [sells("high", 100, oco), sells("low", 100, { ...oco, type: limit(140) }), bracket]
      expect(played(2, orders).canceled).toEqual([])
      expect(played(3, orders)).toEqual({
        canceled: [`high: ${why}`, `low: ${why}`],
        working: ["entry", "tp"]
      })
    })

    it("a combo that sells them goes whole", () => {
      const legs = [selling(acme, 100), buying(call(100, "2024-04-19"))]
      const order = combo("close", legs, { type: net(-150), timeInForce: "GTC" })
      expect(played(3, [order])).toEqual({ canceled: [`close: ${why}`], working: [] })
    })

    it("stay where short sales are allowed, and where shares came", () => {
      expect(played(3, [sells("first", 100)], { shortSales: true }).canceled).toEqual([])
      expect(played(-3, [sells("first", 300)]).canceled).toEqual([])
    })
  })

  it("nothing is exercised early by itself", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(call(100, "2024-04-19"), 1, 30)
    desk.hold(put(90, "2024-04-19"), 1, 30)
    const dividend: CorporateAction = { _tag: "Dividend", date: expiryDay.date, amountPerShare: 5_000_000 }
    desk.mark(acme, 130)
    const events = desk.play(
      stretch(expiryDay, { ticks: flat(expiryDay, acme, 125, 125), actions: [[acme.id, dividend]] })
    )
    expect(ends(events)).toEqual([])
  })

  it("the breaker looks at what the settlement made of equity", () => {
    const desk = advancedDesk({
      instrument: lookUpAny,
      cash: 10_000,
      limits: { dailyLossRatio: 0.03, drawdownRatio: 0.5 }
    })
    desk.hold(put(100), -1, 5)
    desk.mark(put(100), 5)
    // The option's own last price did not follow: only the settlement shows the loss.
    const events = desk.play(stretch(expiryDay, { ticks: flat(expiryDay, acme, 95, 90) }))
    expect(events.map(({ _tag }) => _tag)).toEqual([
      "SessionOpened",
      "OptionAssigned",
      "TradingStateChanged",
      "SessionClosed"
    ])
  })
})

describe("an index option", () => {
  const held = (right: "CALL" | "PUT", strike: number, am: boolean): OptionInstrument => {
    const { contract, id: name } = optionOn(indx, right, strike)
    return contractInstrument(name, { ...contract, expirySession: am ? "AM" : "PM" }, 100)
  }

  it("is settled in cash at the close", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(held("CALL", 5000, false), 2, 10)
    desk.hold(held("PUT", 5100, false), -1, 10)
    const events = desk.play(stretch(expiryDay, { ticks: flat(expiryDay, indx, 5000, 5030) }))
    expect(ends(events)).toEqual([
      "INDX 240315C05000000: 2 exercised, cash 6000.00",
      "INDX 240315P05100000: 1 assigned, cash -7000.00"
    ])
    expect(desk.held()).toEqual([])
    expect(desk.cash()).toBe(dollars(1_000_000 - 2000 + 1000 + 6000 - 7000))
    agrees(desk)
  })

  it("of the morning settles on the opening price, after the ticks of that instant", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(held("CALL", 5000, true), 1, 10)
    const events = desk.play(stretch(expiryDay, { ticks: flat(expiryDay, indx, 5012, 4990) }))
    expect(ends(events)).toEqual(["INDX 240315C05000000: 1 exercised, cash 1200.00"])
    expect(events.find(({ _tag }) => _tag === "OptionExercised")).toMatchObject({ tsEvent: expiryDay.open })
    agrees(desk)
  })

  it("of the morning waits for the first price where the session opens without one, also in a later stretch", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(held("PUT", 5000, true), 1, 10)
    expect(ends(desk.play(stretch(expiryDay, { closes: false })))).toEqual([])
    const late = timestamp(expiryDay.open + 60_000_000)
    const events = desk.play(stretch(expiryDay, { opens: false, ticks: [print(indx, late, 4980)] }))
    expect(ends(events)).toEqual(["INDX 240315P05000000: 1 exercised, cash 2000.00"])
  })
})

describe("an underlying without a price at the settlement", () => {
  it("leaves the contract until the next one comes", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(call(100), 1, 1)
    desk.mark(acme, 120)
    // The last price is of the session before: nothing was settled by it.
    expect(ends(desk.play(stretch(expiryDay)))).toEqual([])
    expect(desk.held()).toEqual(["ACME 240315C00100000 1"])
    expect([...desk.standing().marks.keys()]).toEqual([call(100).id, acme.id])
    const monday = nextSession(expiryDay.date)
    const events = desk.play(stretch(monday, { ticks: flat(monday, acme, 104, 90) }))
    expect(ends(events)).toEqual(["ACME 240315C00100000: 1 exercised, BUY 100 for 10000.00"])
    expect(reasons(events)).toEqual(["in the money at expiry: 104.00 against a strike of 100.00"])
  })
})

describe("the night before an ex-date", () => {
  const exDay = sessionOf("2024-03-12")
  const night = (dividend: number, paid: Stretch["actions"] = []) => {
    const action: CorporateAction = { _tag: "Dividend", date: exDay.date, amountPerShare: dollars(dividend) }
    const all: Stretch["actions"] = [[acme.id, action], ...paid]
    return stretch(exDay, { ticks: flat(exDay, acme, 110, 110), actions: all, closes: false })
  }

  it("a short call whose time value is less than the dividend is assigned, and its shares get no dividend", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(acme, 300, 100)
    desk.hold(call(100), -2, 5)
    desk.mark(acme, 110)
    desk.mark(call(100), 10.4)
    const events = desk.play(night(0.5))
    expect(ends(events)).toEqual(["ACME 240315C00100000: 2 assigned, SELL 200 for 20000.00"])
    expect(reasons(events)).toEqual([
      "assigned before the ex-date: its time value 40.00 a contract is less than the dividend 50.00"
    ])
    expect(events.map(({ _tag }) => _tag)).toEqual(["OptionAssigned", "DividendPaid", "SessionOpened"])
    expect(events[1]).toMatchObject({ amount: dollars(50) })
    agrees(desk)
  })

  it("uncovered, the shares sold short pay the dividend (LEAN #6938)", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(call(100), -1, 5)
    desk.mark(acme, 110)
    desk.mark(call(100), 10.2)
    const events = desk.play(night(0.5))
    expect(events.map(({ _tag }) => _tag)).toEqual(["OptionAssigned", "DividendPaid", "SessionOpened"])
    expect(events[1]).toMatchObject({ amount: dollars(-50) })
    expect(desk.cash()).toBe(dollars(1_000_000 + 500 + 10_000 - 50))
    agrees(desk)
  })

  it.each<readonly [string, OptionInstrument, number, number]>([
    ["with a time value of the dividend or more", call(100), -1, 10.5],
    ["out of the money", call(115), -1, 0.01],
    ["long", call(100), 1, 10.1],
    [
      "European",
      contractInstrument(call(100).id, { ...call(100).contract, style: "EUROPEAN" }, 100),
      -1,
      10.1
    ],
    ["a put, which a dividend makes dearer", put(115), -1, 5.2]
  ])("a contract %s is not", (_, instrument, amount, last) => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(instrument, amount, 5)
    desk.mark(acme, 110)
    desk.mark(instrument, last)
    expect(ends(desk.play(night(0.5)))).toEqual([])
  })

  it("without a price of the share, or before another's dividend, nobody is assigned", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(call(100), -1, 10)
    expect(ends(desk.play(night(0.5)))).toEqual([])
    const other = advancedDesk({ instrument: lookUpAny })
    other.hold(call(100), -1, 10.1)
    other.mark(acme, 110)
    const action: CorporateAction = { _tag: "Dividend", date: exDay.date, amountPerShare: dollars(5) }
    expect(ends(other.play(stretch(exDay, { actions: [[bolt.id, action]] })))).toEqual([])
  })

  it("without a dividend nobody is, though the last mark is below what it is worth exercised", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(call(100), -1, 5)
    desk.mark(acme, 110)
    desk.mark(call(100), 9.98)
    expect(ends(desk.play(stretch(exDay, { ticks: flat(exDay, acme, 110, 110), closes: false })))).toEqual([])
  })

  it("a mark of another session than the share's says nothing of time value", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    const [friday, monday] = [sessionOf("2024-03-08"), sessionOf("2024-03-11")]
    desk.hold(call(100), -1, 5)
    const quoted = quoteAt(call(100), friday.close, 1, 1.1, "CLOSE")
    desk.play(stretch(friday, { ticks: [...flat(friday, acme, 101, 101), quoted] }))
    desk.play(stretch(monday, { ticks: flat(monday, acme, 110, 110) }))
    expect(ends(desk.play(night(0.5)))).toEqual([])
  })

  it("on what an adjusted contract delivers: 150 shares go ex, not a hundred", () => {
    const contract = { ...call(100).contract, deliverable: shares(150) }
    const base = {
      contract,
      multiplier: 100,
      spot: pricePerShare(80),
      closed: sessionDate("2024-03-11"),
      opens: exDay.date
    }
    const assigned = (mark: number) =>
      whyAssigned({ ...base, mark: pricePerShare(mark), dividend: dollars(0.5) })
    // In the money by 150 × 80 − 10,000 = 2,000; the dividend is on 150 shares.
    expect(assigned(20.74)).toContain("74.00 a contract is less than the dividend 75.00")
    expect(assigned(20.75)).toBeUndefined()
  })

  itWithShared("on every dividend of Apple in LEAN's factor file", () => {
    const file = "factor_files/aapl.csv"
    const text = readFileSync(sharedPath("lean-data/equity/usa", file), "utf8")
    const { actions } = actionsOf(file, decodeFactorFile(file, text).rows, (date) =>
      Option.some(nextSession(date).date)
    )
    const dividends = actions.flatMap((action) => (action._tag === "Dividend" ? [action] : []))
    expect(dividends.length).toBeGreaterThan(30)
    for (const dividend of dividends) {
      const opens = sessionOf(dividend.date)
      const friday = nextSession(nextSession(nextSession(opens.date).date).date).date
      const deep = optionOn(acme, "CALL", 50, friday)
      const intrinsic = 400 - 50
      const cents = dividend.amountPerShare / 1_000_000
      const assigned = [cents - 0.001, cents, cents + 0.01].map((timeValue) => {
        const desk = advancedDesk({ instrument: lookUpAny })
        desk.hold(acme, 100, 300)
        desk.hold(deep, -1, 5)
        desk.mark(acme, 400)
        desk.mark(deep, intrinsic + timeValue)
        const events = desk.play(stretch(opens, { actions: [[acme.id, dividend]], closes: false }))
        agrees(desk)
        return events.map(({ _tag }) => _tag).join(" ")
      })
      expect(assigned).toEqual([
        "OptionAssigned SessionOpened",
        "DividendPaid SessionOpened",
        "DividendPaid SessionOpened"
      ])
    }
  })
})

describe("a deep put", () => {
  // A Friday's close to a Monday's open: three days of interest.
  const monday = sessionOf("2024-03-11")
  const base: NightOf = {
    contract: put(100).contract,
    multiplier: 100,
    mark: pricePerShare(40),
    spot: pricePerShare(60),
    dividend: 0,
    closed: previousSession(monday.date).date,
    opens: monday.date
  }
  const interest = Math.floor((10_000 * 1_000_000 * policyRate(monday.date).rate * 3) / 365)

  it("is assigned overnight when its time value is less than the interest on the strike", () => {
    expect(decimal(interest)).toBe("4.417808")
    expect(whyAssigned(base)).toBe(
      "assigned early: its time value 0.00 a contract is less than 4.417808 of interest on the strike"
    )
    const withTime = (micros: number) => whyAssigned({ ...base, mark: price(40_000_000 + micros / 100) })
    expect(withTime(4_417_800)).toBeDefined()
    expect(withTime(4_417_900)).toBeUndefined()
  })

  it("counts the days of the night, and the dividend that exercising forgoes", () => {
    const tuesday = sessionDate("2024-03-12")
    const overnight = { ...base, closed: monday.date, opens: tuesday, mark: price(40_020_000) }
    expect(whyAssigned(overnight)).toBeUndefined()
    expect(whyAssigned({ ...base, mark: price(40_020_000) })).toBeDefined()
    expect(whyAssigned({ ...base, dividend: dollars(0.05) })).toBeUndefined()
  })

  it("delivers the shares before anything trades", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(put(100), -3, 5)
    desk.mark(acme, 60)
    desk.mark(put(100), 40)
    const events = desk.play(stretch(monday, { ticks: flat(monday, acme, 61, 62), closes: false }))
    expect(ends(events)).toEqual(["ACME 240315P00100000: 3 assigned, BUY 300 for 30000.00"])
    expect(desk.held()).toEqual(["ACME 300"])
    agrees(desk)
  })

  it("of an index, which is European, is not", () => {
    const index = optionOn(indx, "PUT", 6000)
    expect(
      whyAssigned({ ...base, contract: index.contract, spot: pricePerShare(5000), mark: pricePerShare(1000) })
    ).toBeUndefined()
  })
})

describe("a split of the underlying", () => {
  const day = sessionOf("2024-03-12")
  const split = (numerator: number, denominator: number): Stretch["actions"] => [
    [acme.id, { _tag: "Split", date: day.date, numerator, denominator }]
  ]

  it("of seven for one makes seven contracts at a seventh of the strike, worth the same", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(acme, 100, 600)
    desk.hold(call(645), -1, 7)
    desk.mark(acme, 651)
    const before = desk.standing()
    const events = desk.play(stretch(day, { actions: split(7, 1), closes: false }))
    expect(ends(events)).toEqual(["ACME 240315C00645000 is ACME 240315C00092140, 7 for 1"])
    expect(desk.held()).toEqual(["ACME 240315C00092140 -7", "ACME 700"])
    expect([...desk.standing().marks.values()].toSorted((a, b) => a - b)).toEqual([dollars(1), dollars(93)])
    expect(desk.cash()).toBe(before.ledger.cash)
    expect(desk.standing().ledger.realised).toBe(0)
    agrees(desk)
  })

  it("that is no whole one makes adjusted contracts, which settle by what they deliver", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(put(90), 2, 3)
    desk.mark(acme, 93)
    desk.play(stretch(day, { actions: split(3, 2), ticks: flat(day, acme, 62, 62) }))
    expect(desk.held()).toEqual(["ACME1 240315P00090000 2"])
    const events = desk.play(stretch(expiryDay, { ticks: flat(expiryDay, acme, 58, 58) }))
    // 150 shares at 58 are 8,700 against 9,000.
    expect(ends(events)).toEqual(["ACME1 240315P00090000: 2 exercised, SELL 300 for 18000.00"])
    agrees(desk)
  })

  it("in reverse pays the fraction of a share in cash, at the opening price", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(call(90), 1, 3)
    desk.mark(acme, 93)
    const events = desk.play(
      stretch(day, { actions: split(1, 7), ticks: flat(day, acme, 651, 651), closes: false })
    )
    expect(events.find(({ _tag }) => _tag === "OptionAdjusted")).toMatchObject({
      contract: { deliverable: shares(14), deliverableCash: dollars(186) }
    })
    const settled = desk.play(stretch(expiryDay, { ticks: flat(expiryDay, acme, 700, 700) }))
    expect(ends(settled)).toEqual(["ACME1 240315C00090000: 1 exercised, BUY 14 for 8814.00"])
    agrees(desk)
  })

  it("renames a strike to one that another leaves", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(call(100), 1, 3)
    desk.hold(call(700), -1, 1)
    desk.mark(acme, 90)
    desk.play(stretch(day, { actions: split(7, 1), closes: false }))
    expect(desk.held()).toEqual(["ACME 240315C00014290 7", "ACME 240315C00100000 -7"])
    agrees(desk)
  })

  it("keeps two contracts apart that rounding brings to one name, and joins what is the same", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    const odd = contractInstrument(
      call(0.04).id,
      { ...call(0.04).contract, deliverableCash: dollars(7) },
      100
    )
    desk.hold(call(0.03), 1, 3)
    desk.hold(odd, 2, 3)
    desk.hold(call(0.05), 3, 3)
    desk.mark(acme, 90)
    desk.play(stretch(day, { actions: split(7, 1), closes: false }))
    expect(desk.held()).toEqual(["ACME 240315C00000010 28", "ACME1 240315C00000010 14"])
    agrees(desk)
  })

  it("takes the options' working orders off, with the reason", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    const now = { now: day.open, marketOpen: false }
    desk.take([
      ...desk.core.submit(
        combo("v", [buying(call(100)), selling(call(105))], { type: net(1), timeInForce: "GTC" }),
        now
      ),
      ...desk.core.submit(
        combo("c", [buying(acme, 100), selling(call(105))], { type: market, timeInForce: "GTC" }),
        now
      )
    ])
    const events = desk.play(stretch(day, { actions: split(7, 1), closes: false }))
    expect(events.flatMap((event) => (event._tag === "OrderCanceled" ? [event.reason] : []))).toEqual([
      "7 for 1 split of ACME.XNAS: its contracts change",
      "7 for 1 split of ACME.XNAS: its contracts change"
    ])
    expect(desk.core.working()).toEqual([])
  })
})

describe("a special dividend", () => {
  const day = sessionOf("2024-03-12")
  const paid = (amount: number): Stretch["actions"] => [
    [acme.id, { _tag: "Dividend", date: day.date, amountPerShare: dollars(amount) }]
  ]

  it("lowers the strike and is no reason to exercise", () => {
    const desk = advancedDesk({ instrument: lookUpAny })
    desk.hold(acme, 100, 90)
    desk.hold(call(90), -1, 10)
    desk.mark(acme, 100)
    const events = desk.play(stretch(day, { actions: paid(10), closes: false }))
    expect(ends(events)).toEqual(["ACME 240315C00090000 is ACME 240315C00080000, 1 for 1"])
    expect(events.map(({ _tag }) => _tag)).toEqual(["OptionAdjusted", "DividendPaid", "SessionOpened"])
    expect(desk.held()).toEqual(["ACME 240315C00080000 -1", "ACME 100"])
    agrees(desk)
  })

  it("cancels orders for the options, an ordinary one does not", () => {
    const orders = (amount: number) => {
      const desk = advancedDesk({ instrument: lookUpAny })
      const now = { now: timestamp(day.open - 1), marketOpen: false }
      desk.core.tick(print(acme, previousSession(day.date).close, 100, "CLOSE"))
      desk.take(
        desk.core.submit(combo("v", [buying(call(100)), selling(call(105))], { timeInForce: "GTC" }), now)
      )
      return desk
        .play(stretch(day, { actions: paid(amount), closes: false }))
        .flatMap((event) => (event._tag === "OrderCanceled" ? [event.reason] : []))
    }
    expect(orders(9.99)).toEqual([])
    expect(orders(10)).toEqual(["dividend of 10.00 on ACME.XNAS: its contracts change"])
  })
})

describe("a trip of the breaker", () => {
  it("takes off combos that open something and leaves one that only closes legs", () => {
    const desk = advancedDesk({
      instrument: lookUpAny,
      cash: 10_000,
      limits: { dailyLossRatio: 0.03, drawdownRatio: 0.5 }
    })
    desk.hold(put(95), -2, 1)
    desk.hold(put(90), 2, 0.5)
    const before = { now: timestamp(expiryDay.open - 1), marketOpen: false }
    const closing = [buying(put(95)), selling(put(90))]
    const send = (name: string, legs: typeof closing, units: number) =>
      desk.take(
        desk.core.submit(combo(name, legs, { type: net(-5), size: count(units), timeInForce: "GTC" }), before)
      )
    send("closes", closing, 2)
    send("too-many", closing, 3)
    send("opens", [selling(put(95)), buying(put(90))], 1)
    send("half", [buying(put(95)), selling(call(100))], 1)
    const events = desk.play(
      stretch(expiryDay, {
        ticks: [quoteAt(put(95), expiryDay.open, 3, 3.2), quoteAt(put(90), expiryDay.open, 0.4, 0.6)],
        closes: false
      })
    )
    expect(events.map(({ _tag }) => _tag)).toContain("TradingStateChanged")
    expect(desk.core.working().map((order) => order.clientOrderId)).toEqual(["closes"])
  })
})
