/** Orders one at a time: what they fill at, when, and what ends them. Prices in dollars. */
import { describe, expect, it } from "@effect/vitest"
import { instrumentId } from "../../../src/domain/Identifiers.ts"
import { timestamp } from "../../../src/domain/Timestamp.ts"
import {
  acme,
  count,
  id,
  limit,
  market,
  paperMarket,
  say,
  stop,
  stopLimit,
  tickAt,
  trailing,
  worth
} from "./PaperMarket.ts"

const tenth = { _tag: "VolumeShare", shareBasisPoints: 1000, unlimitedWhenNoVolume: true } as const

describe("market orders", () => {
  it("fill at the other side of the quote when the market is open", () => {
    const m = paperMarket()
    m.open(100)
    expect(m.buy("b")).toEqual(["b accepted", "b fills 10 at 100.01, done"])
    expect(m.sell("s")).toEqual(["s accepted", "s fills 10 at 99.99, done"])
  })

  it("sent while the market is closed fill at the opening print", () => {
    const m = paperMarket()
    m.close(100)
    expect(m.buy("b")).toEqual(["b accepted"])
    expect(m.open(104)).toEqual(["b fills 10 at 104, done"])
  })

  it("do not fill on the quote of a session that is over, even if the calendar says open", () => {
    const m = paperMarket()
    m.close(100)
    const order = {
      clientOrderId: id("b"),
      instrumentId: acme.id,
      side: "BUY",
      type: market,
      size: count(1),
      timeInForce: "DAY"
    } as const
    expect(m.core.submit(order, { now: m.now(), marketOpen: true }).map(say)).toEqual(["b accepted"])
    expect(m.tick(90)).toEqual(["b fills 1 at 90.01, done"])
  })

  it("let working orders meet a last tick the venue has not seen before they are tried themselves", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("resting", { type: limit(95) })
    const lastTick = tickAt("CONTINUOUS", timestamp(1e9), 94)
    const order = {
      clientOrderId: id("late"),
      instrumentId: acme.id,
      side: "SELL",
      type: market,
      size: count(1),
      timeInForce: "DAY"
    } as const
    const events = m.core.submit(order, { now: timestamp(1e9), marketOpen: true, lastTick }).map(say)
    expect(events).toEqual(["resting fills 10 at 95, done", "late accepted", "late fills 1 at 93.99, done"])
  })
})

describe("limit orders", () => {
  it("that are marketable on arrival get the quote when it is better than their limit", () => {
    const m = paperMarket()
    m.open(100)
    expect(m.buy("b", { type: limit(105) })).toEqual(["b accepted", "b fills 10 at 100.01, done"])
    expect(m.sell("s", { type: limit(95) })).toEqual(["s accepted", "s fills 10 at 99.99, done"])
  })

  it("fill at the limit when the market comes to it inside a session", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("b", { type: limit(98) })
    m.sell("s", { type: limit(102) })
    expect(m.tick(98)).toEqual([])
    expect(m.tick(97.5)).toEqual(["b fills 10 at 98, done"])
    expect(m.tick(103)).toEqual(["s fills 10 at 102, done"])
  })

  it("get the opening print when the market opens beyond them", () => {
    const m = paperMarket()
    m.close(100)
    m.buy("b", { type: limit(98), timeInForce: "GTC" })
    m.sell("s", { type: limit(102), timeInForce: "GTC" })
    expect(m.open(95)).toEqual(["b fills 10 at 95, done"])
    m.close(100)
    expect(m.open(110)).toEqual(["s fills 10 at 110, done"])
  })

  it("get the better price across a gap also where a session has no opening print", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("b", { type: limit(98), timeInForce: "GTC" })
    m.endSession()
    expect(m.tick(95)).toEqual(["b fills 10 at 95.01, done"])
  })

  it("that were marketable at the tick before, short of volume, go on at the quote", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100)
    m.buy("b", { type: limit(98) })
    expect(m.tick(97, { volume: 40 })).toEqual(["b fills 4 at 98"])
    expect(m.tick(96, { volume: 1000 })).toEqual(["b fills 6 at 96.01, done"])
  })
})

