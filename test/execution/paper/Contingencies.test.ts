/** Orders tied to each other: OCO groups and brackets. */
import { describe, expect, it } from "@effect/vitest"
import { pricePerShare } from "../../../src/domain/Money.ts"
import type { VenueBracket } from "../../../src/execution/VenueOrder.ts"
import { timestamp } from "../../../src/domain/Timestamp.ts"
import { bolt, count, id, limit, paperMarket, stop, worth } from "./PaperMarket.ts"

const tenth = { _tag: "VolumeShare", shareBasisPoints: 1000, unlimitedWhenNoVolume: true } as const

const bracket = (name: string, takeProfit: number, stopLoss: number): VenueBracket => ({
  takeProfit: { clientOrderId: id(`${name}-tp`), limitPrice: pricePerShare(takeProfit) },
  stopLoss: { clientOrderId: id(`${name}-sl`), stopPrice: pricePerShare(stopLoss) }
})

describe("an OCO group", () => {
  it("cancels the others when one fills, across instruments", () => {
    const m = paperMarket()
    m.open(100)
    m.sell("up", { type: limit(105), ocoGroup: "exit" })
    m.sell("down", { type: stop(95), ocoGroup: "exit" })
    m.buy("hedge", { instrumentId: bolt.id, ocoGroup: "exit" })
    expect(m.tick(94)).toEqual([
      "down triggered",
      "down fills 10 at 93.99, done",
      "up canceled: one cancels the other: down filled",
      "hedge canceled: one cancels the other: down filled"
    ])
  })

  it("cancels the others on a partial fill already, and goes on with the one that filled", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100)
    m.sell("a", { type: limit(105), ocoGroup: "g" })
    m.sell("b", { type: limit(106), ocoGroup: "g" })
    expect(m.tick(110, { volume: 30 })).toEqual([
      "a fills 3 at 105",
      "b canceled: one cancels the other: a filled"
    ])
    expect(m.tick(110)).toEqual(["a fills 7 at 109.99, done"])
  })

  it("takes the stop, the worse of the two, when one tick would fill both", () => {
    const m = paperMarket()
    m.open(100)
    m.sell("gain", { type: limit(105), ocoGroup: "g" })
    m.sell("loss", { type: stop(95), ocoGroup: "g" })
    expect(m.tick(94, { bid: 106, ask: 107 })).toEqual([
      "loss triggered",
      "loss fills 10 at 106, done",
      "gain canceled: one cancels the other: loss filled"
    ])
  })

  it("takes no new member once one has filled", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("a", { ocoGroup: "g" })
    expect(m.buy("b", { ocoGroup: "g" })).toEqual(["b rejected: an order of OCO group g has filled already"])
  })

  it("lets the others be when one is canceled by hand", () => {
    const m = paperMarket()
    m.open(100)
    m.sell("a", { type: limit(105), ocoGroup: "g" })
    m.sell("b", { type: limit(106), ocoGroup: "g" })
    m.cancel("a")
    expect(m.tick(107)).toEqual(["b fills 10 at 106, done"])
  })
})

