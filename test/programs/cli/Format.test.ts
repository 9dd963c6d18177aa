import { describe, expect, it } from "@effect/vitest"
import { dollars, pricePerShare, shares } from "../../../src/domain/Money.ts"
import {
  colourStyle,
  counted,
  decimal,
  percent,
  priceWords,
  shareCount,
  signedPercent,
  signedUsd,
  table,
  usd
} from "../../../src/programs/cli/Format.ts"

describe("numbers on a terminal", () => {
  it.each([
    [usd(dollars(100_000)), "$100,000.00"],
    [usd(dollars(-1234.5)), "-$1,234.50"],
    [usd(dollars(0.005)), "$0.01"],
    [usd(dollars(-0.004)), "$0.00"],
    [usd(dollars(1_000_000_000)), "$1,000,000,000.00"],
    [signedUsd(dollars(12.344)), "+$12.34"],
    [signedUsd(dollars(-12.345)), "-$12.35"],
    [signedUsd(0), "+$0.00"],
    [percent(0.25), "25.00%"],
    [percent(-0.000001), "0.00%"],
    [signedPercent(0.0031), "+0.31%"],
    [signedPercent(-0.03), "-3.00%"],
    [signedPercent(0), "+0.00%"],
    [priceWords(pricePerShare(2251.570068)), "2,251.57"],
    [priceWords(pricePerShare(0.1234)), "0.1234"],
    [decimal(pricePerShare(114.505)), "114.505"],
    [shareCount(shares(1500)), "1,500"],
    [shareCount(500_000), "0.5"],
    [counted(1, "entry", "entries"), "1 entry"],
    [counted(2, "entry", "entries"), "2 entries"]
  ])("%s is %s", (said, expected) => {
    expect(said).toBe(expected)
  })

  it("columns are as wide as their widest cell, colours aside", () => {
    const rows = [
      ["a", colourStyle.red("100")],
      ["long", "2"]
    ]
    expect(table(rows, { right: [1], indent: "  " })).toEqual([
      `  a     ${colourStyle.red("100")}`,
      "  long    2"
    ])
  })
})
