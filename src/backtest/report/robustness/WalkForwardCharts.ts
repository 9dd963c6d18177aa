/** The pictures of a walk-forward: pairs of bars, the chosen values window by window, the curves. */
import { Result } from "effect"
import { equityCurve, type EquityCurve } from "../../../portfolio/EquityCurve.ts"
import type { ParameterValue } from "../../../session/Parameters.ts"
import type { ChartPlace } from "../../../session/report/ChartSvg.ts"
import { type Axis, axisOver, type Mark, plot, plotWidth } from "../../../session/report/Frame.ts"
import type { Html } from "../../../session/report/Html.ts"
import { linearTicks } from "../../../session/report/Scales.ts"
import { isChosen, type WalkedWindow } from "../../robustness/walkforward/WalkForward.ts"
import type { WalkForwardReport } from "./WalkForwardReport.ts"

const pairSizes = { wide: { width: 1000, height: 320 }, narrow: { width: 400, height: 280 } } as const

/** Numbers of windows from 1, with room for bars beside the first and the last. */
const windowAxis = (count: number, place: ChartPlace): Axis => {
  const ticks = linearTicks(1, Math.max(2, count), place.screen === "wide" ? 14 : 6)
  return {
    min: 0.4,
    max: count + 0.6,
    ticks: ticks
      .filter((value) => Number.isInteger(value) && value >= 1 && value <= count)
      .map((value) => ({ value, label: String(value) })),
    name: "window"
  }
}

/** A figure of each window in-sample and out-of-sample; undefined where there is none. */
export interface Pair {
  readonly inSample: number | undefined
  readonly outOfSample: number | undefined
}

export const pairChart = (
  pairs: ReadonlyArray<Pair>,
  { label, name }: { readonly label: (value: number) => string; readonly name: string },
  place: ChartPlace
): Html => {
  const size = pairSizes[place.screen]
  const told = pairs.flatMap(({ inSample, outOfSample }) => [inSample ?? 0, outOfSample ?? 0])
  const width = Math.min(14, Math.max(1, (0.36 * plotWidth(size)) / pairs.length))
  const bars = (shift: number, color: string, of: (pair: Pair) => number | undefined): Mark => ({
    _tag: "Bars",
    spans: pairs.flatMap((pair, i) => {
      const value = of(pair)
      return value === undefined ? [] : [[i + 1 + shift, Math.min(0, value), Math.max(0, value)] as const]
    }),
    color,
    width
  })
  const x = windowAxis(pairs.length, place)
  const y = axisOver([0, ...told], 5, name, label)
  const zero: Mark = {
    _tag: "Line",
    points: [
      [x.min, 0],
      [x.max, 0]
    ],
    color: "var(--axis)",
    width: 1.2
  }
  return plot(
    {
      size,
      x,
      y,
      marks: [
        bars(-0.2, "var(--bench)", ({ inSample }) => inSample),
        bars(0.2, "var(--s0)", ({ outOfSample }) => outOfSample),
        zero
      ]
    },
    place
  )
}

/** Values of an axis that are written beside it. */
const LABELLED_VALUES = 10

const chosenSizes = { wide: { width: 1000, height: 220 }, narrow: { width: 400, height: 220 } } as const

/** Which of its values a parameter had, window by window; the values are evenly spaced in the grid's order. */
export const chosenChart = (
  windows: ReadonlyArray<WalkedWindow>,
  { parameter, values }: { readonly parameter: string; readonly values: ReadonlyArray<ParameterValue> },
  place: ChartPlace
): Html => {
  const step = Math.max(1, Math.ceil(values.length / LABELLED_VALUES))
  const y: Axis = {
    min: -0.5,
    max: values.length - 0.5,
    ticks: values.flatMap((value, at) => (at % step === 0 ? [{ value: at, label: String(value) }] : [])),
    name: ""
  }
  const points = windows.map((window, i) => {
    const at = isChosen(window) ? values.indexOf(window.values[parameter] ?? "") : -1
    return [i + 1, at < 0 ? Number.NaN : at] as const
  })
  const marks: ReadonlyArray<Mark> = [
    { _tag: "Line", points, color: "var(--axis)", width: 1 },
    {
      _tag: "Dots",
      points: points.filter(([, at]) => !Number.isNaN(at)),
      color: "var(--s0)",
      radius: windows.length > 80 ? 2 : 3.6
    }
  ]
  return plot({ size: chosenSizes[place.screen], x: windowAxis(windows.length, place), y, marks }, place)
}

/** A curve that begins with 100 at the close before the first session out-of-sample. */
const curveOf = ({ sessions, walk }: WalkForwardReport, returns: Float64Array): EquityCurve | undefined => {
  let equity = 100
  const equities = Float64Array.from([equity, ...returns.map((change) => (equity *= 1 + change))])
  return Result.getOrUndefined(equityCurve(sessions.slice(walk.first - 1), equities))
}

/** Out-of-sample, in hindsight, and the symbols held; those that there are. */
export const walkCurves = (
  report: WalkForwardReport
): {
  readonly walked: EquityCurve | undefined
  readonly hindsight: EquityCurve | undefined
  readonly held: EquityCurve | undefined
} => ({
  walked: curveOf(report, report.walk.returns),
  hindsight: report.hindsight === undefined ? undefined : curveOf(report, report.hindsight.returns),
  held: curveOf(report, report.benchmark)
})
