/** Options and combos in the matching core: who fills, at what, and that legs never part. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { dollars, pricePerShare, quantity, shares } from "../../../src/domain/Money.ts"
import { instrumentId } from "../../../src/domain/Identifiers.ts"
import type { OrderLeg } from "../../../src/domain/OrderLeg.ts"
import { timestamp } from "../../../src/domain/Timestamp.ts"
import { make } from "../../../src/execution/paper/MatchingCore.ts"
import { MatchingState } from "../../../src/execution/paper/MatchingState.ts"
import type { VenueModels } from "../../../src/execution/paper/VenueMemory.ts"
import type { VenueOrder } from "../../../src/execution/VenueOrder.ts"
import { lastTradingTime } from "../../../src/market/ContractTime.ts"
import { contractInstrument } from "../../../src/market/OptionInstruments.ts"
import { sessionAt } from "../TestMarket.ts"
import {
  buying,
  call,
  combo,
  contracts,
  indx,
  lookUpAny,
  net,
  put,
  quoteAt,
  sayLeg,
  selling
} from "./OptionMarket.ts"
import { acme, bolt, count, frictionless, id, limit, market, stop, tickAt, worth } from "./PaperMarket.ts"

const open = sessionAt(0).open
const at = (minutes: number) => timestamp(open + minutes * 60_000_000)

/** A venue whose ticks of one minute come together. */
const venue = (models: Partial<VenueModels> = {}) => {
  const core = make({ instrument: lookUpAny, models: { ...frictionless, ...models } })
  let minutes = 0
  let marketOpen = true
  return {
    core,
    now: () => at(minutes),
    close: () => {
      marketOpen = false
    },
    openAgain: () => {
      marketOpen = true
    },
    quotes: (...quoted: ReadonlyArray<readonly [typeof acme, number, number, ("OPEN" | "CLOSE")?]>) => {
      minutes += 1
      const events = quoted.flatMap(([instrument, bid, ask, phase]) =>
        core.tick(quoteAt(instrument, at(minutes), bid, ask, phase))
      )
      return [...events, ...core.meetCombos(at(minutes))].map(sayLeg)
    },
    send: (order: VenueOrder) => core.submit(order, { now: at(minutes), marketOpen }).map(sayLeg),
    replace: (name: string, type: VenueOrder["type"], size: VenueOrder["size"]) =>
      core.replace(id(name), { type, size }, { now: at(minutes), marketOpen }).map(sayLeg),
    cancel: (name: string) => core.cancel(id(name), at(minutes)).map(sayLeg)
  }
}

const single = (name: string, terms: Partial<VenueOrder>): VenueOrder => ({
  clientOrderId: id(name),
  instrumentId: call(100).id,
  side: "BUY",
  type: market,
  size: count(2),
  timeInForce: "DAY",
  ...terms
})

