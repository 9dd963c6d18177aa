/**
 * How much of a figure's variance over a grid each parameter explains: the
 * analysis of variance (Fisher 1925). On a full grid, where every combination is
 * there once, its shares are the first- and second-order Sobol indices (Sobol
 * 1993, "Sensitivity estimates for nonlinear mathematical models") of parameters
 * that take the grid's values with equal chance, and add up to 1:
 *
 *   f = f₀ + Σ fᵢ(xᵢ) + Σ fᵢⱼ(xᵢ, xⱼ) + …,   Sᵢ = Var fᵢ ÷ Var f,   Sᵢⱼ = Var fᵢⱼ ÷ Var f
 *
 * Where points are missing the parts cannot be told apart wholly. A share is
 * then what the parameter explains beyond all others and the pairs that it is not
 * in, or the pair beyond all parameters and all other pairs, by least squares (sums
 * of squares of type II, Yates 1934): the same number on a full grid. What several
 * explain together is in none of them; where they come to more than all of them
 * explain together, they are scaled down to that, so that shares never add up to
 * more than 1. Of a sample that is thin for the grid's
 * values, neighbouring values of a number are taken together in groups first; what
 * varies within a group is in the rest. Means of so few points vary by chance too:
 * that gives a parameter about (levels − 1) ÷ (points − 1).
 */
import { Result } from "effect"
import type { Grid, GridAxis, GridValues } from "../../Grid.ts"
import { BadRequest, type TooFewObservations, tooFew } from "../RobustnessError.ts"

export interface FigurePoint {
  readonly values: GridValues
  /** A finite number. */
  readonly figure: number
}

export interface MainEffect {
  readonly parameter: string
  /** Of the variance, 0 to 1. */
  readonly share: number
}

export interface Interaction {
  readonly parameters: readonly [string, string]
  readonly share: number
}

export interface Decomposition {
  readonly points: number
  readonly mean: number
  /** Over the points (n in the denominator). */
  readonly variance: number
  /** Every combination is there: the shares add up to 1. */
  readonly isFull: boolean
  /** Into so many groups the values of numbers were put; undefined where each stands for itself. */
  readonly groups: number | undefined
  /** Largest first; parameters with one value have none. */
  readonly main: ReadonlyArray<MainEffect>
  /** Undefined where there are too few points to tell pairs from chance: they are in the rest. */
  readonly pairs: ReadonlyArray<Interaction> | undefined
  /** What neither single parameters nor pairs explain; of a grid with gaps also what cannot be told apart. */
  readonly rest: number
}

/** The level of each point along one axis, or of two axes together. */
interface Factor {
  readonly levels: number
  readonly of: Uint32Array
}

/** Sweeps over all factors until none of them moves any more. */
const MAX_SWEEPS = 2000
/** A sweep that lessens the squares by less than this part of all is the last. */
const SMALLEST_GAIN = 1e-13

const squaresOf = (values: Float64Array): number => {
  let sum = 0
  for (const value of values) sum += value * value
  return sum
}

/** Takes the mean of each level out. */
const takeOut = (residuals: Float64Array, { levels, of }: Factor, counts: Float64Array): void => {
  const sums = new Float64Array(levels)
  for (let i = 0; i < residuals.length; i++) {
    const level = of[i] ?? 0
    sums[level] = (sums[level] ?? 0) + (residuals[i] ?? 0)
  }
  for (let i = 0; i < residuals.length; i++) {
    const level = of[i] ?? 0
    residuals[i] = (residuals[i] ?? 0) - (sums[level] ?? 0) / (counts[level] ?? 1)
  }
}

const countsOf = ({ levels, of }: Factor): Float64Array => {
  const counts = new Float64Array(levels)
  for (const level of of) counts[level] = (counts[level] ?? 0) + 1
  return counts
}

