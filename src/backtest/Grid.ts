/** The parameters a sweep varies, and each point of them. Pure. */
import { Result, Schema } from "effect"
import { nearest } from "../domain/Nearest.ts"
import type { Parameter, ParameterValue } from "../session/Parameters.ts"
import type { StrategyDefinition } from "../session/StrategyDefinition.ts"

/** One parameter and the values it takes, in the order they were given. */
export interface GridAxis {
  readonly parameter: string
  readonly values: readonly [ParameterValue, ...ReadonlyArray<ParameterValue>]
}

export type Grid = readonly [GridAxis, ...ReadonlyArray<GridAxis>]

export type GridValues = { readonly [parameter: string]: ParameterValue }

/** What was asked for is no grid of this strategy's parameters; says what would be. */
export class BadGrid extends Schema.TaggedError<BadGrid>()("BadGrid", {
  message: Schema.String
}) {}

/** A sweep has no more points: each is a trial, with its returns, in the ledger. */
export const MAX_POINTS = 4096
/** A grid that points are drawn from has no more: their numbers stay exact. */
const MAX_DRAWN_FROM = 1e12

/** "5..40:5": first, last, step. */
const range = /^(?<first>-?\d+(?:\.\d+)?)\.\.(?<last>-?\d+(?:\.\d+)?)(?::(?<step>\d+(?:\.\d+)?))?$/u
const plainNumber = /^-?\d+(?:\.\d+)?(?:e-?\d+)?$/iu

const decimalsOf = (text: string): number => text.split(".")[1]?.length ?? 0

/** Each value is the decimal that counting up by hand gives: 0.1, 0.2, 0.3, and not 0.30000000000000004. */
const rangeValues = (first: string, last: string, step: string): ReadonlyArray<number> | undefined => {
  const decimals = Math.max(decimalsOf(first), decimalsOf(step))
  const [from, to, by] = [Number(first), Number(last), Number(step)]
  const count = Math.floor((to - from) / by + 1e-9) + 1
  if (!(by > 0) || !(count >= 1) || count > MAX_POINTS) return undefined
  return Array.from({ length: count }, (_, i) => Number((from + i * by).toFixed(decimals)))
}

const numbersOf = (part: string): ReadonlyArray<number> | undefined => {
  const found = range.exec(part)?.groups
  if (found !== undefined) return rangeValues(found["first"] ?? "", found["last"] ?? "", found["step"] ?? "1")
  return plainNumber.test(part) ? [Number(part)] : undefined
}

const flags: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false]
])

/** What a part of a list says, as values of this kind of parameter; undefined where it says none. */
const valuesOfPart = (
  { kind }: Pick<Parameter, "kind">,
  part: string
): ReadonlyArray<ParameterValue> | undefined => {
  if (kind === "choice") return [part]
  if (kind !== "flag") return numbersOf(part)
  const value = flags.get(part)
  return value === undefined ? undefined : [value]
}

const bad = (message: string) => Result.fail(new BadGrid({ message }))

const unknownParameter = ({ name, parameters }: StrategyDefinition, parameter: string) => {
  const names = Object.keys(parameters)
  const [first = ""] = nearest(parameter, names, 1)
  return bad(
    names.length === 0
      ? `strategy ${name} has no parameters to vary`
      : `strategy ${name} has no parameter "${parameter}": did you mean ${first}? It has ${names.join(", ")}`
  )
}

/** The parameter of that name, and what it is called in messages. */
const parameterOf = (
  definition: StrategyDefinition,
  parameter: string
): Result.Result<Parameter<number> | Parameter<boolean> | Parameter<string>, BadGrid> => {
  const known = Object.hasOwn(definition.parameters, parameter) ? definition.parameters[parameter] : undefined
  return known === undefined ? unknownParameter(definition, parameter) : Result.succeed(known)
}

