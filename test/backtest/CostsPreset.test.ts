import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { BacktestModels } from "../../src/backtest/BacktestModels.ts"
import { costsOf, CostsPreset, costsText } from "../../src/backtest/CostsPreset.ts"
import { dollars, shares } from "../../src/domain/Money.ts"
import { orderFee } from "../../src/execution/paper/FeeModel.ts"
import { venueModelsOf } from "../../src/programs/VenueModelsConfig.ts"

describe("costs by name", () => {
  it("are models that survive storing, each told in a line", () => {
    const codec = Schema.toCodecJson(BacktestModels)
    for (const name of CostsPreset.literals) {
      const stored: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(codec)(costsOf(name))))
      assert.deepStrictEqual(Schema.decodeUnknownSync(codec)(stored), costsOf(name))
      assert.isNotEmpty(costsText[name])
    }
  })

  it("paper is what the desk's venue assumes when nothing is configured", () => {
    const { lots, quotes, ...venue } = costsOf("paper")
    assert.deepStrictEqual(venue, venueModelsOf(undefined))
    assert.deepStrictEqual([lots, quotes], ["whole", "modelled"])
  })

  it("charges what each says", () => {
    const fee = (name: CostsPreset, count: number, each: number) =>
      orderFee(costsOf(name).fee, shares(count), dollars(count * each), "Equity")
    assert.strictEqual(fee("none", 1000, 50), 0)
    // Half a cent a share; a dollar at least; a hundredth of the value at most.
    assert.strictEqual(fee("lean", 1000, 50), dollars(5))
    assert.strictEqual(fee("lean", 10, 50), dollars(1))
    assert.strictEqual(fee("lean", 10_000, 0.25), dollars(25))
    assert.strictEqual(fee("paper", 10_000, 0.5), dollars(50))
  })
})
