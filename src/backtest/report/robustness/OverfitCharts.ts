/** The pictures of the overfitting guard: logits, splits, folds, trials beside luck. */
import type { ChartPlace } from "../../../session/report/ChartSvg.ts"
import { count, decimal } from "../../../session/report/Format.ts"
import { type Axis, axisOver, type Mark, plot, plotWidth } from "../../../session/report/Frame.ts"
import type { Html } from "../../../session/report/Html.ts"

const sizes = { wide: { width: 1000, height: 300 }, narrow: { width: 400, height: 260 } } as const

/** Bars of a distribution. */
const BINS = 40
/** Dots of the splits: more of them would be a blot. */
const DRAWN_SPLITS = 1200

const ratio = (value: number): string => decimal(value, 1)
const ticks = ({ screen }: ChartPlace): number => (screen === "wide" ? 10 : 5)

/** One bar each: where it stands, how high it is. */
interface Bars {
  readonly bars: ReadonlyArray<readonly [at: number, height: number]>
  /** In units of the axis. */
  readonly step: number
}

const extremes = (values: ReadonlyArray<number>): readonly [number, number] => [
  values.reduce((a, b) => Math.min(a, b), Infinity),
  values.reduce((a, b) => Math.max(a, b), -Infinity)
]

/** In bins of one width, an edge of which is zero; what is on an edge belongs to the bin below. */
export const binned = (values: ReadonlyArray<number>, most: number): Bars => {
  const [low, high] = extremes(values)
  const step = high > low ? (high - low) / most : Math.max(Math.abs(low), 1) / most
  const bins = new Map<number, number>()
  for (const value of values) {
    const bin = Math.ceil(value / step - 1e-9)
    bins.set(bin, (bins.get(bin) ?? 0) + 1)
  }
  return {
    bars: [...bins].toSorted(([a], [b]) => a - b).map(([bin, n]) => [(bin - 0.5) * step, n] as const),
    step
  }
}

/** Few different values stand each by itself, at its place. */
export const barsOf = (values: ReadonlyArray<number>): Bars => {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value + 0, (counts.get(value + 0) ?? 0) + 1)
  if (counts.size > BINS) return binned(values, BINS)
  const [low, high] = extremes(values)
  const places = [...counts.keys()].toSorted((a, b) => a - b)
  const gaps = places.flatMap((place, i) => (i === 0 ? [] : [place - (places[i - 1] ?? 0)]))
  const least = gaps.reduce((a, b) => Math.min(a, b), high > low ? high - low : 1)
  return {
    bars: places.map((place) => [place, counts.get(place) ?? 0] as const),
    step: Math.max(least, (high - low) / (2 * BINS)) || 1
  }
}

/** From the first bar's edge to the last one's, and what else has to be seen. */
const spanOf = ({ bars, step }: Bars, also: ReadonlyArray<number>, most: number, name: string): Axis => {
  const places = bars.flatMap(([at]) => [at - step / 2, at + step / 2])
  return axisOver([...places, ...also], most, name, ratio)
}

const barWidth = ({ step }: Bars, { max, min }: Axis, place: ChartPlace): number =>
  Math.max(1, Math.round(((plotWidth(sizes[place.screen]) * step) / (max - min)) * 10 - 10) / 10)

const upright = (at: number, { max, min }: Axis, color: string, dash: ReadonlyArray<number>): Mark => ({
  _tag: "Line",
  points: [
    [at, min],
    [at, max]
  ],
  color,
  width: 1.6,
  dash
})

/** The logits of the splits; those at or below zero in the colour of loss. */
export const logitChart = (logits: Float64Array, place: ChartPlace): Html => {
  const made = barsOf([...logits])
  const x = spanOf(made, [0], ticks(place), "logit of the relative rank")
  const y = axisOver([0, ...made.bars.map(([, n]) => n)], 4, "splits", count)
  const width = barWidth(made, x, place)
  const part = (isOver: boolean): Mark => ({
    _tag: "Bars",
    spans: made.bars.filter(([at]) => at <= 0 === isOver).map(([at, n]) => [at, 0, n] as const),
    color: isOver ? "var(--s1)" : "var(--s0)",
    width
  })
  return plot(
    { size: sizes[place.screen], x, y, marks: [part(false), part(true), upright(0, y, "var(--ink)", [])] },
    place
  )
}

/** At most so many of them, evenly spaced. */
const thinned = <A>(values: ReadonlyArray<A>, most: number): ReadonlyArray<A> => {
  const step = Math.max(1, values.length / most)
  return Array.from({ length: Math.min(values.length, most) }, (_, i) => Math.floor(i * step)).flatMap((at) =>
    values.slice(at, at + 1)
  )
}

