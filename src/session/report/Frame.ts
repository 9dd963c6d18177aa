/** The frame of charts that are not over days: two numeric axes, and lines, dots and upright bars on them. */
import type { ChartPlace, ChartSize } from "./ChartSvg.ts"
import { type Drawn, type DrawnAxis, type DrawnDots, type DrawnLine, drawLines } from "./Drawing.ts"
import type { Html } from "./Html.ts"
import { linearTicks } from "./Scales.ts"

/** What is drawn, lowest first. Values are in the axes' units; a line breaks at NaN. */
export type Mark =
  | DrawnLine
  | DrawnDots
  | {
      readonly _tag: "Bars"
      readonly spans: ReadonlyArray<readonly [x: number, low: number, high: number]>
      readonly color: string
      readonly width: number
    }

export interface Axis extends DrawnAxis {
  readonly name: string
}

const SMALL = 12

/** Round numbers about these values, in about `most` steps. */
export const axisOver = (
  values: ReadonlyArray<number>,
  most: number,
  name: string,
  label: (value: number) => string
): Axis => {
  const finite = values.filter(Number.isFinite)
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity)
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity)
  const [from, to] =
    low <= high ? [low, high === low ? low + Math.max(Math.abs(low) * 0.1, 0.01) : high] : [0, 1]
  const ticks = linearTicks(from, to, most)
  return {
    min: ticks[0] ?? from,
    max: ticks.at(-1) ?? to,
    ticks: ticks.map((value) => ({ value, label: label(value) })),
    name
  }
}

const broken = (spans: ReadonlyArray<readonly [number, number, number]>) =>
  spans.flatMap(([x, low, high]) => [[x, low] as const, [x, high] as const, [x, Number.NaN] as const])

const seriesOf = (mark: Mark): Drawn =>
  mark._tag === "Bars"
    ? { _tag: "Line", isBars: true, points: broken(mark.spans), color: mark.color, width: mark.width }
    : mark

const grid = { left: 48, right: 16, top: 30, bottom: 44 } as const

/** Pixels between the ends of the x axis. */
export const plotWidth = ({ width }: ChartSize): number => width - grid.left - grid.right

export const plot = (
  options: {
    readonly size: ChartSize
    readonly x: Axis
    readonly y: Axis
    readonly marks: ReadonlyArray<Mark>
  },
  place: ChartPlace
): Html =>
  drawLines(
    {
      edges: {
        left: grid.left,
        right: options.size.width - grid.right,
        top: grid.top,
        bottom: options.size.height - grid.bottom
      },
      fontSize: SMALL,
      x: options.x,
      y: options.y,
      series: options.marks.map(seriesOf)
    },
    options.size,
    place
  )
