import { describe, expect, it } from "vitest"
import { type Drawing, type Drawn, drawLines } from "../../../src/session/report/Drawing.ts"
import { firstUnbalanced } from "./Page.ts"

const place = { labelledBy: "a", describedBy: "b", screen: "wide" } as const

/** A plot of 100 by 50 pixels, ten to one on x and five to one on y. */
const drawing = (series: ReadonlyArray<Drawn>, more: Partial<Drawing> = {}): string =>
  drawLines(
    {
      edges: { left: 40, right: 140, top: 10, bottom: 60 },
      fontSize: 12,
      x: { min: 0, max: 10, ticks: [{ value: 5, label: "five" }] },
      y: { min: 0, max: 10, ticks: [{ value: 2, label: "<2>" }] },
      series,
      ...more
    },
    { width: 150, height: 90 },
    place
  ).markup

const line = { _tag: "Line", color: "var(--s0)", width: 1.5 } as const

describe("a drawing", () => {
  it("stands in its axes: a line of the grid at a tick of y, a tick below one of x, labels as text", () => {
    const markup = drawing([])
    expect(firstUnbalanced(markup)).toBeUndefined()
    expect(markup).toContain('viewBox="0 0 150 90"')
    expect(markup).toContain('<path d="M40 50.5L140 50.5" fill="none" stroke="var(--grid)">')
    expect(markup).toContain('<path d="M90.5 60L90.5 65" fill="none" stroke="var(--axis)">')
    expect(markup).toMatch(/text-anchor="middle"[^>]* x="90" y="74"[^>]*>five</u)
    expect(markup).toMatch(/text-anchor="end"[^>]* x="32" y="50"[^>]*>&lt;2&gt;</u)
  })

  it("leaves out ticks beyond an axis' ends, and keeps one that is at the end but for the last digit", () => {
    const y = {
      min: 0,
      max: 10,
      ticks: [-1, 10.000_000_000_1, 10.1].map((value) => ({ value, label: `at ${value}` }))
    }
    const markup = drawing([], { y })
    expect(markup).toContain(">at 10.0000000001<")
    expect(markup).not.toMatch(/>at (?:-1|10\.1)</u)
  })

  it("draws a line through its points, to the tenth of a pixel, and breaks it where there is no value", () => {
    const points = [
      [0, 0],
      [1, 0.333],
      [2, Number.NaN],
      [3, 10],
      [4, 8]
    ] as const
    expect(drawing([{ ...line, points }])).toContain(
      '<path d="M40 60L50 58.3M70 10L80 20" fill="none" stroke="var(--s0)" stroke-width="1.5" stroke-linejoin="round">'
    )
    expect(drawing([{ ...line, points, dash: [5, 3] }])).toContain('stroke-dasharray="5,3"')
    expect(drawing([{ ...line, points, isBars: true }])).toContain('stroke-linejoin="bevel"')
  })

  it("fills each unbroken part down to its foot", () => {
    const points = [
      [0, 5],
      [1, 5],
      [2, Number.NaN],
      [3, 5],
      [4, 6]
    ] as const
    expect(drawing([{ ...line, points, fill: { to: 2, opacity: 0.2 } }])).toContain(
      '<path d="M40 35L50 35L50 50L40 50ZM70 35L80 30L80 50L70 50Z" fill="var(--s0)" fill-opacity="0.2">'
    )
  })

  it("of no value at all is sound", () => {
    const markup = drawing([
      { ...line, points: [[1, Number.NaN]], fill: { to: 0, opacity: 1 } },
      { _tag: "Dots", points: [[1, Number.NaN]], color: "var(--s0)", radius: 2 }
    ])
    expect(firstUnbalanced(markup)).toBeUndefined()
    expect(markup).not.toContain("NaN")
  })

  it("puts marks below and above the lines", () => {
    const at = { _tag: "Circle", x: 1, y: 2, r: 3 } as const
    const markup = drawing([{ ...line, points: [[0, 0]] }], {
      graphics: [
        { ...at, fill: "above" },
        { ...at, fill: "below", isBelow: true },
        { _tag: "Text", x: 5, y: 6, text: "7", fontSize: 10, fill: "var(--paper)" }
      ]
    })
    const places = ['fill="below"', "<g>", 'fill="above"', 'font-weight:700;" x="5" y="6"'].map((part) =>
      markup.indexOf(part)
    )
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })
})
