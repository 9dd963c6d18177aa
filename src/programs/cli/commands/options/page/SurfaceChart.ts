/**
 * The surface as a solid seen from in front and above: strikes go to the right,
 * time to the back, volatility up. Tiles are drawn from the back, so that what
 * is nearer hides what is behind it (the painter's algorithm).
 */
import type { ChartOption } from "echarts/core"
import { type ChartPlace, drawChart } from "../../../../../session/report/ChartSvg.ts"
import type { Html } from "../../../../../session/report/Html.ts"
import { linearTicks } from "../../../../../session/report/Scales.ts"

/** A grid of volatilities; undefined where the surface gives none. Rows go with time, columns with strikes. */
export interface Grid {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<string>
  readonly volatility: ReadonlyArray<ReadonlyArray<number | undefined>>
}

type Point = readonly [x: number, y: number]

const sizes = { wide: { width: 1000, height: 520 }, narrow: { width: 400, height: 320 } } as const

/** Shares of the picture's width that the strikes and the time take, and what is left free for labels. */
const widths = {
  wide: { left: 0.07, strikes: 0.58, time: 0.26 },
  narrow: { left: 0.11, strikes: 0.53, time: 0.22 }
} as const

/** Where a corner of the unit cube lies in a picture of unit size: an oblique view, time going back to the right. */
const seen = (
  { left, strikes, time }: (typeof widths)[ChartPlace["screen"]],
  [x, y, z]: readonly [x: number, y: number, z: number]
): Point => [left + strikes * x + time * y, 0.92 - 0.34 * y - 0.52 * z]

/** Low to high: paper to blue, as the table's cells. */
export const heat = (share: number): string =>
  `color-mix(in oklab, var(--s0) ${(8 + 84 * Math.min(1, Math.max(0, share))).toFixed(0)}%, var(--paper))`

interface Scene {
  readonly low: number
  readonly high: number
  readonly at: (column: number, row: number, volatility: number) => Point
}

const sceneOf = (
  grid: Grid,
  screen: ChartPlace["screen"],
  { width, height }: { readonly width: number; readonly height: number }
): Scene | undefined => {
  const values = grid.volatility.flat().filter((value) => value !== undefined)
  if (values.length === 0) return undefined
  const ticks = linearTicks(
    values.reduce((a, b) => Math.min(a, b)),
    values.reduce((a, b) => Math.max(a, b)),
    5
  )
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1]
  const across = Math.max(1, grid.columns.length - 1)
  const back = Math.max(1, grid.rows.length - 1)
  return {
    low,
    high,
    at: (column, row, volatility) => {
      const [x, y] = seen(widths[screen], [column / across, row / back, (volatility - low) / (high - low)])
      return [x * width, y * height]
    }
  }
}

const polygon = (points: ReadonlyArray<Point>, fill: string, stroke: string): ChartOption => ({
  type: "polygon",
  silent: true,
  shape: { points },
  style: { fill, stroke, lineWidth: 0.7, lineJoin: "round" }
})

const label = (text: string, [x, y]: Point, align: "left" | "center" | "right"): ChartOption => ({
  type: "text",
  silent: true,
  x,
  y,
  style: { text, fill: "var(--muted)", fontSize: 12, fontFamily: "inherit", align, verticalAlign: "middle" }
})

const line = (points: ReadonlyArray<Point>): ChartOption => ({
  type: "polyline",
  silent: true,
  shape: { points },
  style: { stroke: "var(--axis)", lineWidth: 0.8, fill: "none" }
})

/** One tile between four neighbours of the grid; none where one of them is missing. */
const tile = (grid: Grid, scene: Scene, column: number, row: number): ReadonlyArray<ChartOption> => {
  const corners = [
    [column, row],
    [column + 1, row],
    [column + 1, row + 1],
    [column, row + 1]
  ] as const
  const points: Array<Point> = []
  let total = 0
  for (const [c, r] of corners) {
    const volatility = grid.volatility[r]?.[c]
    if (volatility === undefined) return []
    points.push(scene.at(c, r, volatility))
    total += volatility
  }
  const share = (total / 4 - scene.low) / (scene.high - scene.low)
  return [polygon(points, heat(share), "var(--paper)")]
}

/** Some of many, the first and the last among them. */
const some = (count: number, most: number): ReadonlyArray<number> => {
  const step = Math.max(1, Math.ceil((count - 1) / Math.max(1, most - 1)))
  const chosen: Array<number> = []
  for (let i = 0; i < count - 0.75 * step; i += step) chosen.push(i)
  if (count > 0) chosen.push(count - 1)
  return [...new Set(chosen)]
}

export const surfaceChart = (grid: Grid, place: ChartPlace): Html | undefined => {
  const size = sizes[place.screen]
  const scene = sceneOf(grid, place.screen, size)
  if (scene === undefined) return undefined
  const { at, high, low } = scene
  const columns = grid.columns.length - 1
  const rows = grid.rows.length - 1
  const shifted = ([x, y]: Point, dx: number, dy: number): Point => [x + dx, y + dy]
  const wide = place.screen === "wide"
  const floor = [
    line([at(0, 0, low), at(columns, 0, low), at(columns, rows, low), at(0, rows, low), at(0, 0, low)]),
    ...linearTicks(low, high, 5).flatMap((value) => [
      line([at(0, 0, value), at(0, rows, value), at(columns, rows, value)]),
      label(`${(100 * value).toFixed(0)}%`, shifted(at(0, 0, value), -8, 0), "right")
    ])
  ]
  const tiles: Array<ChartOption> = []
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = 0; column < columns; column++) tiles.push(...tile(grid, scene, column, row))
  }
  const names = [
    ...some(columns + 1, wide ? 9 : 4).map((column) =>
      label(grid.columns[column] ?? "", shifted(at(column, 0, low), 0, 14), "center")
    ),
    ...some(rows + 1, wide ? 6 : 3).map((row) =>
      label(grid.rows[row] ?? "", shifted(at(columns, row, low), 10, 4), "left")
    )
  ]
  return drawChart({ graphic: [...floor, ...tiles, ...names] }, size, place)
}