describe("a bracket", () => {
  it("holds its exits until the entry fills, then one cancels the other", () => {
    const m = paperMarket()
    m.open(100)
    expect(m.buy("e", { type: limit(98), bracket: bracket("e", 105, 95) })).toEqual([
      "e accepted",
      "e-tp accepted",
      "e-sl accepted"
    ])
    expect(m.tick(106)).toEqual([])
    expect(m.tick(97)).toEqual(["e fills 10 at 98, done", "e-tp now 10", "e-sl now 10"])
    expect(m.tick(106)).toEqual([
      "e-tp fills 10 at 105, done",
      "e-sl canceled: one cancels the other: e-tp filled"
    ])
  })

  it("works from the tick after its entry's fill, also for a short entry", () => {
    const m = paperMarket()
    m.open(100)
    expect(m.sell("e", { bracket: bracket("e", 95, 103) })).toEqual([
      "e accepted",
      "e-tp accepted",
      "e-sl accepted",
      "e fills 10 at 99.99, done",
      "e-tp now 10",
      "e-sl now 10"
    ])
    expect(m.tick(104)).toEqual([
      "e-sl triggered",
      "e-sl fills 10 at 104.01, done",
      "e-tp canceled: one cancels the other: e-sl filled"
    ])
  })

  it("grows with its entry's fills, also within one tick", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100, { volume: 40 })
    m.buy("e", { bracket: bracket("e", 105, 95) })
    expect(m.core.order(id("e-sl"))).toMatchObject({ held: false, size: count(4) })
    expect(m.tick(100, { volume: 20 })).toEqual(["e fills 2 at 100.01", "e-tp now 6", "e-sl now 6"])
    expect(m.tick(94)).toEqual([
      "e-sl triggered",
      "e fills 4 at 94.01, done",
      "e-tp now 10",
      "e-sl now 10",
      "e-sl fills 10 at 93.99, done",
      "e-tp canceled: one cancels the other: e-sl filled"
    ])
  })

  it("cancels what is left of the entry when an exit fills first", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100)
    m.buy("e", { type: limit(98), bracket: bracket("e", 105, 95) })
    m.tick(97, { volume: 40 })
    expect(m.tick(106, { volume: 20 })).toEqual([
      "e-tp fills 2 at 105",
      "e canceled: its bracket's exit e-tp filled",
      "e-sl now 2"
    ])
    expect(m.tick(94, { volume: 1000 })).toEqual([
      "e-sl triggered",
      "e-sl fills 2 at 93.99, done",
      "e-tp canceled: one cancels the other: e-sl filled"
    ])
  })

  it("keeps its exits tied also when the ended entry is forgotten", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("e", { bracket: bracket("e", 105, 95) })
    m.core.forgetEnded(timestamp(1e12))
    expect(m.tick(106)).toEqual([
      "e-tp fills 10 at 105, done",
      "e-sl canceled: one cancels the other: e-tp filled"
    ])
  })

  it("ends with an entry that ends without a fill", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("e", { type: limit(90), bracket: bracket("e", 105, 85) })
    m.close(100)
    expect(m.endSession()).toEqual([
      "e expired: DAY: the session closed",
      "e-tp canceled: its entry e ended without a fill",
      "e-sl canceled: its entry e ended without a fill"
    ])
  })

  it("outlives the session and the rest of an entry that filled in part", () => {
    const m = paperMarket({ fill: tenth })
    m.open(100, { volume: 40 })
    m.buy("e", { bracket: bracket("e", 105, 95) })
    m.close(100, { volume: 0, bid: 99.99, ask: 100.01 })
    m.endSession()
    expect(m.core.working().map(({ clientOrderId, size }) => [clientOrderId, size])).toEqual([
      ["e-tp", count(10)],
      ["e-sl", count(10)]
    ])
    expect(m.open(90)).toEqual([
      "e-sl triggered",
      "e-sl fills 10 at 90, done",
      "e-tp canceled: one cancels the other: e-sl filled"
    ])
  })

  it("sizes its exits by what an entry by notional has bought", () => {
    const m = paperMarket()
    m.open(100)
    expect(m.buy("e", { size: worth(500), bracket: bracket("e", 105, 95) }).slice(3)).toEqual([
      "e fills 4 at 100.01, done",
      "e-tp now 4",
      "e-sl now 4"
    ])
  })

  it("lets an exit be canceled or moved by itself; its size stays its entry's", () => {
    const m = paperMarket()
    m.open(100)
    m.buy("e", { type: limit(98), bracket: bracket("e", 105, 95) })
    expect(m.replace("e-tp", limit(103), count(77))).toEqual(["e-tp now 10"])
    expect(m.cancel("e-sl")).toEqual(["e-sl canceled: canceled on request"])
    expect(m.tick(97)).toEqual(["e fills 10 at 98, done", "e-tp now 10"])
    expect(m.tick(104)).toEqual(["e-tp fills 10 at 103, done"])
  })

  it("with one exit has one", () => {
    const m = paperMarket()
    m.open(100)
    const { stopLoss } = bracket("e", 105, 95)
    if (stopLoss === undefined) return
    expect(m.buy("e", { bracket: { stopLoss } })).toEqual([
      "e accepted",
      "e-sl accepted",
      "e fills 10 at 100.01, done",
      "e-sl now 10"
    ])
    expect(m.tick(90)).toEqual(["e-sl triggered", "e-sl fills 10 at 89.99, done"])
  })

  it("is refused with its entry: prices the wrong way round, or a name that is taken", () => {
    const m = paperMarket()
    m.open(100)
    const wrong = "a BUY order's take-profit 95 has to lie above its stop-loss 105"
    expect(m.buy("e", { bracket: bracket("e", 95, 105) })).toEqual([
      `e rejected: ${wrong}`,
      `e-tp rejected: ${wrong}`,
      `e-sl rejected: ${wrong}`
    ])
    m.buy("x-tp", { type: limit(90) })
    const taken = "the bracket's clientOrderId x-tp is another order's: each needs its own"
    expect(m.buy("x", { bracket: bracket("x", 105, 95) })).toEqual([
      `x rejected: ${taken}`,
      `x-sl rejected: ${taken}`
    ])
    expect(m.cancel("x-tp")).toEqual(["x-tp canceled: canceled on request"])
  })
})
