/** The strategies that come with the program. */
import { Result, Schema } from "effect"
import { nearest } from "../../domain/Nearest.ts"
import type { BadParameter, ParameterValue } from "../Parameters.ts"
import type { Strategy } from "../Strategy.ts"
import type { StrategyDefinition } from "../StrategyDefinition.ts"
import { buyAndHold } from "./BuyAndHold.ts"
import { coveredCall } from "./CoveredCall.ts"
import { guardedHolder } from "./GuardedHolder.ts"
import { pairReversion } from "./PairReversion.ts"
import { putSpread } from "./PutSpread.ts"
import { smaCross } from "./SmaCross.ts"
import { trend } from "./Trend.ts"

/** By name; the first is the default. */
export const definitions: ReadonlyMap<string, StrategyDefinition> = new Map(
  [trend, guardedHolder, buyAndHold, coveredCall, putSpread, smaCross, pairReversion].map((definition) => [
    definition.name,
    definition
  ])
)

/** No strategy has that name. */
export class UnknownStrategy extends Schema.TaggedError<UnknownStrategy>()("UnknownStrategy", {
  name: Schema.String,
  known: Schema.Array(Schema.String),
  message: Schema.String
}) {}

/** With the default parameters. */
export const strategies: ReadonlyMap<string, Strategy> = new Map(
  [...definitions].map(([name, definition]) => [name, Result.getOrThrow(definition.bind({}))])
)

/** An error that says which name may have been meant. */
export const unknownStrategy = (name: string, known: ReadonlyArray<string>): UnknownStrategy => {
  const [meant = ""] = nearest(name, known, 1)
  return new UnknownStrategy({
    name,
    known,
    message: `There is no strategy "${name}": expected one of ${known.join(", ")}. The nearest is ${meant}.`
  })
}

/** The strategy of that name, with these values and the defaults of the others. */
export const findStrategy = (
  name: string,
  values: { readonly [name: string]: ParameterValue } = {}
): Result.Result<Strategy, UnknownStrategy | BadParameter> => {
  const found = definitions.get(name)
  return found === undefined
    ? Result.fail(unknownStrategy(name, [...definitions.keys()]))
    : found.bind(values)
}
