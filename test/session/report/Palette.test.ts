import { describe, expect, it } from "@effect/vitest"
import {
  bookColor,
  bookDash,
  type ColorName,
  darkPalette,
  lightPalette,
  type Palette,
  returnColor
} from "../../../src/session/report/Palette.ts"

/** WCAG 2.2, relative luminance. */
const luminance = (color: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const contrast = (a: string, b: string): number => {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

const onPaper = ["ink", "muted", "s0"] as const
const texts: ReadonlyArray<readonly [ColorName, ColorName]> = [
  ...onPaper.map((name) => [name, "paper"] as const),
  ["ink", "panel"],
  ["muted", "panel"],
  ["ink", "notice"],
  // The number in a badge.
  ["paper", "s0"],
  ["paper", "s1"],
  ["paper", "s2"],
  ["paper", "s3"],
  ["n3-ink", "n3"],
  ["n2-ink", "n2"],
  ["n1-ink", "n1"],
  ["z0-ink", "z0"],
  ["p1-ink", "p1"],
  ["p2-ink", "p2"],
  ["p3-ink", "p3"]
]
const lines = ["s0", "s1", "s2", "s3", "bench", "limit"] as const

const palettes: ReadonlyArray<readonly [string, Palette]> = [
  ["light", lightPalette],
  ["dark", darkPalette]
]

describe.each(palettes)("the %s palette", (_, palette) => {
  it.each(texts)("text in %s reads on %s (4.5 to 1)", (text, behind) => {
    expect(contrast(palette[text], palette[behind])).toBeGreaterThanOrEqual(4.5)
  })

  it.each(lines)("a line in %s shows on paper (3 to 1)", (line) => {
    expect(contrast(palette[line], palette.paper)).toBeGreaterThanOrEqual(3)
  })
})

it("colours come again after four books, dashed", () => {
  expect([0, 1, 2, 3, 4].map(bookColor)).toEqual(["s0", "s1", "s2", "s3", "s0"])
  expect(bookDash(0)).toEqual([])
  expect(bookDash(4)).not.toEqual([])
})

it("a return's colour follows its sign and size", () => {
  expect([-0.07, -0.04, -0.01, -0.001, 0, 0.01, 0.03, 0.06].map(returnColor)).toEqual([
    "n3",
    "n2",
    "n1",
    "z0",
    "z0",
    "p1",
    "p2",
    "p3"
  ])
})
