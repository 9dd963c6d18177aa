/** Fee, slippage and fill models as values. */
import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { dollars, pricePerShare, quantity, shares } from "../../../src/domain/Money.ts"
import { timestamp } from "../../../src/domain/Timestamp.ts"
import { FeeModel, orderFee } from "../../../src/execution/paper/FeeModel.ts"
import { FillModel, tickCapacity } from "../../../src/execution/paper/FillModel.ts"
import { slipped, SlippageModel } from "../../../src/execution/paper/SlippageModel.ts"
import { count, limit, paperMarket, tickAt } from "./PaperMarket.ts"

/** Interactive Brokers' fixed pricing for US shares: $0.005 a share, at least $1 an order, at most 1% of its value. */
const perShare: FeeModel = {
  _tag: "PerShare",
  perShare: dollars(0.005),
  minimum: dollars(1),
  maximumBasisPoints: 100
}

describe("fees", () => {
  // The three worked examples of Interactive Brokers' fixed pricing page.
  it.each([
    [100, 25, 1],
    [1000, 25, 5],
    [1000, 0.25, 2.5]
  ])("per share: %d shares at $%d cost $%d", (n, at, fee) => {
    expect(orderFee(perShare, shares(n), dollars(n * at), "Equity")).toBe(dollars(fee))
  })

  it("as a ratio are exact to the micro, half to even", () => {
    const model: FeeModel = { _tag: "Ratio", basisPoints: 1 }
    expect(orderFee(model, shares(1), dollars(123.45), "Equity")).toBe(12_345)
    expect(orderFee(model, shares(1), dollars(0.005), "Equity")).toBe(0)
    expect(orderFee(model, shares(1), dollars(0.015), "Equity")).toBe(2)
    expect(orderFee({ _tag: "Zero" }, shares(1), dollars(100), "Equity")).toBe(0)
  })

  it("per contract of an option: neither the least of an order nor its most", () => {
    expect(orderFee(perShare, shares(3), dollars(6), "Option")).toBe(dollars(1.95))
    expect(orderFee({ ...perShare, perContract: dollars(1) }, shares(3), dollars(6), "Option")).toBe(
      dollars(3)
    )
    expect(orderFee({ _tag: "Ratio", basisPoints: 100 }, shares(3), dollars(600), "Option")).toBe(dollars(6))
  })

  it("charge an order's minimum once, however many fills it takes", () => {
    const m = paperMarket({
      fee: perShare,
      fill: { _tag: "VolumeShare", shareBasisPoints: 1000, unlimitedWhenNoVolume: true }
    })
    m.open(100, { volume: 1000 })
    expect(m.buy("b", { size: count(300) }).slice(1)).toEqual(["b fills 100 at 100.01, fee 1"])
    expect(m.tick(100, { volume: 1500 })).toEqual(["b fills 150 at 100.01, fee 0.25"])
    expect(m.tick(100, { volume: 1500 })).toEqual(["b fills 50 at 100.01, fee 0.25, done"])
  })
})

describe("slippage", () => {
  const tick = tickAt("CONTINUOUS", timestamp(0), 100, { bid: 99.9, ask: 100.1 })

  it("worsens the price by basis points of it, or of the spread", () => {
    const points: SlippageModel = { _tag: "BasisPoints", basisPoints: 5 }
    expect(slipped(points, tick, "BUY", pricePerShare(100))).toBe(pricePerShare(100.05))
    expect(slipped(points, tick, "SELL", pricePerShare(100))).toBe(pricePerShare(99.95))
    const spread: SlippageModel = { _tag: "SpreadShare", basisPoints: 2500 }
    expect(slipped(spread, tick, "BUY", tick.ask)).toBe(pricePerShare(100.15))
    expect(slipped(spread, tick, "SELL", tick.bid)).toBe(pricePerShare(99.85))
  })

  it("touches what takes a price, never passes a limit, and leaves a limit the market came to alone", () => {
    const m = paperMarket({ slippage: { _tag: "BasisPoints", basisPoints: 100 } })
    m.open(100, { bid: 100, ask: 100 })
    expect(m.buy("market").slice(1)).toEqual(["market fills 10 at 101, done"])
    expect(m.buy("capped", { type: limit(100.5) }).slice(1)).toEqual(["capped fills 10 at 100.5, done"])
    m.buy("resting", { type: limit(98) })
    expect(m.tick(97)).toEqual(["resting fills 10 at 98, done"])
    m.buy("auction", { timeInForce: "AT_THE_CLOSE" })
    expect(m.close(100)).toEqual(["auction fills 10 at 101, done"])
  })
})

describe("the volume share", () => {
  const model: FillModel = { _tag: "VolumeShare", shareBasisPoints: 333, unlimitedWhenNoVolume: true }

  it("is rounded down to whole lots", () => {
    const tick = tickAt("CONTINUOUS", timestamp(0), 100, { volume: 1000 })
    expect(tickCapacity(model, tick, shares(1))).toBe(shares(33))
    expect(tickCapacity(model, tick, shares(10))).toBe(shares(30))
    expect(tickCapacity(model, tick, quantity(1))).toBe(quantity(33_300_000))
  })

  it("is exact where volume times share passes 2^53", () => {
    const volume = 89_999_999.123_457
    const tick = tickAt("CONTINUOUS", timestamp(0), 100, { volume })
    const exact = (BigInt(tick.volume) * 333n) / 10_000n
    expect(tickCapacity(model, tick, quantity(1))).toBe(Number(exact))
  })
})

describe("a model written down", () => {
  const strict = { onExcessProperty: "error" } as const
  const reads = <A>(schema: Schema.ConstraintDecoder<A>, input: unknown) =>
    Result.isSuccess(Schema.decodeUnknownResult(schema, strict)(input))

  it("is read back, and refused with unknown fields or impossible numbers", () => {
    expect(reads(FeeModel, perShare)).toBe(true)
    expect(reads(FeeModel, { ...perShare, minimum: -1 })).toBe(false)
    expect(reads(SlippageModel, { _tag: "BasisPoints", basisPoints: 10_000 })).toBe(false)
    expect(reads(SlippageModel, { _tag: "None", basisPoints: 1 })).toBe(false)
    expect(reads(FillModel, { _tag: "VolumeShare", shareBasisPoints: 0, unlimitedWhenNoVolume: true })).toBe(
      false
    )
  })
})
