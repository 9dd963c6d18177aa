import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { money } from "../../../src/domain/Money.ts"
import {
  count,
  counted,
  decimal,
  dollars,
  exactDecimal,
  percent,
  plainPercent,
  shortDollars,
  signedPercent,
  wholeDollars
} from "../../../src/session/report/Format.ts"

describe("numbers of the report", () => {
  it("are grouped, rounded and have a true minus sign", () => {
    expect(count(1234567)).toBe("1,234,567")
    expect(decimal(-1234.567, 2)).toBe("−1,234.57")
    expect(percent(-0.1234)).toBe("−12.3%")
    expect(percent(12.5, 0)).toBe("1,250%")
    expect(plainPercent(-0.125)).toBe("−12.5%")
    expect(plainPercent(0.2)).toBe("20%")
    expect(dollars(money(-1_234_567_890_000))).toBe("−$1,234,567.89")
    expect(wholeDollars(-1234.6)).toBe("−$1,235")
    expect(exactDecimal(1_234_567_000)).toBe("1,234.567")
    expect(exactDecimal(2_000_000, 2)).toBe("2.00")
    expect(counted(1, "row")).toBe("1 row")
    expect(counted(2000, "row")).toBe("2,000 rows")
  })

  it("never are a negative zero", () => {
    expect(percent(-0.0001)).toBe("0.0%")
    expect(decimal(-0.001, 2)).toBe("0.00")
    expect(dollars(money(-1))).toBe("$0.00")
  })

  it("show the sign of a gain only where it is not zero", () => {
    expect(signedPercent(0.123)).toBe("+12.3%")
    expect(signedPercent(-0.123)).toBe("−12.3%")
    expect(signedPercent(0.0001)).toBe("0.0%")
  })

  it("are short on an axis and still differ", () => {
    expect([250, 99_800, 100_200, 1_250_000, 2e9].map(shortDollars)).toEqual([
      "$250",
      "$99.8k",
      "$100.2k",
      "$1.25M",
      "$2B"
    ])
  })

  it.prop("money reads back to the cent", [Schema.Int], ([cents]) => {
    const whole = Math.abs(cents % 1_000_000_000)
    const text = dollars(money(-whole * 10_000))
    expect(Number(text.replace("−", "-").replace(/[$,]/gu, ""))).toBeCloseTo(-whole / 100, 6)
  })
})