describe("stop orders", () => {
  it("are triggered by the last price and fill at the tick's quote inside a session", () => {
    const m = paperMarket()
    m.open(100)
    m.sell("s", { type: stop(98) })
    m.buy("b", { type: stop(103) })
    expect(m.tick(98.5)).toEqual([])
    expect(m.tick(97.8)).toEqual(["s triggered", "s fills 10 at 97.79, done"])
    expect(m.tick(103)).toEqual(["b triggered", "b fills 10 at 103.01, done"])
  })

  it("below a gap fill at the open, never at the stop", () => {
    const m = paperMarket()
    m.open(100)
    m.sell("s", { type: stop(98), timeInForce: "GTC" })
    m.close(99)
    m.endSession()
    expect(m.open(80)).toEqual(["s triggered", "s fills 10 at 80, done"])
  })

  it("already past on arrival are triggered at once", () => {
    const m = paperMarket()
    m.open(100)
    expect(m.sell("s", { type: stop(101) })).toEqual([
      "s accepted",
      "s triggered",
      "s fills 10 at 99.99, done"
    ])
  })

  it("with a limit may trigger and fill in one tick, at the quote", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("b", { type: stopLimit(102, 103) })
    expect(m.tick(102.5)).toEqual(["b triggered", "b fills 10 at 102.51, done"])
  })

  it("with a limit rest at it when the market has jumped past, and fill there when it comes back", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("b", { type: stopLimit(102, 103) })
    expect(m.tick(105)).toEqual(["b triggered"])
    expect(m.tick(101)).toEqual(["b fills 10 at 103, done"])
  })

  it("that trail follow the best price and only tighten", () => {
    const m = paperMarket()
    m.open(100)
    m.sell("s", { type: trailing(2) })
    expect(m.tick(99)).toEqual([])
    expect(m.tick(105)).toEqual([])
    expect(m.tick(103.5)).toEqual([])
    expect(m.tick(103)).toEqual(["s triggered", "s fills 10 at 102.99, done"])
    m.buy("b", { type: trailing(2) })
    expect(m.tick(100)).toEqual([])
    expect(m.tick(101.5)).toEqual([])
    expect(m.tick(102)).toEqual(["b triggered", "b fills 10 at 102.01, done"])
  })

  it("that trail start from the last price known when they were accepted", () => {
    const m = paperMarket()
    m.close(100)
    m.sell("s", { type: trailing(1), timeInForce: "GTC" })
    expect(m.open(98)).toEqual(["s triggered", "s fills 10 at 98, done"])
  })

  it("that trail start from the first price when none is known", () => {
    const m = paperMarket()
    m.sell("s", { type: trailing(1), timeInForce: "GTC" })
    expect(m.open(98)).toEqual([])
    expect(m.tick(97)).toEqual(["s triggered", "s fills 10 at 96.99, done"])
  })
})

