import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  bestPoint,
  heatMaps,
  median,
  MOST_MAPS,
  scaleOf,
  stepOf
} from "../../../src/backtest/report/HeatMap.ts"
import { MOST_POINTS, sensitivityHtml } from "../../../src/backtest/report/SensitivityHtml.ts"
import { sweepSensitivity } from "../../../src/backtest/robustness/sensitivity/SweepSensitivity.ts"
import type { SweepPoint } from "../../../src/backtest/Sweep.ts"
import type {
  SweepReport,
  SweptParameter,
  SweptPoint,
  SweptValue
} from "../../../src/backtest/report/SweepReport.ts"
import { cellsOf, drawingOf, lineOf, tableOf } from "../../session/report/Page.ts"
import { expectGood, shapeOf, wordsOf } from "./Pages.ts"

const all = (parameters: ReadonlyArray<SweptParameter>): ReadonlyArray<ReadonlyArray<SweptValue>> =>
  parameters.reduce<ReadonlyArray<ReadonlyArray<SweptValue>>>(
    (before, { values }) => before.flatMap((point) => values.map((value) => [...point, value])),
    [[]]
  )

const numberOf = (value: SweptValue | undefined): number =>
  typeof value === "number" ? value : String(value).length

/** Figures that tell the point: a Sharpe ratio of 0.01 a unit of the first parameter, 0.001 of the second, and so on. */
const pointOf = (values: ReadonlyArray<SweptValue>): SweptPoint => {
  if (values.length > 1 && values[0] === values[1])
    return { _tag: "Refused", values, reason: "fast has to be below slow" }
  const sharpe = values.reduce<number>((sum, value, i) => sum + numberOf(value) * 10 ** (-2 - i), 0)
  return { _tag: "Played", values, sharpe, totalReturn: sharpe - 0.3, maxDrawdown: -sharpe / 2, entries: 7 }
}

/** What the program works out of the same points. */
const sensitivityOf = (
  parameters: ReadonlyArray<SweptParameter>,
  points: ReadonlyArray<SweptPoint>
): SweepReport["sensitivity"] => {
  const [first, ...rest] = parameters.flatMap(({ name, values: [value = "", ...others] }) => [
    { parameter: name, values: [value, ...others] as const }
  ])
  if (first === undefined) throw new Error("a grid has parameters")
  return sweepSensitivity(
    [first, ...rest],
    points.flatMap((point, index): ReadonlyArray<SweepPoint> => {
      if (point._tag === "Refused") return []
      const values = Object.fromEntries(parameters.map(({ name }, i) => [name, point.values[i] ?? ""]))
      const { entries, maxDrawdown, sharpe, totalReturn } = point
      return [
        {
          _tag: "Done",
          index,
          values,
          engine: "vector",
          figures: { entries, exits: entries, maxDrawdown, sharpe, totalReturn }
        }
      ]
    })
  )
}

const sweep = (parameters: ReadonlyArray<SweptParameter>, more: Partial<SweepReport> = {}): SweepReport => ({
  title: "sma-cross: fast and slow",
  algorithm: "sma-cross",
  data: "embedded replay: SPX-REPLAY, 2000-01-03 to 2020-04-17",
  limits: "desk limits",
  promotable: true,
  costs: "none: no fees",
  caveats: [],
  parameters,
  points: all(parameters).map(pointOf),
  sensitivity: sensitivityOf(parameters, more.points ?? all(parameters).map(pointOf)),
  trials: 70,
  command: "plimsoll backtest sensitivity sma-cross --grid fast=5,8,50 --grid slow=50,60",
  generatedBy: "plimsoll 0.1.0",
  ...more
})

const fast = { name: "fast", values: [5, 8, 50] }
const slow = { name: "slow", values: [50, 60] }
const kind = { name: "kind", values: ["a", "bb", "ccc"] }
const report = sweep([fast, slow])
const page = sensitivityHtml(report)

