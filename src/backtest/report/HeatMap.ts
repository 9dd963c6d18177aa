/** What a sweep came to, as maps over two of its parameters. Pure. */
import type { SweepReport, SweptParameter, SweptPoint, SweptValue } from "./SweepReport.ts"

export type PlayedPoint = Extract<SweptPoint, { readonly _tag: "Played" }>

export const playedPoints = ({ points }: SweepReport): ReadonlyArray<PlayedPoint> =>
  points.filter((point) => point._tag === "Played")

export interface Metric {
  readonly name: "Sharpe ratio" | "Total return" | "Maximum drawdown" | "Sharpe ratio, smoothed"
  readonly of: (point: PlayedPoint) => number | null
}

export const metrics: ReadonlyArray<Metric> = [
  { name: "Sharpe ratio", of: ({ sharpe }) => sharpe },
  { name: "Total return", of: ({ totalReturn }) => totalReturn },
  { name: "Maximum drawdown", of: ({ maxDrawdown }) => maxDrawdown }
]

export interface HeatMap {
  /** Values of the parameters that are the same all over this map. */
  readonly fixed: ReadonlyArray<{ readonly name: string; readonly value: SweptValue }>
  readonly rows: SweptParameter
  readonly columns: SweptParameter
  /** By row, then by column; undefined where no point was asked for. */
  readonly points: ReadonlyArray<ReadonlyArray<SweptPoint | undefined>>
}

/** Maps drawn at most of each figure, one a value of the third parameter. */
export const MOST_MAPS = 12
/** Cells of a map; a sample of a large grid would leave most of more empty. */
export const MOST_CELLS = 4096

/** Parameters that have more than one value, with their places. */
export const varying = ({
  parameters
}: SweepReport): ReadonlyArray<readonly [place: number, SweptParameter]> =>
  [...parameters.entries()].filter(([, { values }]) => values.length > 1)

const keyOf = (values: ReadonlyArray<SweptValue>): string => JSON.stringify(values)

/** The Sharpe ratio's mean with its neighbours; undefined where no two points are neighbours. */
export const smoothedMetric = ({ parameters, sensitivity }: SweepReport): Metric | undefined => {
  const smoothed = sensitivity.plateau?.smoothed ?? []
  const means = new Map(
    smoothed.map(({ mean, values }) => [keyOf(parameters.map(({ name }) => values[name] ?? "")), mean])
  )
  return means.size === 0
    ? undefined
    : { name: "Sharpe ratio, smoothed", of: ({ values }) => means.get(keyOf(values)) ?? null }
}

/** Whether this is the point with the highest mean with its neighbours. */
export const isSteadiest = ({ parameters, sensitivity }: SweepReport, { values }: SweptPoint): boolean => {
  const steadiest = sensitivity.plateau?.steadiest
  return steadiest !== undefined && parameters.every(({ name }, i) => steadiest.values[name] === values[i])
}

/** The point with the highest Sharpe ratio, the first of equals. */
export const bestPoint = (report: SweepReport): PlayedPoint | undefined =>
  playedPoints(report).reduce<PlayedPoint | undefined>(
    (best, point) =>
      point.sharpe !== null &&
      (best === undefined || point.sharpe > (best.sharpe ?? Number.NEGATIVE_INFINITY))
        ? point
        : best,
    undefined
  )

/**
 * One map over two parameters that vary; of three a map for each value of the
 * third, of more the others at the point with the highest Sharpe ratio. None
 * where fewer than two vary, or where a map would be too large to look at.
 */
export const heatMaps = (report: SweepReport): ReadonlyArray<HeatMap> => {
  const [rows, columns, third, ...others] = varying(report)
  if (rows === undefined || columns === undefined) return []
  if (rows[1].values.length * columns[1].values.length > MOST_CELLS) return []
  const byKey = new Map(report.points.map((point) => [keyOf(point.values), point]))
  const held = bestPoint(report)?.values ?? report.points[0]?.values ?? []
  const slices: ReadonlyArray<SweptValue | undefined> =
    third === undefined || others.length > 0 ? [undefined] : third[1].values.slice(0, MOST_MAPS)
  return slices.map((slice) => {
    const valuesAt = (row: SweptValue, column: SweptValue): ReadonlyArray<SweptValue> =>
      report.parameters.map(({ values }, place) => {
        if (place === rows[0]) return row
        if (place === columns[0]) return column
        if (third !== undefined && place === third[0] && slice !== undefined) return slice
        return (values.length > 1 ? held[place] : values[0]) ?? ""
      })
    return {
      fixed: [
        ...(third !== undefined && slice !== undefined ? [{ name: third[1].name, value: slice }] : []),
        ...(others.length === 0 || third === undefined
          ? []
          : [third, ...others].map(([place, { name, values }]) => ({
              name,
              value: held[place] ?? values[0] ?? ""
            })))
      ],
      rows: rows[1],
      columns: columns[1],
      points: rows[1].values.map((row) =>
        columns[1].values.map((column) => byKey.get(keyOf(valuesAt(row, column))))
      )
    }
  })
}

export type Step = "n3" | "n2" | "n1" | "z0" | "p1" | "p2" | "p3"

/** A colour and the values it stands for: from `from` up to, without, `to`. */
export interface ScaleStep {
  readonly step: Step
  readonly from: number
  readonly to: number
}

const between = (steps: ReadonlyArray<Step>, low: number, high: number): ReadonlyArray<ScaleStep> =>
  steps.map((step, i) => ({
    step,
    from: low + ((high - low) * i) / steps.length,
    to: low + ((high - low) * (i + 1)) / steps.length
  }))

/**
 * Colours for values: about zero where there are values on both sides, the
 * same distance on each; from the lowest to the highest where all are on one.
 */
export const scaleOf = (values: ReadonlyArray<number>): ReadonlyArray<ScaleStep> => {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity)
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity)
  if (!(low < high)) return []
  if (low >= 0) return between(["z0", "p1", "p2", "p3"], low, high)
  if (high <= 0) return between(["n3", "n2", "n1", "z0"], low, high)
  const most = Math.max(high, -low)
  return between(["n3", "n2", "n1", "z0", "p1", "p2", "p3"], -most, most)
}

/** The colour of a value; the lightest where all are the same. */
export const stepOf = (scale: ReadonlyArray<ScaleStep>, value: number): Step =>
  (scale.find(({ to }) => value < to) ?? scale.at(-1))?.step ?? "z0"

/** The middle of the values, or the mean of the middle two; NaN of none. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  const high = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : (high + (sorted[half - 1] ?? Number.NaN)) / 2
}