/** Squares that are left of least squares on these factors: one mean a level after the other, until nothing moves. */
const leftBy = (centred: Float64Array, factors: ReadonlyArray<Factor>): number => {
  const residuals = Float64Array.from(centred)
  const counted = factors.map((factor) => ({ factor, counts: countsOf(factor) }))
  const all = squaresOf(centred)
  let before = all
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    for (const { counts, factor } of counted) takeOut(residuals, factor, counts)
    const now = squaresOf(residuals)
    if (before - now <= SMALLEST_GAIN * all) return now
    before = now
  }
  return before
}

const together = (a: Factor, b: Factor): Factor => ({
  levels: a.levels * b.levels,
  of: a.of.map((level, i) => level * b.levels + (b.of[i] ?? 0))
})

/** Rounding leaves some 10⁻¹⁵ of nothing. */
const shareOf = (gain: number, all: number): number => {
  const share = gain / all
  return share < 1e-12 ? 0 : Math.min(1, share)
}

const bySize = (a: { readonly share: number }, b: { readonly share: number }): number => b.share - a.share

/** Groups of a number's values, at most. */
const MOST_GROUPS = 5

interface Part {
  readonly parameter: string
  readonly factor: Factor
}

/** Each value a level of its own; or, of numbers, so many groups of neighbouring values. */
const partOf = (
  { parameter, values }: GridAxis,
  points: ReadonlyArray<FigurePoint>,
  groups: number | undefined
): Part => {
  const sorted = values.filter((value) => typeof value === "number").toSorted((a, b) => a - b)
  const isGrouped = groups !== undefined && sorted.length === values.length && values.length > groups
  const levels = isGrouped ? groups : values.length
  const of = Uint32Array.from(points, (point) => {
    const value = point.values[parameter]
    return isGrouped
      ? Math.floor((sorted.findIndex((one) => one === value) * groups) / sorted.length)
      : values.findIndex((one) => one === value)
  })
  return { parameter, factor: { levels, of } }
}

/** Means that are told of these factors: one for all, and one for each level beside the first of its factor. */
const meansOf = (factors: ReadonlyArray<Factor>): number =>
  factors.reduce((sum, { levels }) => sum + levels - 1, 1)

/** The same with the two largest factors in all their combinations. */
const meansOfPairs = (parts: ReadonlyArray<Part>): number => {
  const [a = 1, b = 1, ...others] = parts.map(({ factor }) => factor.levels).toSorted((x, y) => y - x)
  return others.reduce((sum, levels) => sum + levels - 1, a * b)
}

interface Plan {
  readonly parts: ReadonlyArray<Part>
  readonly groups: number | undefined
  readonly hasPairs: boolean
}

/** Of a sample each mean has two points or more, that it says more than chance does. */
const POINTS_A_MEAN = 2
const FEWEST_GROUPS_OF_PAIRS = 3

/**
 * As fine as the points allow: each value for itself where half of the grid is there; of fewer points as many groups as leave
 * each mean two points, with pairs if that can be. Or how many points would do.
 */
const planOf = (
  axes: ReadonlyArray<GridAxis>,
  points: ReadonlyArray<FigurePoint>,
  size: number
): Plan | { readonly needs: number } => {
  const own: Plan = {
    parts: axes.map((axis) => partOf(axis, points, undefined)),
    groups: undefined,
    hasPairs: true
  }
  const ownMeans = meansOf(own.parts.map(({ factor }) => factor))
  const has = points.length
  if (has === size && size > 1) return own
  if (2 * has >= size && has > ownMeans) return own
  const coarser = Array.from({ length: MOST_GROUPS - 1 }, (_, i): Plan => {
    const groups = MOST_GROUPS - i
    return { parts: axes.map((axis) => partOf(axis, points, groups)), groups, hasPairs: true }
  })
  const enough = (means: number): boolean => has >= POINTS_A_MEAN * means
  const withPairs = [own, ...coarser.filter(({ groups = 0 }) => groups >= FEWEST_GROUPS_OF_PAIRS)]
  const most = withPairs.find(({ parts }) => enough(meansOfPairs(parts)))
  if (most !== undefined) return most
  const alone = [own, ...coarser].find(({ parts }) => enough(meansOf(parts.map(({ factor }) => factor))))
  if (alone !== undefined) return { ...alone, hasPairs: false }
  const fewest = meansOf((coarser.at(-1) ?? own).parts.map(({ factor }) => factor))
  return { needs: Math.min(POINTS_A_MEAN * fewest, Math.max(2, ownMeans + 1, Math.ceil(size / 2))) }
}

