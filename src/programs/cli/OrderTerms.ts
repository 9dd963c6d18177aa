/** An order's flags, and the order they ask for. */
import { Effect, Option } from "effect"
import { Argument, Flag } from "effect/cli"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { Money, Price, Quantity } from "../../domain/Money.ts"
import type { OrderContent, OrderSide, OrderSize, OrderType, TimeInForce } from "../../domain/Order.ts"
import { amountFlag, optional, priceFlag, quantityArgument } from "./CommandKit.ts"
import { BadUsage } from "./Failures.ts"

/** As people type them, and by FIX's names. */
const tifNames = Flag.ChoiceWithValue("tif", [
  ["day", "DAY"],
  ["gtc", "GTC"],
  ["ioc", "IOC"],
  ["fok", "FOK"],
  ["open", "AT_THE_OPEN"],
  ["close", "AT_THE_CLOSE"],
  ["DAY", "DAY"],
  ["GTC", "GTC"],
  ["IOC", "IOC"],
  ["FOK", "FOK"],
  ["AT_THE_OPEN", "AT_THE_OPEN"],
  ["AT_THE_CLOSE", "AT_THE_CLOSE"]
] as const satisfies ReadonlyArray<readonly [string, TimeInForce]>)

export const priceFlags = {
  limit: optional(priceFlag("limit"), "the worst price to take"),
  stop: optional(
    priceFlag("stop"),
    "wait until the market touches this price; with --limit a stop-limit order"
  ),
  trail: optional(priceFlag("trail"), "a stop that follows the best price at this distance")
}

export const tifFlag = optional(
  tifNames,
  "how long it works; day by default, gtc is until canceled, open and close are the next ones"
)

export const termFlags = {
  quantity: quantityArgument("quantity", "shares or contracts").pipe(Argument.optional),
  notional: optional(amountFlag("notional"), "dollars to spend or to sell for, instead of a quantity"),
  ...priceFlags,
  tif: tifFlag,
  takeProfit: optional(priceFlag("take-profit"), "once filled, an exit at this limit"),
  stopLoss: optional(priceFlag("stop-loss"), "once filled, an exit at this stop"),
  oco: optional(
    Flag.String("oco").pipe(Flag.withMetavar("group")),
    "orders of one group cancel each other when one of them fills"
  )
}

export interface Terms {
  readonly quantity: Option.Option<Quantity>
  readonly notional: Option.Option<Money>
  readonly limit: Option.Option<Price>
  readonly stop: Option.Option<Price>
  readonly trail: Option.Option<Price>
  readonly tif: Option.Option<TimeInForce>
  readonly takeProfit: Option.Option<Price>
  readonly stopLoss: Option.Option<Price>
  readonly oco: Option.Option<string>
}

type Prices = Pick<Terms, "limit" | "stop" | "trail">

/** The type these prices make; a market order without any. */
export const typeOf = ({ limit, stop, trail }: Prices): Effect.Effect<OrderType, BadUsage> => {
  if (Option.isSome(trail)) {
    return Option.isSome(limit) || Option.isSome(stop)
      ? Effect.fail(new BadUsage({ message: "--trail stands alone: it takes neither --limit nor --stop" }))
      : Effect.succeed({ _tag: "TrailingStopMarket", trailingOffset: trail.value })
  }
  if (Option.isSome(stop)) {
    return Effect.succeed(
      Option.isSome(limit)
        ? { _tag: "StopLimit", stopPrice: stop.value, limitPrice: limit.value }
        : { _tag: "StopMarket", stopPrice: stop.value }
    )
  }
  return Effect.succeed(
    Option.isSome(limit) ? { _tag: "Limit", limitPrice: limit.value } : { _tag: "Market" }
  )
}

const sizeOf = ({ notional, quantity }: Terms): Effect.Effect<OrderSize, BadUsage> => {
  if (Option.isSome(quantity) && Option.isSome(notional)) {
    return Effect.fail(
      new BadUsage({ message: "a quantity and --notional are two ways to say how much: give one of them" })
    )
  }
  if (Option.isSome(quantity)) return Effect.succeed({ _tag: "Quantity", quantity: quantity.value })
  if (Option.isSome(notional)) return Effect.succeed({ _tag: "Notional", notional: notional.value })
  return Effect.fail(new BadUsage({ message: "how much? Give a quantity, or dollars by --notional" }))
}

/** The order these terms ask for. */
export const contentOf = Effect.fnUntraced(function* (
  instrumentId: InstrumentId,
  side: OrderSide,
  terms: Terms
): Effect.fn.Return<OrderContent, BadUsage> {
  const { oco, stopLoss, takeProfit, tif } = terms
  if (Option.exists(oco, (group) => group.trim() === "")) {
    return yield* new BadUsage({ message: "--oco: expected a name for the group" })
  }
  const bracket = {
    ...(Option.isSome(takeProfit) ? { takeProfitPrice: takeProfit.value } : {}),
    ...(Option.isSome(stopLoss) ? { stopLossPrice: stopLoss.value } : {})
  }
  return {
    instrumentId,
    side,
    type: yield* typeOf(terms),
    size: yield* sizeOf(terms),
    timeInForce: Option.getOrElse(tif, () => "DAY"),
    ...(Object.keys(bracket).length === 0 ? {} : { bracket }),
    ...(Option.isSome(oco) ? { ocoGroup: oco.value } : {})
  }
})
