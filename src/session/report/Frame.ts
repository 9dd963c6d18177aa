/** The frame of charts that are not over days: two numeric axes, and lines, dots and upright bars on them. */
import type { ChartOption } from "echarts/core"
import { type ChartPlace, type ChartSize, drawChart } from "./ChartSvg.ts"
import type { Html } from "./Html.ts"
import { linearTicks, type Tick } from "./Scales.ts"

/** What is drawn, lowest first. Values are in the axes' units; a line breaks at NaN. */
export type Mark =
  | {
      readonly _tag: "Line"
      readonly points: ReadonlyArray<readonly [x: number, y: number]>
      readonly color: string
      readonly width: number
      readonly dash?: ReadonlyArray<number>
    }
  | {
      readonly _tag: "Dots"
      readonly points: ReadonlyArray<readonly [x: number, y: number]>
      readonly color: string
      readonly radius: number
      readonly hollow?: true
    }
  | {
      readonly _tag: "Bars"
      readonly spans: ReadonlyArray<readonly [x: number, low: number, high: number]>
      readonly color: string
      readonly width: number
    }

export interface Axis {
  readonly min: number
  readonly max: number
  readonly ticks: ReadonlyArray<Tick>
  /** What it measures, written at its end. */
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

const seriesOf = (mark: Mark): ChartOption => {
  const plain = { type: "line", silent: true, showSymbol: false }
  switch (mark._tag) {
    case "Line":
      return {
        ...plain,
        data: mark.points,
        lineStyle: {
          color: mark.color,
          width: mark.width,
          type: mark.dash === undefined ? "solid" : mark.dash,
          join: "round"
        }
      }
    case "Dots":
      return {
        ...plain,
        data: mark.points,
        showSymbol: true,
        showAllSymbol: true,
        symbol: "circle",
        symbolSize: 2 * mark.radius,
        lineStyle: { opacity: 0 },
        itemStyle:
          mark.hollow === true
            ? { color: "var(--paper)", borderColor: mark.color, borderWidth: 1.4 }
            : { color: mark.color }
      }
    case "Bars":
      return { ...plain, data: broken(mark.spans), lineStyle: { color: mark.color, width: mark.width } }
  }
}

const axisOption = ({ max, min, name, ticks }: Axis, isX: boolean): ChartOption => ({
  type: "value",
  min,
  max,
  name,
  nameLocation: isX ? "middle" : "end",
  nameGap: isX ? 28 : 12,
  nameTextStyle: {
    color: "var(--muted)",
    fontSize: SMALL,
    fontFamily: "inherit",
    align: isX ? "center" : "left"
  },
  axisLine: isX ? { onZero: false, lineStyle: { color: "var(--axis)" } } : { show: false, onZero: false },
  axisTick: {
    show: isX,
    customValues: ticks.map(({ value }) => value),
    lineStyle: { color: "var(--axis)" }
  },
  splitLine: isX ? { show: false } : { lineStyle: { color: "var(--grid)" } },
  axisLabel: {
    color: "var(--muted)",
    fontSize: SMALL,
    fontFamily: "inherit",
    customValues: ticks.map(({ value }) => value),
    formatter: (value: number) => ticks.find((tick) => tick.value === value)?.label ?? ""
  }
})

const grid = { left: 48, right: 16, top: 30, bottom: 44, containLabel: false } as const

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
  drawChart(
    {
      grid,
      xAxis: axisOption(options.x, true),
      yAxis: axisOption(options.y, false),
      series: options.marks.map(seriesOf)
    },
    options.size,
    place
  )
