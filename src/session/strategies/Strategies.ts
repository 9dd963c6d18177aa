/** The strategies a run can name. */
import { Result, Schema } from "effect"
import type { Strategy } from "../Strategy.ts"
import { buyAndHold } from "./BuyAndHold.ts"
import { coveredCall } from "./CoveredCall.ts"
import { guardedHolder } from "./GuardedHolder.ts"
import { putSpread } from "./PutSpread.ts"
import { trend } from "./Trend.ts"

/** By name; the first is the default. */
export const strategies: ReadonlyMap<string, Strategy> = new Map(
  [trend, guardedHolder, buyAndHold, coveredCall, putSpread].map((strategy) => [strategy.name, strategy])
)

/** No strategy has that name. */
export class UnknownStrategy extends Schema.TaggedError<UnknownStrategy>()("UnknownStrategy", {
  name: Schema.String,
  known: Schema.Array(Schema.String),
  message: Schema.String
}) {}

/** The strategy of that name, with its default parameters. */
export const findStrategy = (name: string): Result.Result<Strategy, UnknownStrategy> => {
  const found = strategies.get(name)
  if (found !== undefined) return Result.succeed(found)
  const known = [...strategies.keys()]
  return Result.fail(
    new UnknownStrategy({
      name,
      known,
      message: `There is no strategy "${name}": expected one of ${known.join(", ")}.`
    })
  )
}
