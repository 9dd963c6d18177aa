/** A straight line through points of which some may be wrong. */
import { median } from "../surface/RobustScore.ts"

/** Median absolute residual to a normal standard deviation: 1 ÷ Φ⁻¹(¾). */
const TO_DEVIATION = 1.4826022185056018

/** Tukey's bisquare at 95% efficiency (Holland and Welsch 1977): beyond 4.685 deviations a point has no weight. */
const BISQUARE = 4.685

const ROUNDS = 50
/** Weights that move less than this have settled. */
const SETTLED = 1e-9

export interface LinePoint {
  readonly x: number
  readonly y: number
  /** How much it says, above zero; in the unit of 1 ÷ y². */
  readonly weight: number
}

export interface RobustLine {
  /** Where the line is zero. */
  readonly zero: number
  readonly slope: number
  /** Standard error of `zero`; undefined where the points are too few to tell. */
  readonly zeroError: number | undefined
  /** Points without weight. */
  readonly outliers: number
}

interface Line {
  readonly center: number
  /** At the center. */
  readonly level: number
  readonly slope: number
}

/** The smallest value at which half the weight is reached. */
const weightedMedian = (
  values: ReadonlyArray<{ readonly value: number; readonly weight: number }>
): number => {
  const sorted = values.toSorted((a, b) => a.value - b.value)
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2
  let reached = 0
  for (const { value, weight } of sorted) {
    reached += weight
    if (reached >= half) return value
  }
  return sorted.at(-1)?.value ?? 0
}

/** Theil (1950) and Sen (1968): the median of all pairs' slopes, weighted; then the median level. */
const theilSen = (points: ReadonlyArray<LinePoint>, center: number, slope: number | undefined): Line => {
  const slopes: Array<{ value: number; weight: number }> = []
  if (slope === undefined) {
    points.forEach((a, i) => {
      for (const b of points.slice(i + 1)) {
        const run = Math.abs(b.x - a.x)
        if (run > 0) {
          slopes.push({ value: (b.y - a.y) / (b.x - a.x), weight: run * Math.sqrt(a.weight * b.weight) })
        }
      }
    })
  }
  const steep = slope ?? weightedMedian(slopes)
  const level = weightedMedian(
    points.map(({ weight, x, y }) => ({ value: y - steep * (x - center), weight: Math.sqrt(weight) }))
  )
  return { center, level, slope: steep }
}

const residual = ({ x, y }: LinePoint, { center, level, slope }: Line): number =>
  y - level - slope * (x - center)

/** The line of least weighted squares. */
const leastSquares = (
  points: ReadonlyArray<LinePoint>,
  weights: ReadonlyArray<number>,
  fixedSlope: number | undefined,
  before: Line
): Line => {
  let total = 0
  let sumX = 0
  points.forEach(({ x }, i) => {
    const weight = weights[i] ?? 0
    total += weight
    sumX += weight * x
  })
  if (!(total > 0)) return before
  const center = sumX / total
  let xx = 0
  let xy = 0
  let sumY = 0
  points.forEach(({ x, y }, i) => {
    const weight = weights[i] ?? 0
    xx += weight * (x - center) ** 2
    xy += weight * (x - center) * y
    sumY += weight * y
  })
  const slope = fixedSlope ?? (xx > 0 ? xy / xx : before.slope)
  const level =
    fixedSlope === undefined || xx === 0
      ? sumY / total
      : points.reduce((sum, { x, y }, i) => sum + (weights[i] ?? 0) * (y - fixedSlope * (x - center)), 0) /
        total
  return { center, level, slope }
}

/** Standardised residuals' share of a point's weight. */
const bisquare = (score: number): number =>
  Math.abs(score) < BISQUARE ? (1 - (score / BISQUARE) ** 2) ** 2 : 0

/** The derivative of a score times its share: how much a point still pulls when it moves. */
const pull = (score: number): number => {
  const u2 = (score / BISQUARE) ** 2
  return u2 < 1 ? (1 - u2) * (1 - 5 * u2) : 0
}