describe("time in force", () => {
  it("DAY ends with the session, GTC goes on", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("day", { type: limit(90) })
    m.buy("gtc", { type: limit(90), timeInForce: "GTC" })
    m.close(100)
    expect(m.endSession()).toEqual(["day expired: DAY: the session closed"])
    expect(m.open(89)).toEqual(["gtc fills 10 at 89, done"])
  })

  it("DAY sent at or after the close is the next session's", () => {
    const m = paperMarket()
    m.open(100)
    m.close(100)
    const closedAt = m.now()
    m.buy("late", { type: limit(90) })
    expect(m.core.sessionClosed(closedAt)).toEqual([])
    expect(m.open(89)).toEqual(["late fills 10 at 89, done"])
  })

  it("IOC takes what the quote's volume gives and cancels the rest", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100, { volume: 60 })
    expect(m.buy("b", { timeInForce: "IOC" })).toEqual([
      "b accepted",
      "b fills 6 at 100.01",
      "b canceled: IOC: the quote at hand did not fill it"
    ])
    expect(m.buy("c", { timeInForce: "IOC" })).toEqual([
      "c accepted",
      "c canceled: IOC: the quote at hand did not fill it"
    ])
  })

  it("FOK fills whole or not at all", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100, { volume: 150 })
    expect(m.buy("big", { timeInForce: "FOK", size: count(16) })).toEqual([
      "big accepted",
      "big canceled: FOK: the quote at hand did not fill it"
    ])
    expect(m.buy("fits", { timeInForce: "FOK", size: count(15) })).toEqual([
      "fits accepted",
      "fits fills 15 at 100.01, done"
    ])
    expect(m.buy("limited", { timeInForce: "FOK", type: limit(99) })).toEqual([
      "limited accepted",
      "limited canceled: FOK: the quote at hand did not fill it"
    ])
  })

  it("AT_THE_OPEN fills at the opening print, and what the auction leaves is canceled", () => {
    const m = paperMarket({ fill: tenth })
    m.close(100)
    m.buy("moo", { timeInForce: "AT_THE_OPEN" })
    m.buy("loo", { timeInForce: "AT_THE_OPEN", type: limit(101) })
    expect(m.open(102, { volume: 60 })).toEqual([
      "moo fills 6 at 102",
      "moo canceled: not filled in the open auction",
      "loo canceled: not filled in the open auction"
    ])
  })

  it("AT_THE_OPEN sent inside a session waits for the next one's opening", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("moo", { timeInForce: "AT_THE_OPEN" })
    expect(m.tick(100)).toEqual([])
    m.close(100)
    expect(m.endSession()).toEqual([])
    expect(m.open(103)).toEqual(["moo fills 10 at 103, done"])
  })

  it("AT_THE_OPEN expires with a session that had no opening print", () => {
    const m = paperMarket()
    m.close(100)
    m.buy("moo", { timeInForce: "AT_THE_OPEN" })
    expect(m.tick(101)).toEqual([])
    expect(m.endSession()).toEqual(["moo expired: the session had no opening print"])
  })

  it("AT_THE_CLOSE fills at the closing print only", () => {
    const m = paperMarket()
    m.open(100)
    m.sell("moc", { timeInForce: "AT_THE_CLOSE" })
    m.sell("loc", { timeInForce: "AT_THE_CLOSE", type: limit(120) })
    expect(m.tick(101)).toEqual([])
    expect(m.close(102)).toEqual([
      "moc fills 10 at 102, done",
      "loc canceled: not filled in the close auction"
    ])
  })

  it("AT_THE_CLOSE expires with a session that had no closing print", () => {
    const m = paperMarket()
    m.open(100)
    m.sell("moc", { timeInForce: "AT_THE_CLOSE" })
    expect(m.endSession()).toEqual(["moc expired: the session closed without a closing print"])
  })

  it("is refused where it makes no sense", () => {
    const m = paperMarket()
    expect(m.buy("a", { timeInForce: "IOC" })).toEqual([
      "a rejected: the market is closed: an IOC order needs a quote to trade on at once"
    ])
    expect(m.sell("b", { type: stop(90), timeInForce: "AT_THE_OPEN" })).toEqual([
      "b rejected: a StopMarket order waits for its price: its time in force is DAY or GTC, not AT_THE_OPEN"
    ])
  })
})

