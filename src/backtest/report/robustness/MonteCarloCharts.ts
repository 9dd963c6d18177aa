/** The fan of resampled paths, and how often they fell how deep. */
import type { ChartPlace } from "../../../session/report/ChartSvg.ts"
import type { DrawnPoints } from "../../../session/report/Drawing.ts"
import { count, decimal, plainPercent } from "../../../session/report/Format.ts"
import { type Axis, axisOver, type Mark, plot, plotWidth } from "../../../session/report/Frame.ts"
import type { Html } from "../../../session/report/Html.ts"
import { logTicks } from "../../../session/report/Scales.ts"
import type { FallHistogram } from "../../robustness/montecarlo/FallHistogram.ts"
import type { Fan } from "../../robustness/montecarlo/PathDetails.ts"

const fanSizes = { wide: { width: 1000, height: 420 }, narrow: { width: 400, height: 340 } } as const
const fallSizes = { wide: { width: 1000, height: 300 }, narrow: { width: 400, height: 260 } } as const

/** Above this ratio of the highest band to the lowest the axis is logarithmic. */
const LOG_FROM = 4

export interface FanPicture {
  readonly fan: Fan
  /** The curve as it came, at the fan's steps. */
  readonly actual: ReadonlyArray<number> | undefined
  /** What a step is: "returns", "trades". */
  readonly step: string
}

const valuesOf = ({ actual = [], fan }: FanPicture): ReadonlyArray<number> => [
  1,
  ...fan.bands.flat(),
  ...fan.paths.flat(),
  ...actual
]

export const isFanLogarithmic = (picture: FanPicture): boolean => {
  const values = valuesOf(picture)
  const lowest = values.reduce((a, b) => Math.min(a, b))
  return lowest > 0 && values.reduce((a, b) => Math.max(a, b)) / lowest > LOG_FROM
}

const times = (value: number): string => `${decimal(value, value < 10 ? 2 : 0)}×`

const equityAxis = (picture: FanPicture): Axis => {
  const values = valuesOf(picture)
  const name = "equity, start = 1"
  if (!isFanLogarithmic(picture)) return axisOver(values, 6, name, times)
  const [min, max] = [
    values.reduce((a, b) => Math.min(a, b)) / 1.05,
    values.reduce((a, b) => Math.max(a, b)) * 1.05
  ]
  return {
    min: Math.log10(min),
    max: Math.log10(max),
    ticks: logTicks(min, max, 7).map((value) => ({ value: Math.log10(value), label: times(value) })),
    name
  }
}

/** There along the upper line, and back along the lower: what lies between is filled. */
const between = (lower: DrawnPoints, upper: DrawnPoints, opacity: number, foot: number): Mark => ({
  _tag: "Line",
  points: [...upper, ...lower.toReversed()],
  color: "var(--s0)",
  width: 0,
  fill: { to: foot, opacity }
})

export const fanChart = (picture: FanPicture, place: ChartPlace): Html => {
  const { actual, fan, step } = picture
  const y = equityAxis(picture)
  const isLog = isFanLogarithmic(picture)
  const last = fan.steps.at(-1) ?? 1
  const rough = axisOver([0, last], place.screen === "wide" ? 10 : 5, step, count)
  const ticks = rough.ticks.filter(({ value }) => value <= last && Number.isInteger(value))
  const x = { ...rough, min: 0, max: last, ticks }
  const points = (values: ReadonlyArray<number>): DrawnPoints =>
    values.map((value, i) => {
      const at = isLog ? Math.log10(Math.max(value, 1e-300)) : value
      return [fan.steps[i] ?? 0, Math.min(y.max, Math.max(y.min, at))] as const
    })
  const [p5 = [], p25 = [], p50 = [], p75 = [], p95 = []] = fan.bands.map(points)
  const one = isLog ? 0 : 1
  const marks: ReadonlyArray<Mark> = [
    between(p5, p95, 0.16, y.min),
    between(p25, p75, 0.22, y.min),
    ...fan.paths.map((path): Mark => ({
      _tag: "Line",
      points: points(path),
      color: "var(--bench)",
      width: 0.6
    })),
    {
      _tag: "Line",
      points: [
        [0, one],
        [last, one]
      ],
      color: "var(--axis)",
      width: 1.2,
      dash: [3, 3]
    },
    { _tag: "Line", points: p50, color: "var(--s0)", width: 2 },
    ...(actual === undefined
      ? []
      : [{ _tag: "Line", points: points(actual), color: "var(--s1)", width: 2.2 } as const])
  ]
  return plot({ size: fanSizes[place.screen], x, y, marks }, place)
}

export interface FallPicture {
  readonly histogram: FallHistogram
  readonly p50: number
  readonly p95: number
  readonly actual: number
}

export const fallChart = ({ actual, histogram, p50, p95 }: FallPicture, place: ChartPlace): Html => {
  const { counts, first, step } = histogram
  const size = fallSizes[place.screen]
  const [low, high] = [
    Math.min(first * step, actual),
    Math.max((first + counts.length) * step, actual + step / 2)
  ]
  const rough = axisOver([low, high], place.screen === "wide" ? 12 : 6, "maximum drawdown", plainPercent)
  const x = {
    ...rough,
    min: low,
    max: high,
    ticks: rough.ticks.filter(({ value }) => value >= low - 1e-12 && value <= high + 1e-12)
  }
  const y = axisOver([0, ...counts], 4, "paths", count)
  const upright = (value: number, color: string, dash: ReadonlyArray<number>): Mark => ({
    _tag: "Line",
    points: [
      [value, y.min],
      [value, y.max]
    ],
    color,
    width: 2,
    dash
  })
  const width = (plotWidth(size) * step) / (high - low)
  const marks: ReadonlyArray<Mark> = [
    {
      _tag: "Bars",
      spans: counts.map((n, i) => [(first + i + 0.5) * step, 0, n] as const),
      color: "var(--s0)",
      width: Math.max(1, Math.round(width * 10 - 10) / 10)
    },
    upright(p50, "var(--limit)", [2, 2]),
    upright(p95, "var(--limit)", [6, 3]),
    upright(actual, "var(--s1)", [])
  ]
  return plot({ size, x, y, marks }, place)
}
