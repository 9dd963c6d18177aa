import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { placeLabels } from "../../../src/session/report/EventLabels.ts"

const area = { left: 50, top: 0, right: 350, bottom: 200, radius: 8 }

describe("placeLabels", () => {
  it("puts a label above its anchor, and below where there is no room above", () => {
    expect(placeLabels([{ x: 100, y: 100 }], area)).toEqual([{ x: 100, y: 84 }])
    expect(placeLabels([{ x: 100, y: 10 }], area)).toEqual([{ x: 100, y: 26 }])
  })

  it("leaves out the labels of a crowd that finds no room", () => {
    const crowd = Array.from({ length: 100 }, () => ({ x: 200, y: 100 }))
    const placed = placeLabels(crowd, area).filter((place) => place !== undefined)
    expect(placed.length).toBeGreaterThan(10)
    expect(placed.length).toBeLessThan(100)
  })

  it.prop(
    "no label covers another or leaves the area",
    [Schema.Array(Schema.Struct({ x: Schema.Int, y: Schema.Int }))],
    ([points]) => {
      const anchors = points.flatMap(({ x, y }) =>
        [0, 3, 6].map((d) => ({ x: 50 + (Math.abs(x + d) % 300), y: Math.abs(y + d) % 200 }))
      )
      const placed = placeLabels(anchors, area).filter((place) => place !== undefined)
      for (const [i, a] of placed.entries()) {
        expect(a.x - area.radius).toBeGreaterThanOrEqual(area.left)
        expect(a.x + area.radius).toBeLessThanOrEqual(area.right)
        expect(a.y - area.radius).toBeGreaterThanOrEqual(area.top)
        expect(a.y + area.radius).toBeLessThanOrEqual(area.bottom)
        for (const b of placed.slice(i + 1)) {
          expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(2 * area.radius)
        }
      }
    }
  )
})