describe("sizes", () => {
  it("by notional buy the most whole lots the money pays for at the fill's price", () => {
    const m = paperMarket()
    m.close(99)
    m.buy("b", { size: worth(1000), timeInForce: "AT_THE_OPEN" })
    expect(m.open(101)).toEqual(["b fills 9 at 101, done"])
  })

  it("by notional go on with the money that is left when volume was short", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100, { volume: 40 })
    expect(m.buy("b", { size: worth(1000) })).toEqual(["b accepted", "b fills 4 at 100.01"])
    expect(m.tick(50)).toEqual(["b fills 11 at 50.01, done"])
  })

  it("by notional too small for one lot are canceled, and say so", () => {
    const m = paperMarket()
    m.open(100)
    expect(m.buy("b", { size: worth(60) })).toEqual([
      "b accepted",
      "b canceled: the money left to it buys not even the smallest lot at this price"
    ])
  })

  it("and prices off their increments are refused", () => {
    const m = paperMarket()
    m.open(100)
    expect(m.buy("a", { size: count(1.5) })).toEqual([
      "a rejected: quantity 1.5 is not a positive multiple of ACME's size increment 1"
    ])
    expect(m.buy("b", { type: limit(100.005) })).toEqual([
      "b rejected: limit price 100.005 is not a positive multiple of ACME's price increment 0.01"
    ])
    expect(m.buy("c", { size: worth(0) })).toEqual(["c rejected: the notional is 0: it has to be above zero"])
    expect(m.buy("d", { type: trailing(0) })).toEqual([
      "d rejected: trailing offset 0 is not a positive multiple of ACME's price increment 0.01"
    ])
  })
})

describe("volume", () => {
  it("is shared by price, then time, market orders first", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100)
    m.buy("low", { type: limit(97) })
    m.buy("early", { type: limit(98) })
    m.buy("late", { type: limit(98) })
    m.sell("stopped", { type: stop(96.5), size: count(4) })
    expect(m.tick(96.5, { volume: 270 })).toEqual([
      "stopped triggered",
      "stopped fills 4 at 96.49, done",
      "early fills 10 at 98, done",
      "late fills 10 at 98, done",
      "low fills 3 at 97"
    ])
  })

  it("of the quote at hand serves arrivals too, once", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100)
    m.tick(100, { volume: 120 })
    expect(m.buy("a")).toEqual(["a accepted", "a fills 10 at 100.01, done"])
    expect(m.buy("b")).toEqual(["b accepted", "b fills 2 at 100.01"])
    expect(m.replace("b", market, count(20))).toEqual(["b now 20"])
    expect(m.tick(101, { volume: 1000 })).toEqual(["b fills 18 at 101.01, done"])
  })

  it("that is unknown limits nothing, or everything, as the fill model says", () => {
    const free = paperMarket({ fill: tenth })
    free.open(100, { volume: 0 })
    expect(free.buy("b")).toEqual(["b accepted", "b fills 10 at 100.01, done"])
    const strict = paperMarket({ fill: { ...tenth, unlimitedWhenNoVolume: false } })
    strict.open(100, { volume: 0 })
    expect(strict.buy("b")).toEqual(["b accepted"])
    expect(strict.tick(100, { volume: 9 })).toEqual([])
    expect(strict.tick(100, { volume: 100 })).toEqual(["b fills 10 at 100.01, done"])
  })
})

describe("names", () => {
  it("sent again change nothing, whether taken, refused or done", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("b", { type: limit(90) })
    m.buy("done")
    m.buy("bad", { size: count(0) })
    for (const name of ["b", "done", "bad"]) expect(m.buy(name, { size: count(99) })).toEqual([])
    expect(m.core.working().map((order) => order.clientOrderId)).toEqual(["b"])
    expect(["b", "done", "bad", "other"].map((name) => m.core.knows(id(name)))).toEqual([
      true,
      true,
      true,
      false
    ])
  })

  it("of orders and trades count up", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("a")
    m.sell("b")
    expect(m.core.order(id("b"))?.venueOrderId).toBe("V-000002")
    expect(m.core.snapshot()).toMatchObject({ nextOrder: 3, nextTrade: 3 })
  })

  it("are forgotten on request, working orders never", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("done")
    m.buy("bad", { size: count(0) })
    m.buy("working", { type: limit(90) })
    m.core.forgetEnded(timestamp(1e12))
    expect(["done", "bad", "working"].map((name) => m.core.knows(id(name)))).toEqual([false, false, true])
  })

  it("of an instrument nobody knows are refused", () => {
    const m = paperMarket()
    const nope = instrumentId("NOPE.XNAS")
    expect(m.buy("b", { instrumentId: nope })).toEqual(["b rejected: no instrument NOPE.XNAS at this venue"])
    expect(m.core.tick({ ...tickAt("OPEN", timestamp(1), 100), instrumentId: nope })).toEqual([])
  })
})