describe("the page of a sweep", () => {
  it("needs nothing from outside, is sound and the same for the same sweep", () => {
    expectGood(page)
    expect(sensitivityHtml(sweep([fast, slow]))).toBe(page)
  })

  it("maps every figure over two parameters, a dash for what was refused", () => {
    expect(tableOf(page, "map-1-1-table")).toEqual([
      ["5", "0.10", "0.11"],
      ["8", "0.13", "0.14"],
      ["50", "–", "0.56"]
    ])
    expect(tableOf(page, "map-3-1-table")[2]).toEqual(["50", "–", "+26.0%"])
    expect(tableOf(page, "map-4-1-table")[0]).toEqual(["5", "−5.0%", "−5.5%"])
  })

  it("maps each point's mean with its neighbours, and marks the steadiest in both maps of the ratio only", () => {
    // (0.10 + 0.11 + 0.13 + 0.14) ÷ 4, (0.48 + 0.56) ÷ 5, and of 50, 60, one neighbour of which was refused, 0.83 ÷ 3.
    expect(tableOf(page, "map-2-1-table")).toEqual([
      ["5", "0.12", "0.12"],
      ["8", "0.21", "0.21"],
      ["50", "–", "0.28"]
    ])
    expect(page.match(/class="[^"]* steady">\s*[^\s<]+/gu)?.map((cell) => cell.split(/>\s*/u)[1])).toEqual([
      "0.56",
      "0.28"
    ])
    expect(wordsOf(page)).toContain("steadiest point")
  })

  it("has no such map where no two points are neighbours", () => {
    const far = sweep([fast, slow], {
      points: report.points.filter((_, i) => i === 0 || i === 5)
    })
    const shown = sensitivityHtml(far)
    expectGood(shown)
    expect(wordsOf(shown)).toContain("no two points are neighbours")
    expect(wordsOf(shown)).not.toContain("smoothed")
  })

  it("frames the best of a map once", () => {
    const map = /<table id="map-1-1-table"[\s\S]*?<\/table>/u.exec(page)?.[0] ?? ""
    expect(map.match(/class="[^"]* top\b[^"]*"/gu)).toHaveLength(1)
    expect(map).toMatch(/class="p3 top steady">\s*0\.56/u)
  })

  it("has a map for each value of a third parameter", () => {
    const shown = sensitivityHtml(sweep([fast, slow, kind]))
    expectGood(shown)
    expect(tableOf(shown, "map-1-2-table")[0]).toEqual(["5", "0.10", "0.11"])
    expect(wordsOf(shown)).toContain("kind bb")
    const many = sensitivityHtml(
      sweep([fast, slow, { name: "third", values: Array.from({ length: 20 }, (_, i) => i) }])
    )
    expect(cellsOf(many, `map-1-${MOST_MAPS}-table`)).toHaveLength(3)
    expect(cellsOf(many, `map-1-${MOST_MAPS + 1}-table`)).toEqual([])
    expect(wordsOf(many)).toContain(
      `The first ${MOST_MAPS} values of the third parameter are drawn; 8 more are in the table.`
    )
  })

  it("draws a line along one parameter, whatever order its values came in", () => {
    const line = sensitivityHtml(
      sweep([
        { name: "fast", values: [30, 5, 8] },
        { name: "slow", values: [60] }
      ])
    )
    expectGood(line)
    const points = lineOf(drawingOf(line, "line-1", "wide"), "s0")
    expect(points).toHaveLength(3)
    expect(points.map(({ x }) => x)).toEqual(points.map(({ x }) => x).toSorted((a, b) => a - b))
    expect(wordsOf(sensitivityHtml(sweep([kind])))).toContain("“kind” is not a number")
  })

  it("lists every point with its figures or why it was not played", () => {
    const rows = tableOf(page, "points-table")
    expect(rows).toHaveLength(6)
    expect(rows[0]).toEqual(["5", "50", "−20.00%", "0.100", "−5.00%", "7", ""])
    expect(rows[4]).toEqual(["50", "50", "–", "–", "–", "–", "fast has to be below slow"])
  })

  it("warns in plain words of how many were tried", () => {
    expect(wordsOf(page)).toContain("70 backtests were run on this data set so far, these among them.")
    expect(wordsOf(page)).toContain("The best of many looks good by chance alone")
  })

  it("is stamped when nothing may be carried over to a desk", () => {
    expect(page).not.toContain("Not promotable")
    expect(sensitivityHtml(sweep([fast, slow], { promotable: false }))).toContain(
      "<strong>Not promotable</strong>"
    )
  })

  it.each([
    ["no point", sweep([fast, slow], { points: [] })],
    [
      "only refused ones",
      sweep([
        { name: "a", values: [1] },
        { name: "b", values: [1] }
      ])
    ],
    [
      "points without a Sharpe ratio",
      sweep([fast, slow], {
        points: report.points.map((point) => (point._tag === "Played" ? { ...point, sharpe: null } : point))
      })
    ],
    ["four parameters", sweep([fast, slow, kind, { name: "flag", values: [true, false] }])],
    [
      "points that are all the same",
      sweep([fast, slow], {
        points: report.points.map((point) =>
          point._tag === "Played" ? { ...point, sharpe: 1, totalReturn: 0, maxDrawdown: 0 } : point
        )
      })
    ]
  ])("is sound with %s", (_, one) => {
    expectGood(sensitivityHtml(one))
  })

  it("of the largest grid is bounded: below 1 MB, a thousand points listed", () => {
    const axis = (name: string, from: number) => ({
      name,
      values: Array.from({ length: 64 }, (_, i) => from + i)
    })
    const large = sensitivityHtml(sweep([axis("fast", 1), axis("slow", 100)]))
    expect(tableOf(large, "points-table")).toHaveLength(MOST_POINTS)
    expect(wordsOf(large)).toContain("The first 1,000 of 4,096 points")
    expect(Buffer.byteLength(large)).toBeLessThan(1_000_000)
  })

  it("says what hangs on which parameter, and what the best point stands on", () => {
    // 0.01 a unit of fast, 0.001 of slow; of the corners of a square.
    const two = sensitivityHtml(sweep([{ name: "fast", values: [5, 8] }, slow]))
    expect(tableOf(two, "variance-table").map(([name, part]) => [name, part])).toEqual([
      ["fast", "90.0%"],
      ["slow", "10.0%"],
      ["fast with slow", "0.0%"],
      ["the rest", "0.0%"]
    ])
    const told = new Map(tableOf(two, "plateau-table").map(([name = "", value]) => [name, value]))
    expect(told.get("Best point")).toBe("0.14 at fast 8, slow 60")
    expect(told.get("One step along one parameter")).toBe("0.12 on average of 2, 0.11 at the lowest")
    expect(told.get("Plateau score")).toBe("0.81 of 1")
    // Of one point nothing hangs on anything.
    const one = sensitivityHtml(sweep([{ name: "fast", values: [5] }]))
    expect(wordsOf(one)).toContain("The variance is not decomposed")
  })

  it("cannot be injected into", () => {
    const withText = (text: string): SweepReport => {
      const parameters = [
        { name: text, values: [1, 2] },
        { name: `${text} `, values: [text, "b"] }
      ]
      const played = all(parameters).map((values, i): SweptPoint => ({
        _tag: "Played",
        values,
        sharpe: i * i,
        totalReturn: i,
        maxDrawdown: -0.1,
        entries: i
      }))
      return {
        ...sweep(parameters, {
          title: text,
          algorithm: text,
          data: text,
          limits: text,
          promotable: false,
          costs: text,
          caveats: [text],
          command: text,
          generatedBy: text
        }),
        sensitivity: sensitivityOf(parameters, played),
        points: [{ _tag: "Refused", values: [1, text], reason: text }]
      }
    }
    const hostile = `"'><script>alert(1)</script><img src=x onerror=y>`
    expect(shapeOf(sensitivityHtml(withText(hostile)))).toEqual(shapeOf(sensitivityHtml(withText("x"))))
  })
})

