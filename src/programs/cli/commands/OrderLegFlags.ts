/** The legs of an order as flags, and the instruments they name. */
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { printOcc } from "../../../domain/OccSymbol.ts"
import { OptionMarket } from "../../../market/OptionMarket.ts"
import { rootFor } from "../../../market/OptionRoot.ts"
import { instrumentOf } from "../CommandKit.ts"
import { badUsage } from "../Failures.ts"
import { expiryOf } from "./options/ScenarioLegs.ts"
import { orderLegExample, type TypedOrderLeg } from "./OrderLegText.ts"

/** A hundred million units are as many as a quantity holds. */
const MAX_UNITS = 100_000_000

/** `what` a leg is, and how many there may be. */
export const legFlag = (what: string, howMany: string, least: number) =>
  Flag.String("leg").pipe(
    Flag.withMetavar("leg"),
    Flag.withDescription(`${what}, such as ${orderLegExample}; ${howMany}`),
    Flag.atLeast(least)
  )

export const unitsFlag = Flag.Int("units").pipe(
  Flag.withDescription("how many times the order's legs; 1 when left out"),
  Flag.filter(
    (value) => value >= 1 && value <= MAX_UNITS,
    (value) => `expected a whole number from 1 to ${MAX_UNITS}, not ${value}`
  ),
  Flag.withDefault(1)
)

/** The instrument of a leg; `beside` is the underlying that was named for all of them, `how` where that is done. */
export const legInstrument = Effect.fnUntraced(function* (
  leg: TypedOrderLeg,
  beside: Option.Option<string>,
  how = "Name it by --symbol"
) {
  const { of, text } = leg
  if (of._tag === "Symbol") return yield* instrumentOf(of.symbol)
  const named =
    of._tag === "Terms" ? (of.underlying ?? Option.getOrUndefined(beside)) : Option.getOrUndefined(beside)
  if (named === undefined) return yield* badUsage(`--leg "${text}": of which underlying? ${how}`)
  const underlying = yield* instrumentOf(named)
  if (of._tag === "Shares") return underlying
  const options = yield* OptionMarket
  const { expiry } = yield* expiryOf(yield* options.chain(named), { end: of.end, text })
  return yield* instrumentOf(
    printOcc({ root: rootFor(underlying, expiry), expiry, right: of.right, strike: of.strike })
  )
})
