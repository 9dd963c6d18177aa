/** Working orders across splits. */
import { describe, expect, it } from "@effect/vitest"
import { pricePerShare } from "../../../src/domain/Money.ts"
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
  trailing,
  worth
} from "./PaperMarket.ts"

const gtc = { timeInForce: "GTC" } as const
const tenth = { _tag: "VolumeShare", shareBasisPoints: 1000, unlimitedWhenNoVolume: true } as const

const overnight = () => {
  const m = paperMarket({ fill: tenth })
  m.open(100)
  return m
}

describe("a forward split", () => {
  it("divides prices and multiplies what is left; limits round in the order's favour, stops to the nearest cent", () => {
    const m = overnight()
    m.buy("b", { ...gtc, type: limit(95) })
    m.sell("s", { ...gtc, type: limit(104) })
    m.sell("sl", { ...gtc, type: stop(95) })
    m.buy("stl", { ...gtc, type: stopLimit(104, 106) })
    m.sell("tr", { ...gtc, type: trailing(5) })
    m.core.applySplit(acme.id, { numerator: 3, denominator: 1, tsEvent: m.now() })
    expect(m.core.working().map(({ clientOrderId, type, size }) => [clientOrderId, type, size])).toEqual([
      ["b", limit(31.66), count(30)],
      ["s", limit(34.67), count(30)],
      ["sl", stop(31.67), count(30)],
      ["stl", stopLimit(34.67, 35.33), count(30)],
      ["tr", trailing(1.67), count(30)]
    ])
    expect(m.core.order(id("tr"))?.extreme).toBe(33_333_333)
  })

  it("leaves what has traded as it was, and rounds the rest down to whole lots", () => {
    const m = overnight()
    m.buy("b", { ...gtc, type: limit(98) })
    m.tick(97, { volume: 30 })
    const events = m.core.applySplit(acme.id, { numerator: 3, denominator: 2, tsEvent: m.now() })
    expect(events.map(say)).toEqual(["b now 13"])
    expect(m.open(60)).toEqual(["b fills 10 at 60, done"])
  })

  it("triggers nothing by itself: the last price is restated too", () => {
    const m = overnight()
    m.sell("s", { ...gtc, type: stop(95) })
    m.core.applySplit(acme.id, { numerator: 2, denominator: 1, tsEvent: m.now() })
    expect(m.core.snapshot().books[0]?.tick?.last).toBe(pricePerShare(50))
    expect(m.tick(49)).toEqual([])
    expect(m.tick(47.5)).toEqual(["s triggered", "s fills 20 at 47.49, done"])
  })

  it("keeps held exits in step with their entry", () => {
    const m = overnight()
    m.buy("e", {
      ...gtc,
      type: limit(90),
      bracket: { stopLoss: { clientOrderId: id("sl"), stopPrice: pricePerShare(80) } }
    })
    m.core.applySplit(acme.id, { numerator: 2, denominator: 1, tsEvent: m.now() })
    expect(m.open(44)).toEqual(["e fills 20 at 44, done", "sl now 20"])
    expect(m.tick(39)).toEqual(["sl triggered", "sl fills 20 at 38.99, done"])
  })
})

describe("a reverse split", () => {
  it("cancels orders stated in shares or prices, an entry with its exits", () => {
    const m = overnight()
    m.buy("e", {
      ...gtc,
      type: limit(90),
      bracket: { stopLoss: { clientOrderId: id("sl"), stopPrice: pricePerShare(80) } }
    })
    const events = m.core.applySplit(acme.id, { numerator: 1, denominator: 10, tsEvent: m.now() })
    expect(events.map(say)).toEqual([
      "e canceled: reverse split 1 for 10",
      "sl canceled: its entry e ended without a fill"
    ])
  })

  it("passes a market order by notional", () => {
    const m = overnight()
    m.close(100)
    m.buy("b", { type: market, size: worth(5000), timeInForce: "AT_THE_OPEN" })
    expect(m.core.applySplit(acme.id, { numerator: 1, denominator: 10, tsEvent: m.now() })).toEqual([])
    expect(m.open(1000)).toEqual(["b fills 5 at 1000, done"])
  })
})