describe("changes", () => {
  it("cancel what works, and say why they cannot otherwise", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("b", { type: limit(90) })
    m.buy("bad", { size: count(0) })
    expect(m.cancel("b")).toEqual(["b canceled: canceled on request"])
    expect(m.cancel("b")).toEqual(["b not changed: the order is Canceled already"])
    expect(m.cancel("bad")).toEqual(["bad not changed: the order was rejected"])
    expect(m.cancel("x")).toEqual(["x not changed: no such order at this venue"])
  })

  it("of price are tried on the quote at hand", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("b", { type: limit(90) })
    expect(m.replace("b", limit(101), count(10))).toEqual(["b now 10", "b fills 10 at 100.01, done"])
  })

  it("keep the place in the queue only when nothing but the size falls", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100)
    m.buy("first", { type: limit(98) })
    m.buy("second", { type: limit(98) })
    m.replace("first", limit(98), count(8))
    expect(m.tick(97, { volume: 50 })).toEqual(["first fills 5 at 98"])
    m.replace("first", limit(98), count(9))
    expect(m.tick(97, { volume: 110 })).toEqual(["second fills 10 at 97.01, done", "first fills 1 at 97.01"])
  })

  it("that would make another order of it are refused", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100, { volume: 40 })
    m.buy("b", { type: limit(101) })
    expect(m.replace("b", market, count(10))).toEqual([
      "b not changed: a Limit order cannot become a Market order: cancel it and send another"
    ])
    expect(m.replace("b", limit(101), worth(100))).toEqual([
      "b not changed: its size is by quantity and stays so: cancel it and send another"
    ])
    expect(m.replace("b", limit(101), count(4))).toEqual([
      "b not changed: the new size 4 is not above what has traded, 4"
    ])
    expect(m.replace("b", limit(101.001), count(10))).toEqual([
      "b not changed: limit price 101.001 is not a positive multiple of ACME's price increment 0.01"
    ])
    expect(m.replace("x", limit(1), count(1))).toEqual(["x not changed: no such order at this venue"])
  })

  it("of a stop that was touched come too late, but a StopLimit's limit may still move", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100)
    m.sell("s", { type: stop(98) })
    m.sell("l", { type: stopLimit(98, 97.5) })
    m.tick(97, { volume: 40 })
    expect(m.replace("s", stop(90), count(10))).toEqual([
      "s not changed: its stop has been touched: it is trading as a market order already"
    ])
    expect(m.replace("l", stopLimit(98, 99), count(10))).toEqual(["l now 10"])
  })
})

describe("ticks", () => {
  it("that are old, repeated or without a usable price do nothing", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("b", { type: limit(98) })
    const before = m.core.snapshot()
    const at = m.now()
    expect(m.core.tick(tickAt("OPEN", timestamp(at - 120_000_000), 90))).toEqual([])
    expect(m.core.tick(tickAt("CONTINUOUS", timestamp(at + 1), Number.NaN))).toEqual([])
    expect(m.core.tick(tickAt("CONTINUOUS", timestamp(at + 1), 0))).toEqual([])
    expect(m.core.tick(tickAt("CONTINUOUS", timestamp(at + 1), 90, { bid: 91, ask: 90 }))).toEqual([])
    expect(m.core.snapshot()).toEqual(before)
  })

  it("of the same instant but another content are news", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("b", { type: limit(98) })
    const at = timestamp(1e9)
    m.core.tick(tickAt("CONTINUOUS", at, 99))
    expect(m.core.tick(tickAt("CONTINUOUS", at, 99))).toEqual([])
    expect(m.core.tick(tickAt("CONTINUOUS", at, 97)).map(say)).toEqual(["b fills 10 at 98, done"])
  })
})