/** One value of a parameter as it is typed: `slow=50`. */
export const readValue = (
  definition: StrategyDefinition,
  parameter: string,
  text: string
): Result.Result<ParameterValue, BadGrid> =>
  Result.flatMap(parameterOf(definition, parameter), (known) => {
    const values = valuesOfPart(known, text.trim())
    const [value] = values ?? []
    return value !== undefined && values?.length === 1 && known.is(value)
      ? Result.succeed(value)
      : bad(`${parameter} of strategy ${definition.name} is "${text}": expected ${known.expected}`)
  })

const howToSay = "say it as NAME=5,8,10 or NAME=5..40:5"

/** One axis as it is typed: `fast=5,8,10`, `fast=5..40:5`, or both in one list. */
const readAxis = (definition: StrategyDefinition, text: string): Result.Result<GridAxis, BadGrid> => {
  const at = text.indexOf("=")
  if (at <= 0) return bad(`"${text}" is no grid: ${howToSay}`)
  const parameter = text.slice(0, at).trim()
  return Result.flatMap(parameterOf(definition, parameter), (known) => {
    const parts = text
      .slice(at + 1)
      .split(",")
      .map((part) => part.trim())
    const values: Array<ParameterValue> = []
    for (const part of parts) {
      const found = valuesOfPart(known, part)
      const outside = found?.find((value) => !known.is(value))
      if (part === "") return bad(`the grid of ${parameter} has an empty value: ${howToSay}`)
      if (found === undefined || outside !== undefined) {
        return bad(
          `the grid of ${parameter} has ${JSON.stringify(outside ?? part)}: expected ${known.expected}, as a list or FIRST..LAST:STEP`
        )
      }
      values.push(...found)
    }
    const twice = values.find((value, i) => values.indexOf(value) !== i)
    if (twice !== undefined) return bad(`the grid of ${parameter} has ${String(twice)} twice`)
    const [first, ...rest] = values
    return first === undefined
      ? bad(`the grid of ${parameter} is empty: ${howToSay}`)
      : Result.succeed({ parameter, values: [first, ...rest] })
  })
}

/** How many points a grid has. */
export const sizeOf = (grid: Grid): number => grid.reduce((size, { values }) => size * values.length, 1)

/** The grid of these texts, one an axis, over the parameters of a strategy. Where points are drawn from it, it may be large. */
export const readGrid = (
  definition: StrategyDefinition,
  texts: ReadonlyArray<string>,
  { isDrawnFrom }: { readonly isDrawnFrom: boolean } = { isDrawnFrom: false }
): Result.Result<Grid, BadGrid> => {
  const axes: Array<GridAxis> = []
  for (const text of texts) {
    const axis = readAxis(definition, text)
    if (Result.isFailure(axis)) return Result.fail(axis.failure)
    if (axes.some(({ parameter }) => parameter === axis.success.parameter)) {
      return bad(`${axis.success.parameter} has two grids: put its values in one list`)
    }
    axes.push(axis.success)
  }
  const [first, ...rest] = axes
  if (first === undefined) return bad(`a sweep needs a grid: ${howToSay}`)
  const grid: Grid = [first, ...rest]
  const size = sizeOf(grid)
  const most = isDrawnFrom ? MAX_DRAWN_FROM : MAX_POINTS
  if (size <= most) return Result.succeed(grid)
  return isDrawnFrom
    ? bad(`the grid has ${size} points, and ${most} is the most to draw from: take larger steps`)
    : bad(
        `the grid has ${size} points, and ${most} is the most of one sweep: take larger steps, sweep part of it at a time, or draw a sample of it`
      )
}

/** The values of each point, the last axis going fastest. */
export const gridPoints = (grid: Grid): ReadonlyArray<GridValues> =>
  grid.reduce<ReadonlyArray<GridValues>>(
    (points, { parameter, values }) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [parameter]: value }))),
    [{}]
  )

/** The values of one point by its number from 0, in the order of `gridPoints`. */
export const gridPointAt = (grid: Grid, index: number): GridValues => {
  const values: Array<readonly [string, ParameterValue]> = []
  let left = index
  for (const { parameter, values: axis } of grid.toReversed()) {
    values.push([parameter, axis[left % axis.length] ?? axis[0]])
    left = Math.floor(left / axis.length)
  }
  return Object.fromEntries(values.toReversed())
}