describe("an order for one option", () => {
  it("trades at the quote and says what contract it is of", () => {
    const { core, quotes, send } = venue()
    quotes([call(100), 1, 1.2])
    expect(send(single("a", {}))).toEqual(["a accepted", "a: BUY 2 ACME 240315C00100000 at 1.2, done"])
    const [, fill] = core.submit(single("b", { side: "SELL" }), { now: at(1), marketOpen: true })
    expect(fill).toMatchObject({ multiplier: 100, contract: call(100).contract })
  })

  it("is not held up by a volume nobody counts", () => {
    const { quotes, send } = venue({
      fill: { _tag: "VolumeShare", shareBasisPoints: 1000, unlimitedWhenNoVolume: false }
    })
    quotes([call(100), 1, 1.2])
    expect(send(single("a", { size: count(500) })).at(-1)).toBe(
      "a: BUY 500 ACME 240315C00100000 at 1.2, done"
    )
  })

  it("can be bought and not sold where nobody bids", () => {
    const { quotes, send } = venue()
    quotes([call(105), 0, 0.05])
    const leg = { instrumentId: call(105).id }
    expect(send(single("buy", leg)).at(-1)).toBe("buy: BUY 2 ACME 240315C00105000 at 0.05, done")
    expect(send(single("sell", { ...leg, side: "SELL" }))).toEqual(["sell accepted"])
    expect(quotes([call(105), 0.02, 0.05])).toEqual(["sell: SELL 2 ACME 240315C00105000 at 0.02, done"])
  })

  it("trades at the quote of an OPEN tick, not at its last price", () => {
    const { close, openAgain, quotes, send } = venue()
    close()
    expect(send(single("day", {}))).toEqual(["day accepted"])
    expect(send(single("opg", { timeInForce: "AT_THE_OPEN", side: "SELL" }))).toEqual(["opg accepted"])
    openAgain()
    expect(quotes([call(100), 1, 1.2, "OPEN"])).toEqual([
      "day: BUY 2 ACME 240315C00100000 at 1.2, done",
      "opg: SELL 2 ACME 240315C00100000 at 1, done"
    ])
  })

  it("AT_THE_OPEN takes the session's first quote, whatever it is called, or ends", () => {
    const { close, openAgain, quotes, send } = venue()
    close()
    send(single("fills", { timeInForce: "AT_THE_OPEN" }))
    send(single("ends", { timeInForce: "AT_THE_OPEN", type: limit(1.1) }))
    openAgain()
    expect(quotes([call(100), 1, 1.2])).toEqual([
      "fills: BUY 2 ACME 240315C00100000 at 1.2, done",
      "ends canceled: not filled at the session's first quote"
    ])
  })

  it("AT_THE_OPEN sent within a session waits for the next one's first quote", () => {
    const { core, quotes, send } = venue()
    expect(send(single("next", { timeInForce: "AT_THE_OPEN" }))).toEqual(["next accepted"])
    expect(quotes([call(100), 1, 1.2])).toEqual([])
    expect(core.sessionClosed(sessionAt(0).close)).toEqual([])
    expect(core.tick(quoteAt(call(100), sessionAt(1).open, 1, 1.3)).map(sayLeg)).toEqual([
      "next: BUY 2 ACME 240315C00100000 at 1.3, done"
    ])
  })

  it("expires with its contract, whatever its time in force, and nothing more is taken for it", () => {
    const core = make({ instrument: lookUpAny, models: frictionless })
    const expiring = call(100)
    const last = lastTradingTime(expiring.contract) ?? open
    const early = timestamp(last - 1)
    core.submit(single("gtc", { timeInForce: "GTC", type: limit(0.5) }), { now: early, marketOpen: true })
    core.submit(
      combo("both", [buying(expiring), selling(call(100, "2024-04-19"))], {
        type: net(-9),
        timeInForce: "GTC"
      }),
      {
        now: early,
        marketOpen: true
      }
    )
    expect(core.sessionClosed(last).map(sayLeg)).toEqual([
      "gtc expired: ACME 240315C00100000.OPRA has stopped trading",
      "both expired: ACME 240315C00100000.OPRA has stopped trading"
    ])
    expect(core.snapshot().books.map((book) => book.instrumentId)).toEqual(["ACME 240419C00100000.OPRA"])
    const after = { now: last, marketOpen: false }
    expect(core.submit(single("late", {}), after).map(sayLeg)).toEqual([
      "late rejected: ACME 240315C00100000 has stopped trading"
    ])
    expect(
      core.submit(combo("late2", [buying(expiring), selling(call(100, "2024-04-19"))]), after).map(sayLeg)
    ).toEqual(["late2 rejected: ACME 240315C00100000 has stopped trading"])
  })

  it("of an adjusted contract is taken by its own terms, also after the venue was stored", () => {
    const adjustedId = instrumentId("ACME1 240315C00100000.OPRA")
    const contract = { ...call(100).contract, deliverable: shares(150) }
    const order = single("a", {
      instrumentId: adjustedId,
      type: limit(2),
      terms: [{ instrumentId: adjustedId, side: "BUY", ratio: 1, multiplier: 100, contract }]
    })
    const { core, send } = venue()
    expect(send(order)).toEqual(["a accepted"])
    const json = JSON.parse(JSON.stringify(core.snapshot()))
    const state = Schema.decodeUnknownSync(MatchingState, { onExcessProperty: "error" })(json)
    const again = make({ instrument: lookUpAny, models: frictionless, state })
    expect(again.snapshot()).toEqual(core.snapshot())
    const [fill] = again.tick(quoteAt(contractInstrument(adjustedId, contract, 100), at(1), 1, 1.5))
    expect(fill).toMatchObject({ price: pricePerShare(1.5), multiplier: 100, contract })
  })
})

