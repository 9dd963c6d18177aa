/** Typed parameters of a strategy, each with its default, its range and what it means. */
import { Result, Schema } from "effect"

export type ParameterValue = number | string | boolean

interface Described<T extends ParameterValue> {
  readonly default: T
  /** In a phrase. */
  readonly meaning: string
  /** How an error says what was expected: "a whole number from 1 to 500". */
  readonly expected: string
  readonly is: (value: unknown) => value is T
}

/** One parameter. A range is inclusive at both ends. */
export type Parameter<T extends ParameterValue = ParameterValue> = Described<T> &
  (
    | { readonly kind: "whole" | "number"; readonly minimum: number; readonly maximum: number }
    | { readonly kind: "flag" }
    | { readonly kind: "choice"; readonly choices: ReadonlyArray<string> }
  )

interface Ranged {
  readonly default: number
  readonly minimum: number
  readonly maximum: number
  readonly meaning: string
}

const within = (value: unknown, { maximum, minimum }: Ranged): value is number =>
  typeof value === "number" && value >= minimum && value <= maximum

/** A whole number. */
export const whole = (range: Ranged): Parameter<number> => ({
  kind: "whole",
  ...range,
  expected: `a whole number from ${range.minimum} to ${range.maximum}`,
  is: (value): value is number => within(value, range) && Number.isInteger(value)
})

/** A number, ratios among them: 0.1 is 10%. */
export const decimal = (range: Ranged): Parameter<number> => ({
  kind: "number",
  ...range,
  expected: `a number from ${range.minimum} to ${range.maximum}`,
  is: (value): value is number => within(value, range)
})

/** Yes or no. */
export const flag = (options: {
  readonly default: boolean
  readonly meaning: string
}): Parameter<boolean> => ({
  kind: "flag",
  ...options,
  expected: "true or false",
  is: (value): value is boolean => typeof value === "boolean"
})

/** One of a few words. */
export const choice = <const C extends string>(options: {
  readonly choices: ReadonlyArray<C>
  readonly default: C
  readonly meaning: string
}): Parameter<C> => ({
  kind: "choice",
  ...options,
  expected: `one of ${options.choices.join(", ")}`,
  is: (value): value is C => options.choices.some((one) => one === value)
})

/** Parameters by name. */
export type Parameters = {
  readonly [name: string]: Parameter<number> | Parameter<boolean> | Parameter<string>
}

/** The values that go with parameters. */
export type ValuesOf<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never
}

/** A strategy does not take a parameter of that name, or not that value. */
export class BadParameter extends Schema.TaggedError<BadParameter>()("BadParameter", {
  strategy: Schema.String,
  parameter: Schema.String,
  message: Schema.String
}) {}

/** Values with the defaults of those that were not given; fails at the first that is unknown or outside its range. */
export const valuesOf = <P extends Parameters>(
  strategy: string,
  parameters: P,
  given: { readonly [name: string]: ParameterValue }
): Result.Result<ValuesOf<P>, BadParameter> => {
  const names = Object.keys(parameters)
  for (const [name, value] of Object.entries(given)) {
    const known = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (known === undefined) {
      const message = `strategy ${strategy} has no parameter "${name}": it has ${names.length === 0 ? "none" : names.join(", ")}`
      return Result.fail(new BadParameter({ strategy, parameter: name, message }))
    }
    if (!known.is(value)) {
      const message = `parameter ${name} of strategy ${strategy} is ${JSON.stringify(value)}: expected ${known.expected}`
      return Result.fail(new BadParameter({ strategy, parameter: name, message }))
    }
  }
  const values = Object.fromEntries(names.map((name) => [name, given[name] ?? parameters[name]?.default]))
  const isWhole = (all: object): all is ValuesOf<P> => names.every((name) => Object.hasOwn(all, name))
  if (!isWhole(values)) throw new RangeError(`the parameters of ${strategy} have no values`)
  return Result.succeed(values)
}
