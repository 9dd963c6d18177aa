import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  capacityText,
  decimalText,
  dollarText,
  drawdownText,
  equityText,
  floatText,
  percentText
} from "../../../src/backtest/statistics/LeanText.ts"
import { none, value } from "../../../src/portfolio/Performance.ts"

// Texts on the right are from LEAN's own results and from the expected statistics of its regression tests.
describe("as LEAN writes them", () => {
  it("percentages keep their places, unless there were fewer to begin with", () => {
    expect(percentText(value(2.7145318), 3)).toBe("271.453%")
    expect(percentText(value(0.0169192), 3)).toBe("1.692%")
    expect(percentText(value(-0.1815), 3)).toBe("-18.150%")
    expect(percentText(value(-0.00008953), 3)).toBe("-0.009%")
    expect(percentText(value(0.19926206), 2)).toBe("19.93%")
    expect(percentText(value(12.6784123), 2)).toBe("1267.84%")
    expect(percentText(value(0), 3)).toBe("0%")
    expect(percentText(value(1), 0)).toBe("100%")
    expect(percentText(value(0.5), 0)).toBe("50%")
  })

  it("halves go to the even neighbour", () => {
    expect(percentText(value(0.125), 0)).toBe("12%")
    expect(percentText(value(0.375), 0)).toBe("38%")
    expect(percentText(value(-0.125), 0)).toBe("-12%")
    expect(decimalText(value(0.0625), 3)).toBe("0.062")
  })

  it("a drawdown is rounded before it is a percentage", () => {
    expect(drawdownText(value(0.02189218))).toBe("2.200%")
    expect(drawdownText(value(0.38195))).toBe("38.200%")
    expect(drawdownText(value(0.00008953))).toBe("0.000%")
    expect(drawdownText(value(0))).toBe("0%")
  })

  it("decimals and floats", () => {
    expect(decimalText(value(-1), 3)).toBe("-1")
    expect(decimalText(value(1.4912345), 3)).toBe("1.491")
    expect(decimalText(value(9.1199), 2)).toBe("9.12")
    expect(floatText(value(8.8881470192))).toBe("8.888")
    expect(floatText(value(0.0499999))).toBe("0.05")
    expect(floatText(value(-0.0001))).toBe("0")
    expect(floatText(value(0.9999999))).toBe("1")
    expect(floatText(value(100))).toBe("100")
    expect(floatText(value(1e21))).toBe("1000000000000000000000")
    expect(floatText(value(1.5e-9))).toBe("0")
  })

  it("dollars", () => {
    expect(dollarText(3.44)).toBe("$3.44")
    expect(dollarText(0)).toBe("$0.00")
    expect(dollarText(1234.5)).toBe("$1234.50")
    expect(dollarText(360)).toBe("$360.00")
    expect(equityText(value(101_655.3))).toBe("101655.30")
    expect(equityText(value(100_000))).toBe("100000")
    expect(capacityText(56_181_000)).toBe("$56000000.00")
    expect(capacityText(21_123_456_789)).toBe("$21000000000.00")
    expect(capacityText(0)).toBe("$0")
    expect(capacityText(null)).toBe("$0")
  })

  it("what cannot be told is zero there", () => {
    const untold = none("too few")
    expect(percentText(untold, 3)).toBe("0%")
    expect(drawdownText(untold)).toBe("0%")
    expect(decimalText(untold, 3)).toBe("0")
    expect(floatText(untold)).toBe("0")
    expect(equityText(untold)).toBe("0")
  })

  it.prop(
    "every finite number is within half a unit of its text",
    { x: Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: -1e18, maximum: 1e18 }))) },
    ({ x }) => {
      const read = Number(decimalText(value(x), 3))
      expect(Math.abs(read - x)).toBeLessThanOrEqual(0.0005 + Math.abs(x) * 1e-14)
      expect(Math.abs(Number(floatText(value(x))) - x)).toBeLessThanOrEqual(0.0005 + Math.abs(x) * 1e-14)
    }
  )
})