/** Shares that add up to no more than all of them explain together. */
const within = <A extends { readonly share: number }>(
  shares: ReadonlyArray<A>,
  most: number
): ReadonlyArray<A> => {
  const sum = shares.reduce((total, { share }) => total + share, 0)
  const scale = sum > most + 1e-9 ? Math.max(0, most) / sum : 1
  return shares.map((one) => ({ ...one, share: one.share * scale })).toSorted(bySize)
}

/** Decomposes the figure's variance over the points of a grid, each of which comes once. */
export const varianceDecomposition = (
  grid: Grid,
  points: ReadonlyArray<FigurePoint>
): Result.Result<Decomposition, TooFewObservations | BadRequest> => {
  const axes = grid.filter(({ values }) => values.length > 1)
  const size = axes.reduce((product, { values }) => product * values.length, 1)
  const plan = planOf(axes, points, size)
  if ("needs" in plan) {
    return Result.fail(
      tooFew("a decomposition of the variance over this grid", "points", plan.needs, points.length)
    )
  }
  const { groups, hasPairs, parts } = plan
  const mean = points.reduce((sum, { figure }) => sum + figure, 0) / points.length
  const centred = Float64Array.from(points, ({ figure }) => figure - mean)
  const all = squaresOf(centred)
  if (!(Math.sqrt(all / points.length) > 1e-12 * Math.max(1, Math.abs(mean)))) {
    return Result.fail(
      new BadRequest({ message: "the figure is the same at all points: there is no variance to explain" })
    )
  }
  const factors = parts.map(({ factor }) => factor)
  const both = parts.flatMap((a, i) =>
    parts.slice(i + 1).map((b, k) => ({
      of: [i, i + 1 + k] as const,
      parameters: [a.parameter, b.parameter] as const,
      factor: together(a.factor, b.factor)
    }))
  )
  const additive = leftBy(centred, factors)
  const whole = hasPairs ? leftBy(centred, [...factors, ...both.map(({ factor }) => factor)]) : additive
  /** Beyond all other parameters, and the pairs it is not in. */
  const beyond = parts.map(({ parameter }, i): MainEffect => {
    const others = factors.filter((_, k) => k !== i)
    const apart = hasPairs ? both.flatMap(({ factor, of }) => (of.includes(i) ? [] : [factor])) : []
    const without = leftBy(centred, [...others, ...apart])
    const by = apart.length === 0 ? additive : leftBy(centred, [...factors, ...apart])
    return { parameter, share: shareOf(without - by, all) }
  })
  const ofMain = (all - additive) / all
  const main = within(beyond, ofMain)
  /** Beyond all parameters and all other pairs. */
  const pairs = hasPairs
    ? within(
        both.map(({ parameters }, i): Interaction => {
          const others = both.flatMap(({ factor }, k) => (k === i ? [] : [factor]))
          return { parameters, share: shareOf(leftBy(centred, [...factors, ...others]) - whole, all) }
        }),
        (additive - whole) / all
      )
    : undefined
  const explained = [...main, ...(pairs ?? [])].reduce((sum, { share }) => sum + share, 0)
  return Result.succeed({
    points: points.length,
    mean,
    variance: all / points.length,
    groups,
    isFull: points.length === size,
    main,
    pairs,
    rest: shareOf(all * Math.max(0, 1 - explained), all)
  })
}