describe("a combo", () => {
  const vertical: ReadonlyArray<OrderLeg> = [selling(put(95)), buying(put(90))]

  it("fills all legs at the quotes' other sides when they are there", () => {
    const { core, quotes, send } = venue()
    quotes([put(95), 2, 2.2], [put(90), 0.8, 0.9])
    expect(send(combo("v", vertical, { size: count(3) }))).toEqual([
      "v accepted",
      "v: SELL 3 ACME 240315P00095000 at 2",
      "v: BUY 3 ACME 240315P00090000 at 0.9 (3 units), done"
    ])
    expect(core.order(id("v"))).toMatchObject({
      status: "Filled",
      filledQuantity: shares(3),
      filledNotional: dollars(-330)
    })
    expect(core.working()).toEqual([])
  })

  it("waits until every leg has a quote of the session", () => {
    const { quotes, send } = venue()
    quotes([put(95), 2, 2.2])
    expect(send(combo("v", vertical))).toEqual(["v accepted"])
    expect(quotes([put(95), 2.1, 2.3])).toEqual([])
    expect(quotes([put(90), 0.8, 0.9])).toEqual([
      "v: SELL 1 ACME 240315P00095000 at 2.1",
      "v: BUY 1 ACME 240315P00090000 at 0.9 (1 units), done"
    ])
  })

  it("fills at the sum of its legs when that is no worse than the net limit, not before", () => {
    const { quotes, send } = venue()
    quotes([put(95), 2, 2.2], [put(90), 0.8, 0.9])
    expect(send(combo("v", vertical, { type: net(-1.2) }))).toEqual(["v accepted"])
    expect(quotes([put(95), 2.05, 2.2])).toEqual([])
    expect(quotes([put(95), 2.2, 2.4], [put(90), 0.9, 0.95])).toEqual([
      "v: SELL 1 ACME 240315P00095000 at 2.2",
      "v: BUY 1 ACME 240315P00090000 at 0.95 (1 units), done"
    ])
  })

  it("sees an instant only when all of its ticks have come", () => {
    const { core, send } = venue()
    send(combo("v", vertical, { type: net(-1) }))
    // Between the two ticks of the instant the old 0.10 ask would have paid for it.
    core.tick(quoteAt(put(90), at(1), 0.05, 0.1))
    core.tick(quoteAt(put(95), at(1), 1, 1.05))
    expect(core.meetCombos(at(1))).toEqual([])
    core.tick(quoteAt(put(95), at(2), 2, 2.05))
    core.tick(quoteAt(put(90), at(2), 1.2, 1.25))
    expect(core.meetCombos(at(2))).toEqual([])
  })

  it("buys a leg nobody bids for, and does not sell one", () => {
    const { quotes, send } = venue()
    quotes([put(95), 2, 2.2], [put(90), 0, 0.05])
    expect(send(combo("buys", vertical)).length).toBe(3)
    expect(send(combo("sells", [buying(put(95)), selling(put(90))]))).toEqual(["sells accepted"])
  })

  it("is made worse by the slippage model, and never past its net limit", () => {
    const slippage = { _tag: "SpreadShare", basisPoints: 5000 } as const
    const { quotes, send } = venue({ slippage })
    quotes([put(95), 2, 2.2], [put(90), 0.8, 0.9])
    expect(send(combo("tight", vertical, { type: net(-1.1) }))).toEqual(["tight accepted"])
    expect(send(combo("wide", vertical, { type: net(-0.95) })).slice(1)).toEqual([
      "wide: SELL 1 ACME 240315P00095000 at 1.9",
      "wide: BUY 1 ACME 240315P00090000 at 0.95 (1 units), done"
    ])
  })

  it("charges each leg by the contract", () => {
    const fee = {
      _tag: "PerShare",
      perShare: dollars(0.005),
      minimum: dollars(1),
      maximumBasisPoints: 10_000,
      perContract: dollars(0.65)
    } as const
    const { core, quotes, send } = venue({ fee })
    quotes([put(95), 2, 2.2], [put(90), 0.8, 0.9])
    expect(send(combo("v", vertical, { size: count(3) })).slice(1)).toEqual([
      "v: SELL 3 ACME 240315P00095000 at 2, fee 1.95",
      "v: BUY 3 ACME 240315P00090000 at 0.9, fee 1.95 (3 units), done"
    ])
    send(combo("one", vertical))
    expect(core.order(id("one"))).toMatchObject({ fees: dollars(1.3) })
  })

  it("with shares: a covered call, held to the shares' volume for all units", () => {
    const fill = { _tag: "VolumeShare", shareBasisPoints: 1000, unlimitedWhenNoVolume: true } as const
    const { core, now, quotes, send } = venue({ fill })
    quotes([call(105), 1, 1.1])
    const legs = [buying(acme, 100), selling(call(105))]
    core.tick(tickAt("CONTINUOUS", now(), 100, { volume: 3999 }))
    expect(send(combo("c", legs, { type: net(99.01), size: count(4) }))).toEqual(["c accepted"])
    core.tick(tickAt("CONTINUOUS", at(2), 100, { volume: 4000 }))
    expect(core.meetCombos(at(2)).map(sayLeg)).toEqual([
      "c: BUY 400 ACME at 100.01",
      "c: SELL 4 ACME 240315C00105000 at 1 (4 units), done"
    ])
    // The volume of that tick is spent.
    expect(send(combo("d", legs))).toEqual(["d accepted"])
  })

  it("an earlier one goes first", () => {
    const { core, quotes, send } = venue()
    send(combo("first", vertical))
    send(combo("second", vertical))
    expect(quotes([put(95), 2, 2.2], [put(90), 0.8, 0.9]).map((line) => line.split(":")[0])).toEqual([
      "first",
      "first",
      "second",
      "second"
    ])
    expect(core.working()).toEqual([])
  })

  it("IOC and FOK fill on the quotes at hand or end", () => {
    const { close, quotes, send } = venue()
    expect(send(combo("i", vertical, { timeInForce: "IOC" })).at(-1)).toBe(
      "i canceled: IOC: the quotes at hand did not fill it"
    )
    quotes([put(95), 2, 2.2], [put(90), 0.8, 0.9])
    expect(send(combo("f", vertical, { timeInForce: "FOK", type: net(-1.5) })).at(-1)).toBe(
      "f canceled: FOK: the quotes at hand did not fill it"
    )
    expect(send(combo("ok", vertical, { timeInForce: "FOK" })).length).toBe(3)
    close()
    expect(send(combo("late", vertical, { timeInForce: "IOC" }))).toEqual([
      "late rejected: the market is closed: an IOC order needs a quote to trade on at once"
    ])
  })

  it("AT_THE_OPEN trades at the first instant all legs can, or is canceled at it", () => {
    const { close, core, openAgain, quotes, send } = venue()
    close()
    send(combo("fills", vertical, { timeInForce: "AT_THE_OPEN" }))
    send(combo("ends", vertical, { timeInForce: "AT_THE_OPEN", type: net(-3) }))
    send(combo("never", [buying(call(95)), selling(call(100))], { timeInForce: "AT_THE_OPEN" }))
    openAgain()
    expect(quotes([put(95), 2, 2.2, "OPEN"])).toEqual([])
    expect(quotes([put(90), 0.8, 0.9])).toEqual([
      "fills: SELL 1 ACME 240315P00095000 at 2",
      "fills: BUY 1 ACME 240315P00090000 at 0.9 (1 units), done",
      "ends canceled: not filled at the session's first quotes of its legs"
    ])
    expect(core.sessionClosed(sessionAt(0).close).map(sayLeg)).toEqual([
      "never expired: the session had no moment at which all its legs could be traded"
    ])
  })

  it("AT_THE_OPEN sent within a session waits for the next", () => {
    const { core, quotes, send } = venue()
    quotes([put(95), 2, 2.2], [put(90), 0.8, 0.9])
    expect(send(combo("next", vertical, { timeInForce: "AT_THE_OPEN" }))).toEqual(["next accepted"])
    expect(quotes([put(95), 2, 2.2])).toEqual([])
    core.sessionClosed(sessionAt(0).close)
    core.tick(quoteAt(put(95), sessionAt(1).open, 2, 2.2, "OPEN"))
    // The other leg's quote is of the session before.
    expect(core.meetCombos(sessionAt(1).open)).toEqual([])
    core.tick(quoteAt(put(90), sessionAt(1).open, 0.8, 0.9, "OPEN"))
    expect(core.meetCombos(sessionAt(1).open).length).toBe(2)
  })

  it("DAY ends with its session, GTC stays, and a closing quote still fills", () => {
    const { core, send } = venue()
    send(combo("day", vertical, { type: net(-9) }))
    send(combo("gtc", vertical, { type: net(-1), timeInForce: "GTC" }))
    send(combo("chain", [buying(call(95)), selling(call(100))]))
    const { close } = sessionAt(0)
    core.tick(quoteAt(call(95), close, 5, 5.2, "CLOSE"))
    core.tick(quoteAt(call(100), close, 1, 1.2, "CLOSE"))
    expect(core.meetCombos(close).map(sayLeg)).toEqual([
      "chain: BUY 1 ACME 240315C00095000 at 5.2",
      "chain: SELL 1 ACME 240315C00100000 at 1 (1 units), done"
    ])
    expect(core.sessionClosed(close).map(sayLeg)).toEqual(["day expired: DAY: the session closed"])
    expect(core.working().map((order) => order.clientOrderId)).toEqual(["gtc"])
  })

  it("a last quote that was not called the close is over with its session all the same", () => {
    const { core } = venue()
    const market = { now: timestamp(sessionAt(0).close + 60_000_000), marketOpen: false }
    const ticks = [quoteAt(put(95), at(380), 2, 2.2), quoteAt(put(90), at(380), 0.8, 0.9)]
    expect(core.submit(combo("v", vertical), { ...market, legTicks: ticks }).map(sayLeg)).toEqual([
      "v accepted"
    ])
    core.tick(quoteAt(put(95), sessionAt(1).open, 2, 2.2, "OPEN"))
    expect(core.meetCombos(sessionAt(1).open)).toEqual([])
  })

  it("is replaced whole, by net price or units, and keeps its place when it only shrinks", () => {
    const { core, quotes, replace, send } = venue()
    quotes([put(95), 2, 2.2], [put(90), 0.8, 0.9])
    send(combo("a", vertical, { type: net(-1.5), size: count(4) }))
    send(combo("b", vertical, { type: net(-1.5), size: count(4) }))
    expect(replace("a", net(-1.5), count(2))).toEqual(["a now 2"])
    expect(replace("b", net(-1.5), count(0.5))).toEqual([
      "b not changed: quantity 0.5 is not a positive number of whole units"
    ])
    expect(replace("b", market, count(4))).toEqual([
      "b not changed: a NetLimit order cannot become a Market order: cancel it and send another"
    ])
    expect(replace("b", net(-1.505), count(4))).toEqual(["b not changed: net price -1.505 is not on a cent"])
    expect(quotes([put(95), 2.5, 2.6]).map((line) => line.split(":")[0])).toEqual(["a", "a", "b", "b"])
    send(combo("c", vertical, { type: net(-2) }))
    expect(replace("c", net(-1.6), count(5))).toEqual([
      "c now 5",
      "c: SELL 5 ACME 240315P00095000 at 2.5",
      "c: BUY 5 ACME 240315P00090000 at 0.9 (5 units), done"
    ])
    expect(core.working()).toEqual([])
  })

  it("is canceled whole, and cannot be canceled again", () => {
    const { cancel, core, quotes, send } = venue()
    send(combo("a", vertical))
    expect(cancel("a")).toEqual(["a canceled: canceled on request"])
    expect(cancel("a")).toEqual(["a not changed: the order is Canceled already"])
    expect(quotes([put(95), 2, 2.2], [put(90), 0.8, 0.9])).toEqual([])
    expect(core.knows(id("a"))).toBe(true)
    core.forgetEnded(at(100))
    expect(core.knows(id("a"))).toBe(false)
  })

  it("ends with a split of the underlying, and so do orders for its options; those of others stay", () => {
    const { core, send } = venue()
    send(combo("v", vertical))
    send(single("s", { type: limit(0.5) }))
    send(single("bolt", { instrumentId: bolt.id, type: limit(10) }))
    send(single("boltput", { instrumentId: contracts.at(-1)?.id ?? bolt.id, type: limit(0.5) }))
    const reason = "7 for 1 split of ACME.XNAS: its contracts change"
    expect(core.applySplit(acme.id, { numerator: 7, denominator: 1, tsEvent: at(5) }).map(sayLeg)).toEqual([
      `v canceled: ${reason}`,
      `s canceled: ${reason}`
    ])
    expect(core.cancelOptionsOn(bolt.id, "why", at(6)).map(sayLeg)).toEqual(["boltput canceled: why"])
  })

  const refused: ReadonlyArray<readonly [string, VenueOrder]> = [
    ["a combo is bought: its legs say what is sold", combo("x", vertical, { side: "SELL" })],
    [
      "a combo takes no bracket",
      combo("x", vertical, { bracket: { stopLoss: { clientOrderId: id("y"), stopPrice: pricePerShare(1) } } })
    ],
    ["a combo joins no OCO group", combo("x", vertical, { ocoGroup: "g" })],
    [
      "a combo has no closing auction: its time in force is another",
      combo("x", vertical, { timeInForce: "AT_THE_CLOSE" })
    ],
    ["a combo has 2 to 8 legs, this one 1", combo("x", [buying(call(100))])],
    [
      "a combo is a market order or takes a net price, not a Limit order",
      combo("x", vertical, { type: limit(1) })
    ],
    [
      "a combo is a market order or takes a net price, not a StopMarket order",
      combo("x", vertical, { type: stop(1) })
    ],
    ["net price 1.005 is not on a cent", combo("x", vertical, { type: net(1.005) })],
    ["a combo is sized in units, not by notional", combo("x", vertical, { size: worth(1000) })],
    ["quantity 1.5 is not a positive number of whole units", combo("x", vertical, { size: count(1.5) })],
    [
      "quantity 2000000 makes a leg of more than 100000000",
      combo("x", [buying(call(100)), selling(acme, 100)], { size: count(2_000_000) })
    ],
    [
      "no instrument ACME 240315C00777000.OPRA at this venue",
      combo("x", [buying(call(777)), selling(call(100))])
    ],
    [
      `a leg is given once, with a ratio: ${call(100).symbol} is there twice`,
      combo("x", [buying(call(100)), selling(call(100))])
    ],
    [
      "the legs of an order have one underlying, and these have ACME and BOLT",
      combo("x", [buying(call(100)), selling(bolt, 100)])
    ],
    [
      "the legs of an order have one underlying, and these have INDX and ACME",
      combo("x", [buying(indx), selling(call(100))])
    ],
    [
      `the ratio of ${call(95).id} is 0: it is a whole number from 1 to 1000`,
      combo("x", [buying(call(95), 0), selling(call(100))])
    ]
  ]
  for (const [reason, order] of refused) {
    it(`is refused: ${reason}`, () => {
      const events = venue().send(order)
      expect(events[0]).toBe(`x rejected: ${reason}`)
    })
  }

  it("an order for one instrument takes no net price", () => {
    expect(venue().send(single("n", { type: net(1) }))).toEqual([
      "n rejected: a net price is of a combo: an order for one instrument takes a limit price"
    ])
  })

  it("a state stored before there were combos still decodes", () => {
    const { core, send } = venue()
    send(single("a", { instrumentId: acme.id, type: limit(90) }))
    const json = JSON.parse(JSON.stringify(core.snapshot()))
    expect(Object.keys(json.working[0])).not.toContain("legs")
    expect(Schema.decodeUnknownSync(MatchingState)(json).working.length).toBe(1)
    expect(quantity(0)).toBe(0)
  })
})
