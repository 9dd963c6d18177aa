/** What is told of a part of the paths: time under water, Sharpe ratio, and the fan of their equity by step. */
import { DAYS_PER_YEAR } from "../../../portfolio/Performance.ts"
import { pathPlaces, type PathSource } from "./PathKernel.ts"
import { quantileOf } from "./Quantiles.ts"
import { sortedColumn } from "./SortedColumn.ts"

/** Paths looked at in detail at most, and steps of them together: of more the first, but some in any case. */
export const MAX_DETAILED_PATHS = 10_000
export const MAX_DETAILED_STEPS = 60_000_000
const LEAST_DETAILED_PATHS = 400

/** So many of the paths are looked at in detail. */
export const detailedPaths = (paths: number, length: number): number =>
  Math.min(paths, MAX_DETAILED_PATHS, Math.max(LEAST_DETAILED_PATHS, Math.floor(MAX_DETAILED_STEPS / length)))

/** Points of the fan beside the start, at most. */
export const FAN_POINTS = 80
/** Paths drawn one by one. */
export const DRAWN_PATHS = 12

/** What a fan's bands are. */
export const fanProbabilities = [0.05, 0.25, 0.5, 0.75, 0.95] as const

export interface Fan {
  /** Steps, ascending: 0 is the start, the last the end. */
  readonly steps: ReadonlyArray<number>
  /** One a probability of `fanProbabilities`: equity at each step, as a multiple of the start. */
  readonly bands: ReadonlyArray<ReadonlyArray<number>>
  /** The first paths as they went. */
  readonly paths: ReadonlyArray<ReadonlyArray<number>>
}

export interface PathDetails {
  readonly paths: number
  /** Steps of the longest time below a peak, a path each. */
  readonly underWater: Float64Array
  /** × √252, of the paths whose returns vary. */
  readonly sharpes: Float64Array
  readonly fan: Fan
}

/** Returns that vary less than this part of what they are have no ratio to it. */
const LEAST_PART = 1e-10

/** Mean over deviation (n − 1) × √252, from sums about a centre near the mean; undefined where they do not vary. */
const sharpeOf = (n: number, centre: number, sum: number, squares: number): number | undefined => {
  const variance = (squares - sum ** 2 / n) / (n - 1)
  if (n < 2 || !(variance > (LEAST_PART * squares) / n)) return undefined
  const ratio = ((centre + sum / n) / Math.sqrt(variance)) * Math.sqrt(DAYS_PER_YEAR)
  return Number.isFinite(ratio) ? ratio : undefined
}

/** Steps at which a fan has points: 0, the end, and evenly between. */
export const fanSteps = (length: number): ReadonlyArray<number> => {
  const points = Math.min(length, FAN_POINTS)
  return Array.from({ length: points + 1 }, (_, i) => Math.round((i * length) / points))
}

/** One path: longest time under water in steps, sums of its returns about `centre`, equity at the fan's steps. */
export const walkDetails = (
  source: PathSource,
  places: Uint16Array,
  centre: number,
  onFan: (point: number, equity: number) => void,
  steps: ReadonlyArray<number>
) => {
  let [equity, fall, below, longest, sum, squares, point] = [1, 0, 0, 0, 0, 0, 0]
  if (steps[0] === 0) onFan(point++, equity)
  for (let step = 1; step <= source.length; step++) {
    const half = source.halves[places[step - 1] ?? 0] ?? 0
    const growth = half + half
    equity *= growth
    const low = 1 - (2 - fall) * half
    fall = low + Math.abs(low)
    below = fall > 0 ? below + 1 : 0
    if (below > longest) longest = below
    const away = growth - 1 - centre
    sum += away
    squares += away * away
    if (steps[point] === step) onFan(point++, equity)
  }
  return { longest, sharpe: sharpeOf(source.length, centre, sum, squares) }
}

/** Of the first `paths` paths. */
export const pathDetails = (source: PathSource, paths: number): PathDetails => {
  const steps = fanSteps(source.length)
  const centre = source.halves.reduce((sum, half) => sum + (half + half - 1), 0) / source.halves.length
  const places = new Uint16Array(source.length)
  const columns = steps.map(() => new Float64Array(paths))
  const underWater = new Float64Array(paths)
  const sharpes: Array<number> = []
  for (let path = 0; path < paths; path++) {
    pathPlaces(source, path, places)
    const onFan = (point: number, equity: number): void => {
      const column = columns[point]
      if (column !== undefined) column[path] = equity
    }
    const { longest, sharpe } = walkDetails(source, places, centre, onFan, steps)
    underWater[path] = longest
    if (sharpe !== undefined) sharpes.push(sharpe)
  }
  const ordered = columns.map(sortedColumn)
  return {
    paths,
    underWater: sortedColumn(underWater),
    sharpes: Float64Array.from(sharpes).toSorted(),
    fan: {
      steps,
      bands: fanProbabilities.map((probability) => ordered.map((column) => quantileOf(column, probability))),
      paths: Array.from({ length: Math.min(DRAWN_PATHS, paths) }, (_, path) =>
        columns.map((column) => column[path] ?? 1)
      )
    }
  }
}