export interface SplitDots {
  /** A year each: in the half that chose, and in the other. */
  readonly inSample: ReadonlyArray<number>
  readonly outOfSample: ReadonlyArray<number>
  readonly line: { readonly slope: number; readonly intercept: number } | undefined
}

/** What the chosen trial showed inside and outside, a dot a split. */
export const splitChart = ({ inSample, line, outOfSample }: SplitDots, place: ChartPlace): Html => {
  const dots = thinned(
    inSample.map((inside, i) => [inside, outOfSample[i] ?? 0] as const),
    DRAWN_SPLITS
  )
  const x = axisOver(inSample, ticks(place), "Sharpe ratio a year, in-sample", ratio)
  const y = axisOver([0, ...outOfSample], 5, "out-of-sample", ratio)
  const ends =
    line === undefined
      ? []
      : extremes(inSample)
          .map((at) => [at, line.intercept + line.slope * at] as const)
          .filter(([, value]) => value >= y.min && value <= y.max)
  const marks: ReadonlyArray<Mark> = [
    {
      _tag: "Line",
      points: [
        [x.min, 0],
        [x.max, 0]
      ],
      color: "var(--axis)",
      width: 1.2
    },
    { _tag: "Dots", points: dots.filter(([, out]) => out >= 0), color: "var(--s0)", radius: 1.6 },
    { _tag: "Dots", points: dots.filter(([, out]) => out < 0), color: "var(--s1)", radius: 1.6 },
    ...(ends.length === 2
      ? [{ _tag: "Line", points: ends, color: "var(--ink)", width: 1.6, dash: [6, 4] } as const]
      : [])
  ]
  return plot({ size: sizes[place.screen], x, y, marks }, place)
}

export interface FoldBar {
  /** A year; undefined where it cannot be told. */
  readonly sharpe: number | undefined
  readonly chosen: number | undefined
}

/** A bar a fold for the judged trial, and a dot for the one that the other folds would have chosen. */
export const foldChart = (folds: ReadonlyArray<FoldBar>, place: ChartPlace): Html => {
  const numbers = folds.map((_, i) => ({ value: i + 1, label: String(i + 1) }))
  const x: Axis = { min: 0.4, max: folds.length + 0.6, ticks: numbers, name: "fold" }
  const told = folds.flatMap(({ chosen, sharpe }) => [chosen, sharpe].filter((value) => value !== undefined))
  const y = axisOver([0, ...told], 5, "Sharpe ratio a year", ratio)
  const bars = (isGain: boolean): Mark => ({
    _tag: "Bars",
    spans: folds.flatMap(({ sharpe }, i) =>
      sharpe === undefined || sharpe >= 0 !== isGain ? [] : [[i + 1, 0, sharpe] as const]
    ),
    color: isGain ? "var(--s0)" : "var(--s1)",
    width: Math.min(48, plotWidth(sizes[place.screen]) / (folds.length * 1.8))
  })
  const dots = folds.flatMap(({ chosen }, i) => (chosen === undefined ? [] : [[i + 1, chosen] as const]))
  return plot(
    {
      size: sizes[place.screen],
      x,
      y,
      marks: [
        bars(true),
        bars(false),
        {
          _tag: "Line",
          points: [
            [x.min, 0],
            [x.max, 0]
          ],
          color: "var(--axis)",
          width: 1.2
        },
        { _tag: "Dots", points: dots, color: "var(--ink)", radius: 4, hollow: true }
      ]
    },
    place
  )
}

export interface TrialBars {
  /** A year each. */
  readonly sharpes: ReadonlyArray<number>
  readonly judged: number
  /** What the best is expected to show by luck. */
  readonly luck: number
}

/** How the trials' Sharpe ratios lie, with the judged one's and what luck alone would show. */
export const trialChart = ({ judged, luck, sharpes }: TrialBars, place: ChartPlace): Html => {
  const made = binned(sharpes, Math.min(BINS, Math.ceil(2 * Math.sqrt(sharpes.length)) + 2))
  const x = spanOf(made, [judged, luck, 0], ticks(place), "Sharpe ratio a year")
  const y = axisOver([0, ...made.bars.map(([, n]) => n)], 4, "trials", count)
  return plot(
    {
      size: sizes[place.screen],
      x,
      y,
      marks: [
        {
          _tag: "Bars",
          spans: made.bars.map(([at, n]) => [at, 0, n] as const),
          color: "var(--s0)",
          width: barWidth(made, x, place)
        },
        upright(luck, y, "var(--limit)", [5, 3]),
        upright(judged, y, "var(--ink)", [])
      ]
    },
    place
  )
}