/** Of the weights, the reciprocal of their concentration: as many points of equal weight say as much (Kish 1965). */
const countOf = (weights: ReadonlyArray<number>): number => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return total ** 2 / weights.reduce((sum, weight) => sum + weight ** 2, 0)
}

/**
 * Where the line is zero is center − level/slope: its variance by the sandwich
 * A⁻¹BA⁻¹ of an M-estimator (Huber, "Robust Statistics", 1981, section 6.4),
 * which needs no assumption on how the points' errors go with their weights.
 */
const errorOfZero = (
  points: ReadonlyArray<LinePoint>,
  weights: ReadonlyArray<number>,
  line: Line,
  scale: number,
  fixedSlope: boolean
): number | undefined => {
  const { center, level, slope } = line
  const counted = countOf(weights)
  const parameters = fixedSlope ? 1 : 2
  if (!(counted > parameters + 0.5)) return undefined
  let [a0, a1, a2] = [0, 0, 0]
  points.forEach((point, i) => {
    const score = scale > 0 ? (residual(point, line) * Math.sqrt(point.weight)) / scale : 0
    const weight = (weights[i] ?? 0) > 0 ? point.weight * pull(score) : 0
    const x = point.x - center
    a0 += weight
    a1 += weight * x
    a2 += weight * x * x
  })
  // A⁻¹ times the zero's gradient (1, −level/slope), but for the slope.
  const reach = -level / slope
  const determinant = a0 * a2 - a1 * a1
  const [atLevel, alongSlope] = fixedSlope
    ? [1 / a0, 0]
    : [(a2 - reach * a1) / determinant, (reach * a0 - a1) / determinant]
  let variance = 0
  points.forEach((point, i) => {
    const influence = atLevel + alongSlope * (point.x - center)
    variance += ((weights[i] ?? 0) * residual(point, line) * influence) ** 2
  })
  const error = Math.sqrt((variance * counted) / (counted - parameters)) / Math.abs(slope)
  return a0 > 0 && (fixedSlope || determinant > 0) && Number.isFinite(error) ? error : undefined
}

/**
 * The line by Tukey's bisquare, iteratively reweighted from Theil and Sen's
 * line, and where it is zero. `slope` fixes the slope. None with fewer than
 * two different x (one with a fixed slope), or where the line does not slope.
 */
export const robustLine = (points: ReadonlyArray<LinePoint>, slope?: number): RobustLine | undefined => {
  const xs = new Set(points.map(({ x }) => x))
  if (xs.size < (slope === undefined ? 2 : 1)) return undefined
  let weights: ReadonlyArray<number> = points.map(({ weight }) => weight)
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const center = points.reduce((sum, { weight, x }) => sum + weight * x, 0) / all
  let line = theilSen(points, center, slope)
  const size = points.reduce(
    (greatest, { y, weight }) => Math.max(greatest, Math.abs(y) * Math.sqrt(weight)),
    0
  )
  let scale = 0
  for (let round = 0; round < ROUNDS; round++) {
    const scores = points.map((point) => residual(point, line) * Math.sqrt(point.weight))
    // Points that lie on a line but for rounding still have a scale.
    scale = Math.max(TO_DEVIATION * median(scores.map(Math.abs)), size * 1e-12)
    const width = scale
    const next = points.map(({ weight }, i) =>
      width > 0 ? weight * bisquare((scores[i] ?? 0) / width) : weight
    )
    line = leastSquares(points, next, slope, line)
    const moved = next.reduce((sum, weight, i) => sum + Math.abs(weight - (weights[i] ?? 0)), 0)
    weights = next
    if (moved <= SETTLED * all) break
  }
  const zero = line.center - line.level / line.slope
  if (!Number.isFinite(zero)) return undefined
  return {
    zero,
    slope: line.slope,
    zeroError: errorOfZero(points, weights, line, scale, slope !== undefined),
    outliers: weights.filter((weight) => weight === 0).length
  }
}