describe("maps", () => {
  it("of more than three parameters hold the others where the Sharpe ratio was highest", () => {
    const four = sweep([fast, slow, kind, { name: "more", values: [1, 2] }])
    const [map, ...rest] = heatMaps(four)
    expect(rest).toEqual([])
    expect(bestPoint(four)?.values).toEqual([50, 60, "ccc", 2])
    expect(map?.fixed).toEqual([
      { name: "kind", value: "ccc" },
      { name: "more", value: 2 }
    ])
    expect(map?.points[0]?.[0]).toEqual(pointOf([5, 50, "ccc", 2]))
  })

  it("pass over parameters with one value", () => {
    const [map] = heatMaps(sweep([{ name: "only", values: [3] }, fast, slow]))
    expect([map?.rows.name, map?.columns.name]).toEqual(["fast", "slow"])
    expect(map?.points[0]?.[1]).toEqual(pointOf([3, 5, 60]))
  })

  it("tell apart values of different kinds that read alike", () => {
    const points: ReadonlyArray<SweptPoint> = [
      { _tag: "Refused", values: ["1", 1], reason: "text" },
      { _tag: "Refused", values: [1, 1], reason: "number" }
    ]
    const [map] = heatMaps(
      sweep(
        [
          { name: "a", values: [1, "1"] },
          { name: "b", values: [1, 2] }
        ],
        { points }
      )
    )
    expect(map?.points.map(([point]) => (point?._tag === "Refused" ? point.reason : ""))).toEqual([
      "number",
      "text"
    ])
  })
})

describe("colours", () => {
  it("are about zero where values lie on both sides, the same distance on each", () => {
    const scale = scaleOf([-0.7, 0.1, 0.35])
    expect(scale).toHaveLength(7)
    expect([-0.7, -0.05, 0, 0.35, 0.7].map((value) => stepOf(scale, value))).toEqual([
      "n3",
      "z0",
      "z0",
      "p2",
      "p3"
    ])
  })

  it("are of one side where all values are, the deepest drawdown the darkest", () => {
    expect(scaleOf([0.1, 0.5]).map(({ step }) => step)).toEqual(["z0", "p1", "p2", "p3"])
    const fall = scaleOf([-0.5, -0.1])
    expect([-0.5, -0.1].map((value) => stepOf(fall, value))).toEqual(["n3", "z0"])
    expect(scaleOf([0.2, 0.2])).toEqual([])
    expect(stepOf([], 0.2)).toBe("z0")
  })

  it.prop("cover every value", [Schema.Array(Schema.Int)], ([values]) => {
    const scale = scaleOf(values)
    for (const value of values) {
      if (scale.length === 0) continue
      const found = scale.find(({ step }) => step === stepOf(scale, value))
      const slack = 1e-9 * Math.max(1, Math.abs(value))
      expect(value).toBeGreaterThanOrEqual((found?.from ?? Infinity) - slack)
      expect(value).toBeLessThanOrEqual((found?.to ?? -Infinity) + slack)
    }
  })
})

it("the median is the middle, or the mean of the middle two", () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([])).toBeNaN()
})
